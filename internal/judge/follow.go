package judge

import (
	"slices"

	"edgenet/report"
)

// follow says of each finding which others it is only the consequence of: those that its
// row names, where they are about every failure that it is about.
func follow(found []report.Finding, results []report.Result) {
	for i := range found {
		f := &found[i]
		f.FollowsFrom = nil
		info, known := f.Code.Info()
		if !known {
			continue
		}
		for _, o := range found {
			if slices.Contains(info.FollowsFrom, o.Code) && !slices.Contains(f.FollowsFrom, o.Code) &&
				covers(about(o.Code, found), f.Results, results) {
				f.FollowsFrom = append(f.FollowsFrom, o.Code)
			}
		}
	}
}

// about are the results of all findings of a code.
func about(code report.FindingCode, found []report.Finding) []string {
	var out []string
	for _, f := range found {
		if f.Code == code {
			out = append(out, f.Results...)
		}
	}
	return out
}

// covers tells whether a finding is about every failed result of another, of which there
// are some.
func covers(outer, inner []string, results []report.Result) bool {
	some := false
	for i := range results {
		if r := &results[i]; failed(r) && slices.Contains(inner, r.ID) {
			if some = true; !slices.Contains(outer, r.ID) {
				return false
			}
		}
	}
	return some
}

// shareRemedies makes findings about one root cause name one remedy: what only restates
// the verdict takes it from the finding that it follows from. Where there is none and
// both have the same cause, protocol.none takes it from https.required, since what opens
// 443 opens the way for WebSocket as well.
func (v *view) shareRemedies(found []report.Finding) {
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
		if len(f.FollowsFrom) > 0 {
			o := found[slices.IndexFunc(found, func(o report.Finding) bool {
				return o.Code == f.FollowsFrom[0] && v.share(o.Results, f.Results)
			})]
			f.Actor, f.Remedy = o.Actor, o.Remedy
		}
	}
	if none == nil || https == nil || len(none.FollowsFrom) > 0 {
		return
	}
	c := newChooser(v.results, v.q)
	d, h := c.dominant(), c.judged(report.HTTPS)
	if d != nil && h != nil && way(d) == way(h) {
		none.Actor, none.Remedy = https.Actor, https.Remedy
	}
}

// share tells whether two findings are about one failed result, at least.
func (v *view) share(a, b []string) bool {
	return slices.ContainsFunc(v.results, func(r report.Result) bool {
		return failed(&r) && slices.Contains(a, r.ID) && slices.Contains(b, r.ID)
	})
}
