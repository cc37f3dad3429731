//go:build netns && linux

package netns

import (
	"slices"
	"testing"

	"edgenet/report"
)

// scenes are all cases of the suite that want something of a report.
func scenes() []scene {
	return slices.Concat(verdictScenes(), tcpScenes(), dnsScenes(), inspectionScenes(), wayToProxyScenes(),
		experimentScenes(), causeScenes(), proxyScenes(), certificateScenes(),
		findingScenes(), shownScenes(), quietScenes(), ambiguousScenes(), neighbourScenes(), paceScenes(),
		mannerScenes(), addressScenes(), wayScenes(), workingScenes(), differingScenes(), lostSYNScenes(), routeScenes(),
		upstreamScenes(), secondScenes(), memberScenes(), resetScenes(), silentScenes(), installedScenes(), agreedScenes(),
		partedScenes(), originScenes(), adviceScenes(), componentScenes())
}

// elsewhere are findings that no network makes: they compare what is configured where.
// The tables of package probe's tests hold their rules.
var elsewhere = []report.FindingCode{report.ProtocolUnsetHub}

// TestEveryCodeHasACase lists the causes and findings that no case produces.
func TestEveryCodeHasACase(t *testing.T) {
	causes, findings := map[report.Cause]bool{}, map[report.FindingCode]bool{}
	for _, s := range scenes() {
		for _, w := range s.want {
			causes[w.Cause] = true
		}
		for _, c := range s.causes {
			causes[c] = true
		}
		causes[report.ConnectLimit] = causes[report.ConnectLimit] ||
			slices.Contains(s.findings, report.LimitConnections) // of a walk that was not the last
		for _, f := range s.findings {
			findings[f] = true
		}
	}
	for _, c := range report.Causes() {
		if !causes[c.Code] {
			t.Errorf("no case produces the cause %s", c.Code)
		}
	}
	for _, f := range report.FindingTable() {
		if f.Group == report.GroupLog {
			continue // internal/logs holds those against logs
		}
		if known := slices.Contains(elsewhere, f.Code); findings[f.Code] == known {
			t.Errorf("the finding %s: a case %v, elsewhere %v", f.Code, findings[f.Code], known)
		}
	}
}
