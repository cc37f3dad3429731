package probe

import (
	"slices"

	"edgenet/report"
)

// view is what the rules look at.
type view struct {
	results []report.Result
	plan    Plan
	verdict report.Verdict
}

// rule draws one kind of conclusion; nil means that it does not apply.
type rule func(view) []report.Finding

// rules in the order in which findings of the same severity are told: the most useful
// first.
func rules() []rule {
	return []rule{
		protocolNone, protocolMismatch, httpsRequired, protocolUnsetHub,
		tlsInspection, caMissing, captivePortal, clockSkewed, mtuBlackhole,
		firewallSNI, firewallProtocol, firewallAllBlocked, firewallPortBlocked, proxyScheme, proxyUnneeded, proxyRequired, proxyRuntimeLimits, proxyNoProxyIgnored,
		resolverDisagrees, privateLink, dnsNotNeeded, ipv6Broken, serviceUnwell, holdShort, lossSeen, latencyHigh, firewallWhere,
	}
}

// Findings draws the conclusions over all results, errors first; it is pure.
func Findings(results []report.Result, plan Plan, verdict report.Verdict) []report.Finding {
	v := view{results, plan.withDefaults(), verdict}
	out := []report.Finding{}
	for _, r := range rules() {
		out = append(out, r(v)...)
	}
	out = append(out, settingsAlone(out, v.plan.Settings)...)
	shareRemedies(out, v)
	order := []report.Severity{report.SeverityError, report.SeverityWarning, report.SeverityInfo}
	slices.SortStableFunc(out, func(a, b report.Finding) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
	return out
}

// explains are the findings that say why paths fail, in words nearer to the cause than
// those that restate the verdict.
func explains(c report.FindingCode) bool {
	switch c {
	case report.TLSInspection, report.TLSCAMissingInBundle, report.TLSCAMissingInOS, report.CaptivePortal, report.ClockSkew, report.MTUBlackhole,
		report.FirewallSNI, report.FirewallProtocol, report.FirewallAllBlocked, report.FirewallPortBlocked, report.ServiceUnwell:
		return true
	}
	return false
}

// shareRemedies makes findings about one root cause name one remedy: those that restate
// the verdict take it from the finding that explains the same failures, and where none
// does and both have the same cause, protocol.none takes it from https.required, since
// what opens 443 opens the way for WebSocket as well.
func shareRemedies(found []report.Finding, v view) {
	var none, https *report.Finding
	for i := range found {
		f := &found[i]
		switch f.Code {
		case report.ProtocolNone:
			none = f
		case report.HTTPSRequired:
			https = f
		default:
			continue
		}
		for _, o := range found {
			if explains(o.Code) && covers(o.Results, f.Results, v) {
				f.Actor, f.Remedy = o.Actor, o.Remedy
				break
			}
		}
	}
	if none == nil || https == nil {
		return
	}
	c := newChooser(v.results, v.plan)
	d, h := c.dominant(), c.judged(report.HTTPS)
	if d != nil && h != nil && d.Cause == h.Cause && d.Hop == h.Hop && none.Remedy == d.Remedy {
		none.Actor, none.Remedy = https.Actor, https.Remedy
	}
}

// covers tells whether a finding is about every failed result of another.
func covers(outer, inner []string, v view) bool {
	some := false
	for _, r := range v.results {
		if failed(&r) && slices.Contains(inner, r.ID) {
			if some = true; !slices.Contains(outer, r.ID) {
				return false
			}
		}
	}
	return some
}

// matching gives the results that a condition holds for.
func (v view) matching(cond func(*report.Result) bool) []*report.Result {
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
		out = append(out, r.ID)
	}
	return out
}

// needed tells whether a failed path matters: HTTPS does, the expected protocol does,
// and every usable one does where none works.
func (v view) needed(r *report.Result) bool {
	if known(r.RuntimeUsable, false) {
		return false
	}
	return r.Protocol == report.HTTPS && known(v.verdict.HTTPSOK, false) || r.Protocol == v.plan.Expect || v.verdict.UpstreamProtocol == nil
}

func failed(r *report.Result) bool { return r.Status == report.Failed }

func direct(r *report.Result) bool { return r.Route == report.RouteDirect }

// one makes the slice that a rule gives.
func one(f report.Finding) []report.Finding { return []report.Finding{f} }

// severity is error where a condition holds, else the other one.
func severity(isError bool, other report.Severity) report.Severity {
	if isError {
		return report.SeverityError
	}
	return other
}

// settingsAlone are the findings of this host's settings that no probe has drawn as well;
// what a probe says rests on evidence.
func settingsAlone(found, settings []report.Finding) []report.Finding {
	var out []report.Finding
	for _, s := range settings {
		same := func(f report.Finding) bool { return f.Code == s.Code && f.Severity == s.Severity }
		if s.Code == report.ProtocolInconsistent || !slices.ContainsFunc(found, same) && (s.Code != report.ProtocolUnsetHub || !drawn(found, s.Code)) {
			out = append(out, s)
		}
	}
	return out
}

func drawn(found []report.Finding, code report.FindingCode) bool {
	return slices.ContainsFunc(found, func(f report.Finding) bool { return f.Code == code })
}
