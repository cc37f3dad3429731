package judge

import (
	"slices"

	"edgenet/report"
)

// Needed tells whether the verdict waits for a path, or goes by it. Nil cannot be told:
// it was not finished, or what it depends on was not.
//
// What the runtime cannot use is never needed. HTTPS is needed until it works somewhere,
// the expected protocol until it works somewhere, and every one as long as none works.
// What has to be closed, and is, is not needed.
func Needed(r *report.Result, v report.Verdict) *bool {
	switch {
	case known(r.RuntimeUsable, false):
		return say(false)
	case r.Status == report.OK:
		return say(carries(r, v))
	case r.Status != report.Failed:
		return nil
	case expectedClosed(v, r.ID), onlyClosed(v):
		return say(false)
	case r.Endpoint == report.EndpointDPS && r.Protocol != report.HTTPS:
		return say(false) // the daemon alone talks to it, and does HTTPS
	case r.Protocol == report.HTTPS:
		if v.HTTPSOK == nil {
			return nil
		}
		return say(!*v.HTTPSOK)
	case slices.ContainsFunc(v.Working, func(w report.Working) bool { return w.Protocol == r.Protocol }):
		return say(false)
	}
	return say(v.UpstreamProtocol == nil || r.Protocol == v.Expected)
}

// carries tells whether the verdict goes by this very path.
func carries(r *report.Result, v report.Verdict) bool {
	if r.Protocol == report.HTTPS {
		return known(v.HTTPSOK, true) && v.HTTPSRoute == r.Route
	}
	return v.UpstreamProtocol != nil && *v.UpstreamProtocol == r.Protocol && v.Route == r.Route
}

func say(b bool) *bool { return &b }

// unneeded tells whether a path failed that nothing needs.
func (v *view) unneeded(r *report.Result) bool {
	return failed(r) && known(Needed(r, v.verdict), false)
}

// wanted tells whether a path failed that is needed, or may be.
func (v *view) wanted(r *report.Result) bool { return failed(r) && !known(Needed(r, v.verdict), false) }

// matter tells whether any of the results is more than the failure of what nobody needs.
func (v *view) matter(rs []*report.Result) report.Facts {
	return report.Facts{Needed: slices.ContainsFunc(rs, func(r *report.Result) bool { return !v.unneeded(r) })}
}

// weigh gives every failed result its severity: an error where it is needed or may be, a
// warning where one rests on it, else only worth knowing.
func weigh(results []report.Result, v report.Verdict, findings []report.Finding) {
	for i := range results {
		r := &results[i]
		r.Needed, r.Severity = Needed(r, v), ""
		switch {
		case !failed(r):
		case !known(r.Needed, false):
			r.Severity = report.SeverityError
		case !known(r.RuntimeUsable, false) && warned(findings, r.ID):
			r.Severity = report.SeverityWarning
		default:
			r.Severity = report.SeverityInfo
		}
	}
}

func warned(findings []report.Finding, id string) bool {
	return slices.ContainsFunc(findings, func(f report.Finding) bool {
		return f.Severity == report.SeverityWarning && slices.Contains(f.Results, id)
	})
}
