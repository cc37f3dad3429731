package judge

import (
	"slices"
	"sort"

	"edgenet/report"
)

// view is what the rules look at.
type view struct {
	results []report.Result
	q       Question
	verdict report.Verdict
	inside  *places // nil unless two places were looked at
}

// conclusion is what a rule draws: the facts that the severity goes by, the results that
// it rests on, and the sentences with their values.
type conclusion struct {
	facts   report.Facts
	actor   report.Actor // zero: the row's
	summary string
	remedy  string // for whoever acts
	results []*report.Result
	// programs of the device whose own settings it is about
	components []string
}

// row ties a code to the rule that draws it. What else is decided of the finding (group,
// severity, actor, what it follows from) stands in the report's table.
type row struct {
	code report.FindingCode
	rule func(*view) []conclusion
	// leads tells whether the finding's words say more of a failure than its own; nil: of none
	leads func(*report.Result) bool
}

func ofAny(*report.Result) bool { return true }

// ofOthers: a certificate that is refused for its time is not refused for who made it.
func ofOthers(d *report.Result) bool { return !offTime(d) }

// ofNames: what fails behind the name fails for reasons of its own.
func ofNames(d *report.Result) bool { return d.Stage == report.StageDNS }

// rows in the order in which findings of the same severity are told: the most useful
// first.
func rows() []row {
	return []row{
		{report.ProtocolNone, protocolNone, nil},
		{report.ProtocolMismatch, protocolMismatch, nil},
		{report.ProtocolInconsistent, ownWays, nil},
		{report.HTTPSRequired, httpsRequired, nil},
		{report.DPSUnreachable, dpsUnreachable, nil},
		{report.ProtocolUnsetHub, protocolUnsetHub, nil},
		{report.CertificateImpostor, impostor, ofAny},
		{report.TLSInspection, tlsInspection, ofOthers},
		{report.TLSCAMissingInBundle, caMissingInBundle, nil},
		{report.TLSCAMissingInOS, caMissingInOS, nil},
		{report.HostBusy, hostBusy, nil},
		{report.ProxyNotAsRuntime, notAsRuntime, nil},
		{report.AddressStale, hostsFile, ofAny},
		{report.DNSFilter, dnsFilter, nil},
		{report.RouteOther, routeOther, ofAny},
		{report.PrivateEndpointUnreachable, privateUnreachable, nil},
		{report.DNSHijack, dnsHijack, ofAny},
		{report.CaptivePortal, captivePortal, ofAny},
		{report.ClockSkew, clockSkewed, nil},
		{report.MTUBlackhole, mtuBlackhole, ofAny},
		{report.ContainerNoIPv6, containerNoIPv6, nil},
		{report.FirewallSNI, firewallSNI, ofAny},
		{report.FirewallProtocol, firewallProtocol, ofAny},
		{report.FirewallAllBlocked, firewallAllBlocked, nil},
		{report.FirewallPortBlocked, firewallPortBlocked, nil},
		{report.ProxyScheme, proxyScheme, nil},
		{report.ProxyUnneeded, proxyUnneeded, nil},
		{report.ProxyRequired, proxyRequired, nil},
		{report.ProxyRuntimeLimits, proxyRuntimeLimits, nil},
		{report.ProxyNoProxyIgnored, proxyNoProxyIgnored, nil},
		{report.DNSResolverDisagrees, resolverDisagrees, nil},
		{report.DNSPrivateLink, privateLink, ofNames},
		{report.DNSNotNeeded, dnsNotNeeded, nil},
		{report.DNSSearch, dnsSearch, nil},
		{report.DNSSlow, dnsSlow, nil},
		{report.AddressDiffers, addressDiffers, nil},
		{report.AddressDead, addressDead, nil},
		{report.IPv6Broken, ipv6Broken, nil},
		{report.ServiceUnwell, serviceUnwell, nil},
		{report.MTUUpstream, mtuUpstream, nil},
		{report.ProxyLifetime, proxyLifetime, nil},
		{report.HoldShort, holdShort, nil},
		{report.LimitConnections, limitConnections, nil},
		{report.Loss, lossSeen, nil},
		{report.NetworkSlow, networkSlow, nil},
		{report.LatencyHigh, latencyHigh, nil},
		{report.FirewallWhere, firewallWhere, nil},
	}
}

// Findings draws the conclusions over all results, errors first. The verdict is the one
// that Choose gives for the same results and question.
func Findings(results []report.Result, q Question, verdict report.Verdict) []report.Finding {
	return (&view{results: results, q: q, verdict: verdict}).findings()
}

func (v *view) findings() []report.Finding {
	out := []report.Finding{}
	for _, r := range rows() {
		for _, c := range r.rule(v) {
			out = append(out, c.finding(r.code))
		}
	}
	out = append(out, settingsAlone(out, v.ownSettings())...)
	out = v.unexpected(out)
	follow(out, v.results)
	v.shareRemedies(out)
	v.readFirst(out)
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i].Severity) < rank(out[j].Severity) })
	return out
}

// finding fills in what the row decides.
func (c conclusion) finding(code report.FindingCode) report.Finding {
	info, _ := code.Info() // each row has one
	f := report.Finding{Code: code, Severity: info.Weigh(c.facts), Actor: c.actor, Summary: c.summary,
		Remedy: c.remedy, Results: ids(c.results), Components: c.components}
	if f.Actor == "" {
		f.Actor = info.Actor
	}
	return f
}

// rank is the place of a severity, the most pressing first.
func rank(s report.Severity) int {
	return slices.Index(report.Severities(), s)
}

// matching gives the results that a condition holds for.
func (v *view) matching(cond func(*report.Result) bool) []*report.Result {
	var out []*report.Result
	for i := range v.results {
		if cond(&v.results[i]) {
			out = append(out, &v.results[i])
		}
	}
	return out
}

// ids lists results for a finding.
func ids(rs []*report.Result) []string {
	out := []string{}
	for _, r := range rs {
		if !slices.Contains(out, r.ID) {
			out = append(out, r.ID)
		}
	}
	return out
}

func failed(r *report.Result) bool { return r.Status == report.Failed }

func ok(r *report.Result) bool { return r.Status == report.OK }

func direct(r *report.Result) bool { return r.Route == report.RouteDirect }

func known(b *bool, want bool) bool { return b != nil && *b == want }

// one makes the slice that a rule gives.
func one(c conclusion) []conclusion { return []conclusion{c} }

// settingsAlone are the findings of this host's settings that no probe has drawn as well;
// what a probe says rests on evidence.
func settingsAlone(found, settings []report.Finding) []report.Finding {
	var out []report.Finding
	for _, s := range settings {
		same := func(f report.Finding) bool { return f.Code == s.Code && f.Severity == s.Severity }
		if s.Code == report.ProtocolInconsistent || !slices.ContainsFunc(found, same) &&
			(s.Code != report.ProtocolUnsetHub ||
				!drawn(found, s.Code)) {
			out = append(out, s)
		}
	}
	return out
}

func drawn(found []report.Finding, code report.FindingCode) bool {
	return slices.ContainsFunc(found, func(f report.Finding) bool { return f.Code == code })
}
