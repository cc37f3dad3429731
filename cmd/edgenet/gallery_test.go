package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"edgenet/internal/lab"
	"edgenet/report"
	"edgenet/report/render"
)

var update = flag.Bool("update", false, "rewrite docs/scenarios.md from the runs")

const galleryFile = "../../docs/scenarios.md"

// TestGallery drives check against every scenario and every fault of the lab, and holds
// what comes against docs/scenarios.md: hop, stage, cause, verdict and exit code of each.
// What differs from run to run (ports, times) is taken out on both sides.
// It begins alone, before the parallel tests: what is starved on a busy machine looks like
// a timeout. A shot that differs is taken again, since other packages' tests run beside.
func TestGallery(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the gallery shows what Linux sees")
	}
	page, err := os.ReadFile(galleryFile)
	if err != nil {
		t.Fatal(err)
	}
	shots := allShots()
	slow := takeAll(t, shots)
	takeAgain(t, string(page), shots, false)
	t.Parallel() // nothing starves who waits for half a minute
	slow()
	takeAgain(t, string(page), shots, true)
	got := gallery(t, shots)
	if *update {
		if err := os.WriteFile(galleryFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := difference(string(page), got); diff != "" {
		t.Fatalf("docs/scenarios.md is not current (go test ./cmd/edgenet -run Gallery -update); first difference in %s",
			diff)
	}
}

// takeAgain looks twice more at the shots that differ from the page, one by one: what
// differs then is no matter of a busy machine.
func takeAgain(t *testing.T, page string, shots []*shot, slow bool) {
	for range 2 {
		for _, s := range shots {
			if !*update && s.slow == slow && !strings.Contains(page, s.text(t)) {
				t.Logf("taken again: %s", s.text(t))
				s.shared = false
				s.take(t)
			}
		}
	}
}

// difference names the first line that differs, empty where none does.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d:\n- %s\n+ %s", i+1, at(w, i), at(g, i))
		}
	}
	return ""
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

// shot is one run of the gallery.
type shot struct {
	title, about string
	args         []string
	timeout      string
	screen       bool // the screen is shown, else a row
	shared       bool // the scenario's run is that of the other tests
	slow         bool // it takes long, and is long in asking for a processor

	r report.Report
}

// allShots are the scenarios and the faults. Who trickles is given three times as long as
// others.
func allShots() []*shot {
	var shots []*shot
	for _, s := range lab.Scenarios() {
		shots = append(shots, &shot{title: s.Name, about: s.About, args: []string{"--scenario", s.Name},
			timeout: "5s", screen: true, shared: len(s.Flags) == 0, slow: s.Name == "satellite"})
	}
	for _, f := range lab.FaultNames() {
		for _, specs := range placements(f) {
			x := &shot{title: specs[0], about: f.About, timeout: "5s", slow: strings.HasSuffix(f.Name, "-drip")}
			for _, s := range specs {
				x.args = append(x.args, "--fault", s)
			}
			shots = append(shots, x)
		}
	}
	return shots
}

// text is a shot's part of the page.
func (s *shot) text(t *testing.T) string {
	if s.screen {
		return fmt.Sprintf("### %s\n\n%s: `edgenet check --lab %s`, exit code %d\n\n```\n%s```\n\n", s.title, s.about,
			strings.Join(s.args, " "), s.r.Verdict.ExitCode, draw(t, &s.r))
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %d |\n", s.title, s.about,
		seen(s.r, strings.HasPrefix(s.title, "proxy:")), chosen(s.r), s.r.Verdict.ExitCode)
}

func gallery(t *testing.T, shots []*shot) string {
	var b strings.Builder
	b.WriteString(galleryHead)
	for _, s := range shots {
		if s.screen {
			b.WriteString(s.text(t))
		}
	}
	b.WriteString(faultsHead)
	for _, s := range shots {
		if !s.screen {
			b.WriteString(s.text(t))
		}
	}
	return b.String()
}

const galleryHead = `# What an admin sees

<!-- Made by go test ./cmd/edgenet -run Gallery -update; the test holds it against real runs. -->

` + "```\nedgenet check --lab --scenario captive-portal\n```" + `

Every scenario and every fault of the built-in lab, as ` + "`edgenet check`" + ` shows it. Try each one: nothing but the binary is needed. Ports and times vary and
are made the same here. A packet that is silently dropped, ICMP answers, path MTU and NAT are no matter of loopback: they are produced in network namespaces.

## Scenarios

`

const faultsHead = `## Faults

One fault each, alone, by ` + "`edgenet check --lab --fault FAULT`" + `: what the paths that it hits end with (` + "`hop/stage cause`" + `), and what is chosen. A proxy's faults are tried
where the proxy is the only way out (with ` + "`--fault amqps=refuse --fault mqtts=refuse --fault https=refuse`" + `).

| fault | what it is | seen | chosen | exit |
|---|---|---|---|---|
`

// placements are where a fault is tried: at the port where it says most, inside a
// WebSocket too for what is spoken in one, and at a proxy that is the only way out.
func placements(f lab.FaultInfo) [][]string {
	with := func(place string, more ...string) []string { return append([]string{place + "=" + f.Name}, more...) }
	switch f.Layer {
	case "proxy":
		return [][]string{with("proxy:open", "amqps=refuse", "mqtts=refuse", "https=refuse")}
	case "amqp":
		return [][]string{with("amqps"), with("https")}
	case "mqtt":
		return [][]string{with("mqtts"), with("https")}
	case "http", "ws":
		return [][]string{with("https")}
	case "dns":
		return [][]string{with("dns")}
	case "socks":
		return [][]string{with("proxy:socks5", "amqps=refuse", "mqtts=refuse", "https=refuse")}
	case "tcp", "line", "path", "tls", "cert":
		return [][]string{with("amqps"), with("https")}
	}
	return nil // of the edgeHub and its workload API: no matter of a check
}

// takeAll runs the shots, many at a time: most wait for a timeout. It gives what waits for
// the slow ones.
func takeAll(t *testing.T, shots []*shot) (slow func()) {
	var soon, late sync.WaitGroup
	slots := make(chan struct{}, 32)
	for _, s := range shots {
		if s.slow {
			late.Go(func() { s.take(t) })
			continue
		}
		slots <- struct{}{}
		soon.Go(func() {
			defer func() { <-slots }()
			s.take(t)
		})
	}
	soon.Wait()
	return late.Wait
}

func (s *shot) take(t *testing.T) {
	doc, errs := "", ""
	if s.shared {
		x := scenarioRuns[s.title]()
		doc, errs = x.json, x.errs
	} else {
		args := append([]string{"check", "--lab", "--timeout", s.timeout}, s.args...)
		_, doc, errs = inProcess(t, append(args, "-f", "json")...)
	}
	s.r = report.Report{}
	if err := json.Unmarshal([]byte(steady(doc)), &s.r); err != nil {
		t.Errorf("%s: %v %s", s.title, err, errs)
	}
}

// seen sums up the results that did not end well; of a proxy's fault the proxied ones.
func seen(r report.Report, proxied bool) string {
	var out []string
	for _, res := range r.Results {
		if res.Status == report.OK || proxied && res.Route == report.RouteDirect {
			continue
		}
		what := "skipped"
		if res.Status == report.Failed {
			what = fmt.Sprintf("%s/%s `%s`", res.Hop, res.Stage, res.Cause)
		}
		name := string(res.Protocol)
		if res.Route != report.RouteDirect && !proxied {
			name += " by " + res.Route
		}
		i := slices.IndexFunc(out, func(s string) bool { return strings.HasSuffix(s, ": "+what) })
		if i >= 0 {
			out[i] = strings.TrimSuffix(out[i], ": "+what) + ", " + name + ": " + what
			continue
		}
		out = append(out, name+": "+what)
	}
	if len(out) == 0 {
		return "all well"
	}
	return strings.Join(out, "; ")
}

func chosen(r report.Report) string {
	if r.Verdict.UpstreamProtocol == nil {
		return "none"
	}
	return string(*r.Verdict.UpstreamProtocol)
}

// What differs from run to run.
var steadyRules = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:N"},
	{regexp.MustCompile(`"(\d{4}-\d\d-\d\dT)[^"]*Z"`), `"2026-01-02T03:04:05Z"`},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`), "2026-01-02 03:04:05 UTC"},
	{regexp.MustCompile(`"(startMs|durationMs|minMs|medianMs|maxMs|latencyMs)": [\d.e-]+`), `"$1": 7`},
	{regexp.MustCompile(`(less than )?\b\d+(\.\d+)?(e-?\d+)? ms\b`), "7 ms"},
	{regexp.MustCompile(`within \d+(\.\d+)? s\b`), "within 10 s"},
	{regexp.MustCompile(`clock is \d+ s`), "clock is 3600 s"},
}

// steady takes out of a report's JSON what differs from run to run; the screen is then
// drawn from it, so that no line breaks differently.
func steady(doc string) string {
	for _, r := range steadyRules {
		doc = r.pattern.ReplaceAllString(doc, r.text)
	}
	return doc
}

func draw(t *testing.T, r *report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := render.Text(&b, r, render.TextOptions{Width: 100, Unicode: true}); err != nil {
		t.Error(err)
	}
	return b.String()
}
