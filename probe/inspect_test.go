package probe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"edgenet/internal/lab"
	"edgenet/internal/secret"
	"edgenet/probe"
	"edgenet/report"
)

// never are texts that no report may hold: the lab's proxy credentials as a URL and a
// header carry them, and the parts of a SAS token that sign.
var never = []string{lab.ProxyUser + ":" + lab.ProxyPassword + "@", "ZWRnZTpsYWI", "sig=", "SharedAccessSignature sr",
	"SharedAccessKey"}

// inspect holds a report against what holds of every one.
func inspect(t testing.TB, r *report.Report, plan probe.Plan, secrets ...string) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	masked := bytes.ReplaceAll(text, []byte("sig="+secret.Mask), nil) // of an echo the name may be left
	for _, s := range append(secrets, never...) {
		if s != "" && bytes.Contains(masked, []byte(s)) {
			t.Errorf("the report holds the secret %q", s)
		}
	}
	inspectJSON(t, text)
	inspectOrder(t, r, plan)
	for i := range r.Results {
		inspectResult(t, &r.Results[i])
	}
	inspectConclusions(t, r)
}

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := os.ReadFile("../report/schema.json")
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("report.json")
})

// inspectJSON: the schema holds, and no string has a character that a terminal obeys.
func inspectJSON(t testing.TB, text []byte) {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("the report breaks its schema: %v", err)
	}
	walk(v, func(path, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }) {
			t.Errorf("%s holds a control character: %q", path, s)
		}
		if len(s) > 2000 {
			t.Errorf("%s is %d bytes long", path, len(s))
		}
	}, "")
}

func walk(v any, see func(path, s string), path string) {
	switch x := v.(type) {
	case string:
		see(path, x)
	case []any:
		for i, e := range x {
			walk(e, see, fmt.Sprintf("%s[%d]", path, i))
		}
	case map[string]any:
		for k, e := range x {
			see(path, k)
			walk(e, see, path+"."+k)
		}
	}
}

// inspectOrder: the rows stand in the plan's order, and say who could use them.
func inspectOrder(t testing.TB, r *report.Report, plan probe.Plan) {
	t.Helper()
	protocols := plan.Protocols
	if len(protocols) == 0 {
		protocols = report.Protocols()
	}
	n := 0
	for _, route := range plan.Routes {
		for _, p := range protocols {
			if n >= len(r.Results) {
				t.Fatalf("%d results, more were planned", n)
			}
			res := r.Results[n]
			n++
			if res.ID != fmt.Sprintf("r%d", n) || res.Protocol != p || res.Route != route.ID || res.Host != plan.Host ||
				res.Port != p.Port() {
				t.Errorf("row %d is %s %s@%s %s:%d, want %s@%s", n, res.ID, res.Protocol, res.Route, res.Host, res.Port,
					p, route.ID)
			}
			if got, want := usable(res.RuntimeUsable), wantUsable(route, p); got != want {
				t.Errorf("%s@%s: runtimeUsable %s, want %s", p, route.ID, got, want)
			}
		}
	}
	if n != len(r.Results) {
		t.Errorf("%d results, want %d", len(r.Results), n)
	}
}

func usable(b *bool) string {
	if b == nil {
		return "unknown"
	}
	return fmt.Sprint(*b)
}

func wantUsable(route probe.Route, p report.Protocol) string {
	switch {
	case route.Proxy == nil:
		return "true"
	case route.Proxy.Scheme == "socks5" || p == report.AMQP || p == report.MQTT:
		return "false"
	case route.Proxy.Scheme == "https":
		return "unknown"
	}
	return "true"
}

// inspectResult: fields fit the status, and steps their order, hops and times.
func inspectResult(t testing.TB, r *report.Result) {
	t.Helper()
	name := string(r.Protocol) + "@" + r.Route
	last := -1
	for i, s := range r.Steps {
		at := 10 * slices.Index([]report.Hop{report.HopProxy, report.HopTarget}, s.Hop)
		at += slices.Index(stageOrder(s.Hop), s.Stage)
		if at <= last {
			t.Errorf("%s: step %d (%s %s) is out of order", name, i, s.Hop, s.Stage)
		}
		last = at
		if s.Status != report.OK && i != len(r.Steps)-1 {
			t.Errorf("%s: step %d (%s) is %s and not the last", name, i, s.Stage, s.Status)
		}
		if i > 0 && s.StartMs < r.Steps[i-1].StartMs {
			t.Errorf("%s: step %d starts before the one before it", name, i)
		}
		if (s.Hop == report.HopProxy) && r.Route == report.RouteDirect {
			t.Errorf("%s: a step at the proxy on the direct route", name)
		}
		if s.Hop == report.HopTarget && r.Route != report.RouteDirect &&
			(s.Stage == report.StageDNS || s.Stage == report.StageTCP) {
			t.Errorf("%s: a %s step at the target through a proxy", name, s.Stage)
		}
		if (s.Status == report.Failed) != (s.Cause != "") || s.Status == report.Failed &&
			(s.Summary == "" || s.Detail == nil && !strings.HasPrefix(s.Summary, "edgenet failed")) {
			t.Errorf("%s: step %s is %s with cause %q, summary %q, detail %v", name, s.Stage, s.Status, s.Cause,
				s.Summary, s.Detail)
		}
	}
	switch r.Status {
	case report.OK:
		if r.Cause != "" || r.Summary != "" || r.Latency == nil || r.Failures >= r.Attempts || len(r.Steps) == 0 ||
			r.Steps[len(r.Steps)-1].Status != report.OK && r.Steps[len(r.Steps)-1].Stage != report.StageHold {
			t.Errorf("%s: ok with %+v", name, r)
		}
		if l := r.Latency; l != nil && (l.MinMs <= 0 || l.MinMs > l.MedianMs || l.MedianMs > l.MaxMs ||
			l.MaxMs > r.DurationMs) {
			t.Errorf("%s: latency %+v within %v ms", name, *l, r.DurationMs)
		}
	case report.Failed:
		s := r.Steps[len(r.Steps)-1]
		if s.Status != report.Failed || s.Hop != r.Hop || s.Stage != r.Stage || r.Summary == "" || r.Remedy == "" ||
			r.Actor == "" || r.Latency != nil || 2*r.Failures <= r.Attempts {
			t.Errorf("%s: failed with %+v", name, r)
		}
		if strings.ContainsAny(r.Remedy, "{}") {
			t.Errorf("%s: remedy with a hole: %s", name, r.Remedy)
		}
	case report.Skipped:
		if r.SkipReason == "" || r.Cause != "" || r.Attempts != 0 || r.Failures != 0 {
			t.Errorf("%s: skipped with %+v", name, r)
		}
	default:
		t.Errorf("%s: status %q", name, r.Status)
	}
	n := 0
	for _, c := range r.FailureCauses {
		n += c
	}
	if n != r.Failures {
		t.Errorf("%s: %d failures, causes %v", name, r.Failures, r.FailureCauses)
	}
}

func stageOrder(h report.Hop) []report.Stage {
	if h == report.HopProxy {
		return []report.Stage{report.StageDNS, report.StageTCP, report.StageTLS, report.StageConnect}
	}
	return []report.Stage{report.StageDNS, report.StageTCP, report.StageTLS, report.StageWebSocket, report.StageAMQP,
		report.StageMQTT, report.StageHTTP, report.StageAuth, report.StageHold}
}

// inspectConclusions: findings cite rows that are there, and the verdict one that works.
func inspectConclusions(t testing.TB, r *report.Report) {
	t.Helper()
	var rows []string
	skipped := false
	for _, x := range r.Results {
		rows = append(rows, x.ID)
		skipped = skipped || x.Status == report.Skipped
	}
	if skipped && !r.Partial {
		t.Error("rows were skipped, and the report is not partial")
	}
	table := report.FindingTable()
	for _, f := range r.Findings {
		if !slices.ContainsFunc(table, func(i report.FindingInfo) bool { return i.Code == f.Code }) ||
			f.Summary == "" || f.Remedy == "" || f.Actor == "" || len(f.Results) == 0 {
			t.Errorf("finding %+v", f)
		}
		for _, id := range f.Results {
			if !slices.Contains(rows, id) {
				t.Errorf("finding %s cites %s, which is not there", f.Code, id)
			}
		}
	}
	if r.Verdict.Reason == "" {
		t.Error("a verdict without a reason")
	}
}
