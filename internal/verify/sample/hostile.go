package sample

import "edgenet/report"

// Evil is what a stranger might write: terminal escapes, overrides, invalid bytes.
const Evil = "\x1b[31mred\x1b]0;owned\x07\u202egnp.exe\u200b\u009b2J\r\nfake: ok\xff日本語テスト"

// Hostile has Evil in every place.
func Hostile() *report.Report { return HostileWith(Evil) }

// HostileWith has the text wherever a stranger could put one.
func HostileWith(evil string) *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, report.Route{ID: "proxy", URL: "http://" + evil, Source: evil})
	r.Target = report.Target{Hub: "hub" + evil, Source: evil}
	r.Device = &report.Device{Host: evil, ID: evil + "d", Source: evil, Labels: map[string]string{"k" + evil: evil,
		"k_" + evil: evil}}
	for i := range r.Results {
		res := &r.Results[i]
		res.Host = hub + evil
		if i%2 == 0 {
			fail(res, report.HopTarget, report.StageTLS, report.Unknown, evil, &report.TLSDetail{ServerName: evil,
				Vendor: evil, FirstBytes: evil, Reason: evil,
				Chain: []report.Certificate{{Subject: evil, Issuer: evil}},
				Trust: map[string]report.Trust{evil: {Reason: evil}}}, 3)
			res.Remedy = evil
		}
	}
	r.Results[1].Status, r.Results[1].SkipReason = report.Skipped, evil
	r.Results[3].Protocol, r.Results[3].Route = report.Protocol(evil), evil
	r.Findings = []report.Finding{{FollowsFrom: []report.FindingCode{report.FindingCode(evil)},
		Code: report.FindingCode(evil), Severity: report.Severity(evil), Actor: report.Actor(evil), Summary: evil,
		Remedy: evil, Results: []string{"r1"}}}
	r.Verdict = report.Verdict{UpstreamProtocol: ptr(report.Protocol(evil)), Route: evil, Reason: evil,
		Expected: report.Protocol(evil), Depth: evil, ExitCode: 3,
		Closed: []report.Closed{{Protocol: report.Protocol(evil), Route: evil, ResultID: "r1",
			State: report.PathState(evil)}}}
	r.Vantage = &report.Vantage{Resolvers: []string{evil, evil}, Gateways: []string{evil},
		Interfaces: []report.Interface{{Name: evil, MTU: 1500, Addresses: []string{evil}}}}
	r.Container = &report.Container{Engine: evil, Network: evil, NetworkSource: evil, Subnets: []string{evil},
		Report: &report.Report{Schema: report.Schema, Results: r.Results, Vantage: r.Vantage},
		Differences: []report.Difference{
			{Result: "r1", Protocol: report.Protocol(evil), Route: evil, Host: "ok", Container: evil, Why: evil,
				Remedy: evil, Actor: report.Actor(evil)},
			{Result: evil, Protocol: report.AMQP, Route: "direct", Host: evil, Container: "ok", Why: "w" + evil,
				Remedy: evil, Actor: report.ActorHost}}}
	told(r)
	r.Advice = append(r.Advice, report.Advice{Actor: report.Actor(evil), Do: evil, ForThem: evil, Why: evil,
		Severity: report.Severity(evil), Findings: []report.FindingCode{report.FindingCode(evil)},
		Results: []string{evil}, OrInstead: evil, Way: evil},
		report.Advice{Actor: report.ActorProxy, Do: evil, ForThem: evil, Why: evil, Severity: report.SeverityError,
			Results: []string{"r1"}, OrInstead: evil, Way: "w" + evil})
	return r
}
