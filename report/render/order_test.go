package render

import (
	"strings"
	"testing"

	"edgenet/internal/sample"
	"edgenet/report"
)

func TestWhatComesFirstAndWhatWouldDoInstead(t *testing.T) {
	const either = "OR INSTEAD, without the proxy"
	wall := report.Finding{Code: report.FirewallAllBlocked, Severity: report.SeverityError, Actor: report.ActorFirewall, Summary: "closed", Remedy: "Open it.", Results: []string{"r1", "r2", "r3", "r4", "r5"}}
	for name, c := range map[string]struct {
		change func(*report.Report)
		want   []string // in this order, below the verdict
		not    string
	}{
		"another way":            {func(*report.Report) {}, []string{"-> proxy admin", either, "!! firewall admin"}, "AND ALSO"},
		"the same way":           {func(r *report.Report) { r.Results, r.Findings[1].Results = r.Results[5:], []string{"r8"} }, []string{"-> proxy admin", "AND ALSO", "!! firewall admin"}, "OR INSTEAD"},
		"both ways at once":      {func(r *report.Report) { r.Findings[1].Results = append(r.Findings[1].Results, "r8") }, []string{"-> proxy admin", "AND ALSO", "!! firewall admin"}, "OR INSTEAD"},
		"something works":        {func(r *report.Report) { r.Verdict.UpstreamProtocol = new(report.MQTT) }, []string{"AND ALSO"}, "OR INSTEAD"},
		"no more than a warning": {func(r *report.Report) { r.Findings[1].Severity = report.SeverityWarning }, []string{"-> proxy admin"}, "firewall admin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sample.Nothing()
			r.Findings = []report.Finding{{Code: report.ProtocolNone, Severity: report.SeverityError, Actor: report.ActorProxy, Summary: "s", Remedy: r.Results[8].Remedy, Results: []string{"r1", "r8"}}, wall}
			c.change(r)
			got := text(t, r, TextOptions{Width: 200})
			_, below, ok := strings.Cut(got, r.Verdict.Reason)
			if !ok {
				t.Fatal(got)
			}
			rest := below
			for _, w := range c.want {
				if _, rest, ok = strings.Cut(rest, w); !ok {
					t.Errorf("%q is not there or not in its place:\n%s", w, got)
				}
			}
			if strings.Contains(below, c.not) {
				t.Errorf("%q below the verdict:\n%s", c.not, got)
			}
		})
	}
}

// Who is told to set another protocol may as well have the way for the old one opened.
func TestToKeepWhatIsExpected(t *testing.T) {
	r := sample.Mismatch()
	below := func() string {
		_, after, _ := strings.Cut(text(t, r, TextOptions{Width: 200}), r.Verdict.Reason)
		return after
	}
	if got := below(); !strings.Contains(got, "OR INSTEAD, to keep Amqp\n!! firewall admin  Allow outbound TCP 5671") || strings.Contains(got, "AND ALSO") {
		t.Error(got)
	}
	r.Findings = append(r.Findings, report.Finding{Code: report.ClockSkew, Severity: report.SeverityError, Actor: report.ActorHost, Summary: "off", Remedy: "Set the clock.", Results: []string{"r1", "r2"}})
	r.Results[1].Status = report.Failed
	if got := below(); !strings.Contains(got, "AND ALSO\n!! this host  Set the clock.") {
		t.Error(got)
	}
}

// What the runtime cannot use is a limit to know of, unless it was asked to go there.
func TestALimitIsNothingToDoUnlessAskedFor(t *testing.T) {
	r := sample.ProxyOnly()
	r.Findings = append(r.Findings, report.Finding{Code: report.ProxyRuntimeLimits, Severity: report.SeverityWarning, Actor: report.ActorHost, Summary: "of no use", Remedy: "Use another.", Results: []string{"r6", "r7"}})
	todo := func() string {
		_, after, _ := strings.Cut(text(t, r, TextOptions{Width: 200}), "WHAT TO DO")
		return after
	}
	if got := todo(); strings.Contains(got, "of no use") || strings.Contains(got, "Use another.") {
		t.Error(got)
	}
	r.Verdict.Expected = report.MQTT
	if got := todo(); !strings.Contains(got, "Use another.") {
		t.Error(got)
	}
}

func TestTheBoxHasTheNameThatTheFindingsGiveIt(t *testing.T) {
	finding := func(c report.FindingCode) []report.Finding {
		return []report.Finding{{Code: c, Results: []string{"r1"}}}
	}
	for _, c := range []struct {
		cause    report.Cause
		actor    report.Actor
		findings []report.Finding
		want     string
	}{
		{report.TCPRefused, report.ActorFirewall, nil, "firewall?"},
		{report.TCPRefused, report.ActorFirewall, finding(report.FirewallPortBlocked), "firewall"},
		{report.TLSNotTLS, report.ActorNetwork, finding(report.CaptivePortal), "portal?"},
		{report.TLSNotTLS, report.ActorNetwork, nil, "network?"},
		{report.WSBlockPage, report.ActorFirewall, nil, "web filter"},
		{report.TLSIntercepted, report.ActorFirewall, finding(report.TLSInspection), "inspection"},
		{report.MQTTRefused, report.ActorService, nil, ""},
	} {
		res := report.Result{ID: "r1", Route: report.RouteDirect, Status: report.Failed, Hop: report.HopTarget, Cause: c.cause, Actor: c.actor}
		legs := newPen(TextOptions{}).legs(res, fault, c.findings)
		got := ""
		if len(legs) > 1 {
			got = legs[0].To
		}
		if got != c.want || got != "" && (!legs[0].Between || legs[0].Link != Broken || legs[1].Link != Untried) || got == "" && legs[0].Link != Broken {
			t.Errorf("%s by %s: %+v, want %q", c.cause, c.actor, legs, c.want)
		}
	}
	res := report.Result{Route: "proxy", Status: report.OK}
	for _, l := range newPen(TextOptions{}).legs(res, useless, nil) {
		if l.Link != Unused {
			t.Errorf("%+v looks as if the runtime could go there", l)
		}
	}
}
