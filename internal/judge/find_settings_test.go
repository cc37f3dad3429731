package judge

import (
	"fmt"
	"testing"

	"edgenet/report"
)

// TestSettings: what this host's settings show by themselves stands beside what the
// probes found, and is not told twice.
func TestSettings(t *testing.T) {
	f := func(c report.FindingCode, s report.Severity) report.Finding {
		return report.Finding{Code: c, Severity: s, Actor: report.ActorHost, Summary: "of the settings", Remedy: "r",
			Results: []string{}}
	}
	found := []report.Finding{f(report.ProxyScheme, report.SeverityWarning),
		f(report.ProtocolUnsetHub, report.SeverityError), f(report.ProtocolInconsistent, report.SeverityError)}
	got := settingsAlone(found, []report.Finding{
		f(report.ProtocolInconsistent, report.SeverityError), // another place, another remedy
		f(report.ProxyScheme, report.SeverityWarning),        // the same route
		f(report.ProxyScheme, report.SeverityError),          // another fault of a URL
		f(report.ProtocolUnsetHub, report.SeverityWarning),   // told with evidence
		f(report.ProxyNoProxyIgnored, report.SeverityWarning),
	})
	var codes []string
	for _, g := range got {
		codes = append(codes, fmt.Sprintf("%s %s", g.Code, g.Severity))
	}
	if s := fmt.Sprint(codes); s != "[protocol.inconsistent error proxy.scheme error proxy.no-proxy-ignored warning]" {
		t.Error(s)
	}
	all := Findings(nil, Question{Settings: []report.Finding{f(report.ProxyNoProxyIgnored, report.SeverityWarning),
		f(report.ProtocolInconsistent, report.SeverityError)}}, report.Verdict{})
	if n := len(all); n < 2 || all[0].Severity != report.SeverityError {
		t.Errorf("got %+v", all)
	}
}
