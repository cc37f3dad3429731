package render

import (
	"slices"

	"edgenet/report"
)

// standing is how much a result matters to the verdict. A path that nothing needs
// must not look like a fault, and one that carries the verdict must stand out.
type standing int

const (
	running  standing = iota // no status yet
	works                    // ok
	chosen                   // ok, and the verdict's own path
	useless                  // ok, and the runtime cannot use it
	fault                    // failed, and the verdict suffers for it
	concern                  // failed, not needed, and a warning rests on it
	unneeded                 // failed, and nothing needs it
	skipped
)

// stand tells how each result stands, in the order of the results.
func stand(r *report.Report) []standing {
	warned := map[string]bool{}
	for _, f := range r.Findings {
		for _, id := range f.Results {
			warned[id] = warned[id] || f.Severity == report.SeverityWarning
		}
	}
	out := make([]standing, len(r.Results))
	for i, res := range r.Results {
		out[i] = standingOf(res, r.Verdict, warned[res.ID])
	}
	return out
}

func standingOf(res report.Result, v report.Verdict, warned bool) standing {
	unusable := res.RuntimeUsable != nil && !*res.RuntimeUsable
	switch res.Status {
	case report.OK:
		if unusable {
			return useless
		}
		if v.UpstreamProtocol != nil && *v.UpstreamProtocol == res.Protocol && v.Route == res.Route {
			return chosen
		}
		return works
	case report.Failed:
		switch {
		case unusable:
			return unneeded
		case needed(res.Protocol, v):
			return fault
		case warned:
			return concern
		}
		return unneeded
	case report.Skipped:
		return skipped
	}
	return running
}

// needed tells whether the verdict waits for the protocol: HTTPS unless it works
// somewhere, what is expected unless it works somewhere, and everything as long
// as nothing works.
func needed(p report.Protocol, v report.Verdict) bool {
	if p == report.HTTPS {
		return v.HTTPSOK == nil || !*v.HTTPSOK
	}
	if slices.ContainsFunc(v.Working, func(w report.Working) bool { return w.Protocol == p }) {
		return false
	}
	return v.UpstreamProtocol == nil || p == v.Expected
}

// weight is the severity that a finding has on the screen: an error that rests on
// nothing but paths which nobody needs is only worth knowing.
// So is what the runtime cannot use, as long as it was not asked to and something else
// works.
func weight(f report.Finding, r *report.Report, st []standing) report.Severity {
	if f.Code == report.ProxyRuntimeLimits && r.Verdict.UpstreamProtocol != nil && !slices.ContainsFunc(r.Results, func(res report.Result) bool {
		return res.Protocol == r.Verdict.Expected && slices.Contains(f.Results, res.ID)
	}) {
		return report.SeverityInfo
	}
	if f.Severity != report.SeverityError || len(f.Results) == 0 {
		return f.Severity
	}
	for i, res := range r.Results {
		if slices.Contains(f.Results, res.ID) && st[i] != unneeded {
			return f.Severity
		}
	}
	return report.SeverityInfo
}

// mark is the glyph of a standing, its word where there are no glyphs, and its
// colour, which never carries the meaning alone.
func (p pen) mark(s standing) span {
	switch s {
	case works, chosen:
		return span{p.of("✓", "ok  "), green}
	case useless:
		return span{p.of("~", "n/a "), dim}
	case fault:
		return span{p.of("✗", "FAIL"), red}
	case concern:
		return span{p.of("✗", "FAIL"), yellow}
	case unneeded:
		return span{p.of("○", "fail"), dim}
	case skipped:
		return span{p.of("–", "skip"), dim}
	}
	return span{p.of("·", "... "), dim}
}
