package judge

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/iothub"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// The routes of the hand-made results, by id.
const (
	proxyURL = "http://user:s3cret@proxy.test:3128"
	httpsURL = "https://secure.test:443"
	socksURL = "socks5://socks.test:1080"
)

func mustProxy(t testing.TB, raw string) *proxyurl.Proxy {
	t.Helper()
	p, err := proxyurl.Parse(raw, "flag")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// asking makes a question: directly where there is a "direct", and through the proxies.
func asking(t testing.TB, routes ...string) Question {
	t.Helper()
	q := Question{Host: "hub.azure-devices.net", Public: true, HubRoots: iothub.HubRoots()}
	if slices.Contains(routes, report.RouteDirect) {
		q.Routes = append(q.Routes, Route{ID: report.RouteDirect})
	}
	n := 0
	for _, raw := range routes {
		if raw == report.RouteDirect {
			continue
		}
		n++
		id := "proxy"
		if n > 1 {
			id = fmt.Sprintf("proxy%d", n)
		}
		p := mustProxy(t, raw)
		q.Routes = append(q.Routes, Route{ID: id, URL: p.String(), Address: p.Address(), Scheme: p.Scheme,
			Source: p.Source})
	}
	return q
}

// usable is what the runtime can do with a route.
func usable(t testing.TB, r Route, p report.Protocol) *bool {
	t.Helper()
	if !r.Proxied() {
		return say(true)
	}
	return mustProxy(t, r.Scheme+"://"+r.Address).RuntimeUsable(p)
}

// lines makes results out of lines such as "AMQP@direct ok", "MQTTWS@proxy
// connect.forbidden", "AMQP@proxy proxy/tcp.refused", "HTTPS@direct skipped".
func pathLines(t testing.TB, q Question, lines ...string) []report.Result {
	t.Helper()
	var out []report.Result
	for i, line := range lines {
		path, outcome, ok := strings.Cut(line, " ")
		name, route, ok2 := strings.Cut(path, "@")
		way, found := q.route(route)
		if !ok || !ok2 || !found {
			t.Fatalf("line %q", line)
		}
		p := report.Protocol(name)
		r := report.Result{ID: fmt.Sprintf("r%d", i+1), Host: q.Host, Port: p.Port(), Protocol: p, Route: route,
			Endpoint:      report.EndpointIoTHub,
			RuntimeUsable: usable(t, way, p), Attempts: 1, Steps: []report.Step{}}
		settle(&r, outcome)
		out = append(out, r)
	}
	return out
}

// settle gives a result its outcome.
func settle(r *report.Result, outcome string) {
	switch outcome {
	case "ok":
		r.Status = report.OK
		r.Latency = &report.Latency{MinMs: 1, MedianMs: report.Millis(r.Port), MaxMs: 9000}
	case "skipped":
		r.Status, r.SkipReason, r.Attempts = report.Skipped, "the deadline of the round came first", 0
	default:
		cause, atProxy := strings.CutPrefix(outcome, "proxy/")
		r.Status, r.Cause, r.Hop, r.Failures = report.Failed, report.Cause(cause), report.HopTarget, 1
		r.Summary = cause + " was seen"
		if atProxy || strings.HasPrefix(cause, "connect.") {
			r.Hop = report.HopProxy
		}
		stage, _, _ := strings.Cut(cause, ".")
		r.Stage = report.Stage(map[string]string{"ws": "websocket", "unknown": "tls"}[stage])
		if r.Stage == "" {
			r.Stage = report.Stage(stage)
		}
		r.Actor, r.Remedy = r.Cause.ActorAt(r.Hop), r.Cause.RemedyAt(r.Hop, r.Host, r.Port, "")
		r.Steps = []report.Step{{Hop: r.Hop, Stage: r.Stage, Status: report.Failed, Cause: r.Cause, Summary: r.Summary}}
	}
}

// every gives all five protocols of a route one outcome.
func every(route, outcome string) []string {
	var out []string
	for _, p := range report.Protocols() {
		out = append(out, string(p)+"@"+route+" "+outcome)
	}
	return out
}

// with changes lines of every.
func with(lines []string, changes ...string) []string {
	out := slices.Clone(lines)
	for _, c := range changes {
		path, _, _ := strings.Cut(c, " ")
		i := slices.IndexFunc(out, func(l string) bool { return strings.HasPrefix(l, path+" ") })
		out[i] = c
	}
	return out
}

// said is a verdict in words: PROTOCOL@ROUTE, HTTPS's route, consistency, exit code.
func said(v report.Verdict) string {
	up, https, same := "none", "unknown", ""
	if v.UpstreamProtocol != nil {
		up = string(*v.UpstreamProtocol) + "@" + v.Route
	}
	if v.HTTPSOK != nil {
		https = "no"
		if *v.HTTPSOK {
			https = v.HTTPSRoute
		}
	}
	if v.Consistent != nil {
		same = fmt.Sprintf(", consistent %v", *v.Consistent)
	}
	return fmt.Sprintf("%s, https %s%s, exit %d", up, https, same, v.ExitCode)
}

func routesOf(s string) []string {
	urls := map[string]string{"direct": "direct", "proxy": proxyURL, "https": httpsURL, "socks": socksURL}
	var out []string
	for _, f := range strings.Fields(s) {
		out = append(out, urls[f])
	}
	return out
}

// findingRow is what a rule says of hand-made results.
type findingRow struct {
	name   string
	routes string
	rows   []string
	plan   func(*Question)
	change func(t *testing.T, rs []report.Result)
	code   report.FindingCode
	want   string // severity actor results: summary | remedy; zero means that it must not show
}

func runFindings(t *testing.T, table []findingRow) {
	t.Helper()
	for _, row := range table {
		t.Run(string(row.code)+": "+row.name, func(t *testing.T) {
			t.Parallel()
			plan := asking(t, routesOf(row.routes)...)
			if row.plan != nil {
				row.plan(&plan)
			}
			results := pathLines(t, plan, row.rows...)
			if row.change != nil {
				row.change(t, results)
			}
			v := Choose(results, plan, false)
			before, err := json.Marshal(results)
			if err != nil {
				t.Fatal(err)
			}
			found := Findings(results, plan, v)
			if !reflect.DeepEqual(found, Findings(results, plan, v)) {
				t.Error("twice is not the same")
			}
			if after, err := json.Marshal(results); err != nil || string(after) != string(before) {
				t.Error("the results were changed")
			}
			var got []string
			for i, f := range found {
				if i > 0 && f.Severity != found[i-1].Severity && (f.Severity == report.SeverityError ||
					found[i-1].Severity == report.SeverityInfo) {
					t.Errorf("%s comes after %s", f.Severity, found[i-1].Severity)
				}
				if f.Code == row.code {
					got = append(got, fmt.Sprintf("%s %s %s: %s | %s", f.Severity, f.Actor,
						strings.Join(f.Results, ","), f.Summary, f.Remedy))
				}
				if strings.Contains(f.Summary+f.Remedy, "s3cret") {
					t.Error("a finding holds the password")
				}
			}
			if g := strings.Join(got, "\n"); row.want == "" && g != "" || !strings.Contains(g, row.want) ||
				strings.HasPrefix(g, row.want) != (row.want != "" || g == "") {
				t.Errorf("%s\nwant %s", g, row.want)
			}
		})
	}
}

// remote gives every direct row with a TCP step an address.
func remote(ip string) func(t *testing.T, rs []report.Result) {
	return func(_ *testing.T, rs []report.Result) {
		for i := range rs {
			r := &rs[i]
			if r.Route == report.RouteDirect && r.Stage != report.StageDNS {
				target(r, report.StageTCP, &report.TCPDetail{Remote: fmt.Sprintf("%s:%d", ip, r.Port)})
				if r.Status == report.OK {
					r.Steps = append(r.Steps, report.Step{Hop: report.HopTarget, Stage: report.StageTLS,
						Status: report.OK, Detail: &report.TLSDetail{}})
				}
			}
		}
	}
}

func all(changes ...func(t *testing.T, rs []report.Result)) func(t *testing.T, rs []report.Result) {
	return func(t *testing.T, rs []report.Result) {
		for _, c := range changes {
			c(t, rs)
		}
	}
}
