//go:build netns && linux

package netns

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

var update = flag.Bool("update", false,
	"write docs/comparison.md anew; needs curl, openssl, nmap and prometheus-blackbox-exporter")

const comparison = "../../../docs/comparison.md"

// TestComparison writes, with -update, what other tools say of the suite's faults beside
// what edgenet says. Without, it sees that the table is there and whole.
func TestComparison(t *testing.T) {
	t.Parallel()
	if !*update {
		text, err := os.ReadFile(comparison)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n| ") - 1; n < 30 {
			t.Errorf("%s has %d faults: write it anew with -update", comparison, n)
		}
		end, err := concluding(func(name string) bool { return strings.Contains(string(text), "\n| "+name+" | ") })
		if err != nil || !strings.Contains(string(text), end) {
			t.Errorf("what the answers lead to is not what %s says: %v", comparison, err)
		}
		return
	}
	if bench.why != "" {
		blackbox.Miss(t, bench.why)
	}
	blackbox.Need(t, "curl", "openssl", "nmap", "prometheus-blackbox-exporter")
	var mu sync.Mutex
	rows := map[string]string{} // those that are not asked anew (-run Comparison/NAME) stay as they are
	if old, err := os.ReadFile(comparison); err == nil {
		for _, line := range strings.Split(string(old), "\n") {
			if cells := strings.SplitN(line, " | ", 3); len(cells) == 3 {
				rows[strings.TrimPrefix(cells[0], "| ")] = line + "\n"
			}
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		var b strings.Builder
		b.WriteString(comparisonIntro())
		for _, s := range compared() {
			b.WriteString(rows[s.name])
		}
		end, err := concluding(func(name string) bool { return rows[name] != "" })
		if err != nil {
			t.Error(err)
		}
		b.WriteString(end)
		if err := os.WriteFile(comparison, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a document
			t.Error(err)
		}
	})
	for _, s := range compared() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			blackbox.Need(t, s.need...)
			row := compare(t, s)
			mu.Lock()
			defer mu.Unlock()
			rows[s.name] = row
		})
	}
}

// silent tells whether a case is about something that is amiss where all paths work, or about a name
// that leads to the wrong place.
func silent(s scene) bool {
	return slices.ContainsFunc([]string{"upstream: ", "IPv6 alone: ", "address: ", "origin: ", "a link of ",
		"round trips of 1.3 s", "lost: ", "differs: ", "proxy: two connections", "proxy: it names", "impostor: ",
		"two routers", "all: ", "advice: "},
		func(p string) bool { return strings.HasPrefix(s.name, p) })
}

// compared are the cases that are about one path that fails, or about what nobody notices.
func compared() []scene {
	return slices.DeleteFunc(scenes(), func(s scene) bool {
		if silent(s) {
			return false
		}
		return strings.HasPrefix(s.name, "quiet: ") || len(s.want) == 0 || s.want[0].Cause == "" || strings.HasPrefix(string(s.want[0].Cause), "auth.") ||
			strings.HasPrefix(s.name, "ambiguous")
	})
}

func comparisonIntro() string {
	version := func(line ...string) string {
		out, _ := exec.Command(line[0], line[1:]...).CombinedOutput() //nolint:gosec // lines below
		first, _, _ := strings.Cut(string(out), "\n")
		return strings.Join(strings.Fields(first)[:min(len(strings.Fields(first)), 4)], " ")
	}
	return "# What other tools say of the same faults\n\n```\ngo test -tags netns ./internal/verify/netns/ -run " +
		"Comparison\n```\n\n" +
		"<!-- Made by: go test -tags netns ./internal/verify/netns/ -run Comparison -update (root, Linux, the tools " +
		"below installed) -->\n\n" +
		"Each fault was produced for real, in network namespaces: a client, a firewall, a provider's router, a hub, " +
		"and the site's own proxy and name server, with nftables, routes and\n" +
		"servers that others wrote. Every tool was asked about the same port of the same hub, through the same proxy " +
		"where there is one, with the same CA file, and got a few seconds.\n" +
		"What stands here is the tool's last word, cut to fit; edgenet's is cause, actor and summary of the row, and " +
		"the findings beside it. What the runtime's own `iotedge check` says of fourteen networks is in " +
		"[runtime.md](runtime.md).\n\n" +
		"| tool | version | asked |\n|---|---|---|\n" +
		"| curl | " + version("curl", "--version") + " | `curl -sS -m 4 --cacert CA [-x PROXY] https://HUB:PORT/` |\n" +
		"| openssl | " + version("openssl", "version") + " | `openssl s_client -brief -connect HUB:PORT -servername " +
		"HUB -CAfile CA -verify_return_error [-proxy PROXY]` |\n" +
		"| nmap | " + version("nmap", "--version") + " | `nmap -Pn --reason -p PORT HUB` (it knows no proxy) |\n" +
		"| blackbox exporter | " + version("prometheus-blackbox-exporter", "--version") +
		" | `tcp` prober with TLS; through a proxy the `http` prober |\n\n" +
		"## The faults\n\n| fault | curl | openssl s_client | nmap | blackbox exporter | edgenet " +
		"|\n|---|---|---|---|---|---|\n"
}

// question is what every tool is asked.
type question struct {
	hub, port, proxy, ca string
}

func compare(t *testing.T, s scene) string {
	t.Helper()
	n := newNetwork(t)
	n.env = s.env
	s.setup(n)
	w := blackbox.Want{Protocol: report.HTTPS}
	if len(s.want) > 0 {
		w = s.want[0]
	}
	if w.Route == "" && slices.Contains(s.args, "--proxy") && slices.Contains(s.args, "proxy") {
		w.Route = "proxy"
	}
	q := question{hub: hubName, port: fmt.Sprint(w.Protocol.Port()), ca: n.ca}
	if strings.HasPrefix(s.name, "all: ") { // the hub answers: what matters is the registry
		q.hub, q.port = "mcr.microsoft.com", "443"
	}
	for i, a := range s.args {
		switch {
		case a == "--hub":
			q.hub = s.args[i+1]
		case a == "--proxy" && w.Route == "proxy" && q.proxy == "":
			q.proxy = s.args[i+1]
		}
	}
	if q.ca == "" {
		q.ca = n.write("none.pem", string(bench.authority.PEM()))
	}
	n.startExporter(q)
	tools := []func(*network, question) string{curl, sClient, nmap, exporter}
	said := make([]string, len(tools))
	var wg sync.WaitGroup
	for i, tool := range tools {
		wg.Go(func() { said[i] = tool(n, q) })
	}
	wg.Wait()
	o := n.check(testkit.Within(t, 60*time.Second), s.line(n)...)
	for _, err := range o.Verify(s.want[:min(len(s.want), 1)]...) {
		t.Error(err)
	}
	cells := append([]string{s.name}, said...)
	for i := range cells {
		cells[i] = cell(cells[i], 110)
	}
	return "| " + strings.Join(append(cells, edgenetSays(o, w)), " | ") + " |\n"
}

// ask runs a tool as the client and gives what it printed.
func (n *network) ask(line ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", n.ns("cli")},
		line...)...) //nolint:gosec // lines of this file
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "LANG=C.UTF-8"}
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return string(out) + "\n(no end within 8 s)"
	}
	if len(out) == 0 && err != nil {
		return err.Error()
	}
	return string(out)
}

func curl(n *network, q question) string {
	line := []string{"curl", "-sS", "-m", "4", "--cacert", q.ca, "-o", "/dev/null", "-w", "HTTP %{http_code}"}
	if q.proxy != "" {
		line = append(line, "-x", q.proxy)
	}
	out := n.ask(append(line, "https://"+q.hub+":"+q.port+"/")...)
	return strings.TrimSpace(strings.ReplaceAll(out, "HTTP 000", ""))
}

func sClient(n *network, q question) string {
	line := []string{"timeout", "4", "openssl", "s_client", "-brief", "-connect", q.hub + ":" + q.port, "-servername",
		q.hub, "-CAfile", q.ca, "-verify_return_error"}
	if q.proxy != "" {
		if !strings.HasPrefix(q.proxy, "http://") {
			return "knows no such proxy"
		}
		_, at, found := strings.Cut(strings.TrimPrefix(q.proxy, "http://"), "@")
		if !found {
			at = strings.TrimPrefix(q.proxy, "http://")
		}
		line = append(line, "-proxy", at)
	}
	out := n.ask(line...)
	if out == "exit status 124" {
		return "says nothing within 4 s"
	}
	for _, l := range strings.Split(out, "\n") { // the first that complains
		for _, w := range []string{"error", "errno", "failure", "alert"} {
			if strings.Contains(strings.ToLower(l), w) {
				return l
			}
		}
	}
	if strings.Contains(out, "CONNECTION ESTABLISHED") {
		return "CONNECTION ESTABLISHED"
	}
	return lastLine(out)
}

var nmapState = regexp.MustCompile(`(?m)^\d+/tcp +(\S+) +\S+ *(.*)$`)

func nmap(n *network, q question) string {
	out := n.ask("nmap", "-Pn", "-n", "--reason", "--max-retries", "1", "--host-timeout", "6s", "-p", q.port, q.hub)
	if m := nmapState.FindStringSubmatch(out); m != nil {
		return q.port + "/tcp " + m[1] + " " + m[2]
	}
	for _, l := range strings.Split(out, "\n") {
		if strings.Contains(l, "Failed") || strings.Contains(l, "route") || strings.Contains(l, "timed out") {
			return l
		}
	}
	return lastLine(out)
}

// startExporter starts a blackbox exporter as the client, with a module m for the question.
func (n *network) startExporter(q question) {
	n.t.Helper()
	conf := "modules:\n  m:\n    prober: tcp\n    timeout: 4s\n    tcp:\n      tls: true\n      " +
		"preferred_ip_protocol: ip4\n      tls_config:\n        ca_file: " + q.ca + "\n        server_name: " +
		q.hub + "\n"
	if q.proxy != "" {
		conf = "modules:\n  m:\n    prober: http\n    timeout: 4s\n    http:\n      proxy_url: " + q.proxy +
			"\n      skip_resolve_phase_with_proxy: true\n      preferred_ip_protocol: ip4\n      tls_config:\n      " +
			"  ca_file: " + q.ca + "\n"
	}
	n.listens(n.start("cli", "prometheus-blackbox-exporter", "--config.file="+n.write("exporter.yml", conf),
		"--web.listen-address=127.0.0.1:9115"), "cli", "-t", "127.0.0.1:9115")
}

// exporter asks it, and gives the log's error.
func exporter(n *network, q question) string {
	target := q.hub + ":" + q.port
	if q.proxy != "" {
		target = "https://" + q.hub + ":" + q.port + "/"
	}
	out := n.ask("curl", "-sS", "-m", "7", "http://127.0.0.1:9115/probe?module=m&debug=true&target="+target)
	success := "probe_success 0"
	if strings.Contains(out, "probe_success 1") {
		return "probe_success 1"
	}
	for _, l := range strings.Split(out, "\n") {
		if i := strings.Index(l, "msg="); i >= 0 && (strings.Contains(l, "level=error") ||
			strings.Contains(l, "err=")) {
			return success + ": " + strings.TrimPrefix(l[i:], "msg=")
		}
	}
	if strings.Contains(out, "probe_success") {
		return success
	}
	return lastLine(out)
}

func edgenetSays(o *blackbox.Outcome, w blackbox.Want) string {
	route := w.Route
	if route == "" {
		route = report.RouteDirect
	}
	out := ""
	for _, r := range o.Report.Results {
		if r.Protocol != w.Protocol || r.Route != route {
			continue
		}
		if out = fmt.Sprintf("**%s** (%s): %s", r.Cause.Label(r.Hop), r.Actor, cell(r.Summary, 400)); r.Cause == "" {
			return "works" + beside(o.Report.Findings)
		}
		for _, f := range o.Report.Findings {
			if slices.Contains(f.Results, r.ID) && f.Code != report.ProtocolNone && f.Code != report.HTTPSRequired &&
				f.Code != report.ProtocolMismatch {
				out += fmt.Sprintf("; *%s*", f.Code)
				if f.Code == report.FirewallWhere {
					out += ": " + cell(f.Summary, 300)
				}
			}
		}
	}
	return out
}

// beside says what is found where a path works.
func beside(found []report.Finding) string {
	out := ""
	for _, f := range found {
		out += fmt.Sprintf("; **%s** (%s): %s", f.Code, f.Actor, cell(f.Summary, 400))
	}
	return out
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

var volatile = regexp.MustCompile(`/tmp/\S+/|\b[0-9A-F]{16}:`)

// cell fits a text into a table's cell.
func cell(s string, limit int) string {
	s = report.Clean(volatile.ReplaceAllString(s, ""), limit)
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "*", "\\*").Replace(s)
}
