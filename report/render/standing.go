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
	unset                    // the same, and the device is not known to be set up for it
	likewise                 // ok, not the verdict's own, and as little set up for it
	useless                  // ok, and the runtime cannot use it
	fault                    // failed, and the verdict suffers for it
	concern                  // failed, not needed, and a warning rests on it
	unneeded                 // failed, and nothing needs it
	skipped
)

// standings tell how each result stands, in the order of the results. Whether a failure
// matters is what the report says; where it says nothing, a failure may matter.
func standings(r *report.Report) []standing {
	out := make([]standing, len(r.Results))
	later := onceSet(r) || r.Verdict.ExitCode == 3
	for i, res := range r.Results {
		switch out[i] = standingOf(res, r.Verdict); {
		case r.Verdict.ExitCode == 3 && len(strandedOn(res, r.Verdict)) > 0:
			if out[i] == unneeded {
				out[i] = concern
			}
		case !later, asExpected(r.Verdict) && r.Verdict.ExitCode == 3 && !missed(res.Protocol, r):
		case out[i] == chosen:
			out[i] = unset
		case out[i] == works && wantsSetting(res, r.Verdict):
			out[i] = likewise
		}
	}
	return out
}

// asExpected tells whether the protocol that is chosen is the one that is set.
func asExpected(v report.Verdict) bool { return v.Consistent != nil && *v.Consistent }

// strandedOn are the programs of the device whose own settings lead them to a path, and nowhere.
func strandedOn(res report.Result, v report.Verdict) []string {
	var out []string
	for _, c := range v.Components {
		if c.Works != nil && !*c.Works && slices.Contains(c.Results, res.ID) {
			out = append(out, c.Name)
		}
	}
	return out
}

// missed tells whether a program is led nowhere where a protocol would lead out.
func missed(p report.Protocol, r *report.Report) bool {
	return slices.ContainsFunc(r.Results, func(res report.Result) bool {
		return res.Protocol == p && len(strandedOn(res, r.Verdict)) > 0
	})
}

// wantsSetting tells whether a path that works is of use only once its protocol is set, as the
// verdict's own: AMQP directly is what the runtime does unasked.
func wantsSetting(res report.Result, v report.Verdict) bool {
	return res.Protocol != report.HTTPS && res.Protocol != v.Expected && res.Route == v.Route &&
		(res.Protocol != report.AMQP || res.Route != report.RouteDirect)
}

func standingOf(res report.Result, v report.Verdict) standing {
	switch res.Status {
	case report.OK:
		switch {
		case res.RuntimeUsable != nil && !*res.RuntimeUsable:
			return useless
		case v.UpstreamProtocol != nil && *v.UpstreamProtocol == res.Protocol && v.Route == res.Route:
			return chosen
		}
		return works
	case report.Failed:
		switch res.Severity {
		case report.SeverityInfo:
			return unneeded
		case "":
			if res.RuntimeUsable != nil && !*res.RuntimeUsable {
				return unneeded
			}
		case report.SeverityWarning:
			return concern
		}
		return fault
	case report.Skipped:
		return skipped
	}
	return running
}

// mark is the glyph of a standing, its word where there are no glyphs, and its
// colour, which never carries the meaning alone.
func (p pen) mark(s standing) span {
	switch s {
	case works, chosen:
		return span{p.of("✓", "ok  "), green}
	case unset, likewise:
		return span{p.of("!", "set "), yellow}
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
