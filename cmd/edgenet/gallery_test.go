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
// It runs alone, before the parallel tests: what is starved on a busy machine looks like
// a timeout.
func TestGallery(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the gallery shows what Linux sees")
	}
	got := gallery(t)
	if *update {
		if err := os.WriteFile(galleryFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(galleryFile)
	if err != nil {
		t.Fatal(err)
	}
	diff := difference(string(want), got)
	for range 2 { // the tests of other packages run beside: what was starved is looked at again
		if diff == "" {
			return
		}
		t.Logf("taken again: %s", diff)
		diff = difference(string(want), gallery(t))
	}
	if diff != "" {
		t.Fatalf("docs/scenarios.md is not current (go test ./cmd/edgenet -run Gallery -update); first difference in %s",
			diff)
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
	screen       bool // the screen is shown, else a row

	r report.Report
}

func gallery(t *testing.T) string {
	var shots []*shot
	for _, s := range lab.Scenarios() {
		shots = append(shots, &shot{title: s.Name, about: s.About, args: []string{"--scenario", s.Name}, screen: true})
	}
	for _, f := range lab.FaultNames() {
		for _, specs := range placements(f) {
			args := []string{}
			for _, s := range specs {
				args = append(args, "--fault", s)
			}
			shots = append(shots, &shot{title: specs[0], about: f.About, args: args})
		}
	}
	takeAll(t, shots)
	var b strings.Builder
	b.WriteString(galleryHead)
	for _, s := range shots {
		if s.screen {
			fmt.Fprintf(&b, "### %s\n\n%s: `edgenet check --lab %s`, exit code %d\n\n```\n%s```\n\n", s.title, s.about,
				strings.Join(s.args, " "), s.r.Verdict.ExitCode, draw(t, &s.r))
		}
	}
	b.WriteString(faultsHead)
	for _, s := range shots {
		if !s.screen {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %d |\n", s.title, s.about,
				seen(s.r, strings.HasPrefix(s.title, "proxy:")), chosen(s.r), s.r.Verdict.ExitCode)
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

// takeAll runs the shots, some at a time: most wait for a timeout.
func takeAll(t *testing.T, shots []*shot) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 24)
	for _, s := range shots {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			timeout := "5s"
			if s.title == "satellite" {
				timeout = "30s"
			}
			args := append([]string{"check", "--lab", "--timeout", timeout}, s.args...)
			_, doc, errs := inProcess(t, append(args, "-f", "json")...)
			if err := json.Unmarshal([]byte(steady(doc)), &s.r); err != nil {
				t.Errorf("%s: %v %s", s.title, err, errs)
			}
		})
	}
	wg.Wait()
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
