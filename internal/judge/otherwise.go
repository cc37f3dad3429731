package judge

import (
	"slices"
	"strings"

	"edgenet/report"
)

// others adds to each step what somebody else can do in its place: a step is one person's, and
// what either of two people can do are two steps.
func (a *adviser) others() {
	for i := range a.steps[:len(a.steps):len(a.steps)] {
		s := &a.steps[i]
		actor, remedy, r := a.otherwise(s)
		if remedy == "" {
			continue
		}
		ca := ""
		if c := leaf(r); c != nil {
			ca = shortName(c.Issuer)
		}
		remedy = strings.NewReplacer("{host}", r.Host, "{ca}", ca, "{bundle}", a.q.Bundle.into()).Replace(remedy)
		o := newStep(actor, remedy, s.Why, s.Severity)
		o.Findings, o.Results, o.opens = slices.Clone(s.Findings), slices.Clone(s.Results), slices.Clone(s.opens)
		o.inPlaceOf = i + 1
		a.steps = append(a.steps, o)
	}
}

// otherwise is what the tables have for what a step is about, where its remedy is the table's.
func (a *adviser) otherwise(s *step) (report.Actor, string, *report.Result) {
	i := slices.IndexFunc(a.results, func(r report.Result) bool {
		return slices.Contains(s.Results, r.ID) && (failed(&r) || len(s.opens) == 0)
	})
	if i < 0 {
		return "", "", nil
	}
	r, code := &a.results[i], ""
	switch {
	case s.code != "":
		if info, _ := s.code.Info(); s.Actor == info.Actor || s.code == report.TLSInspection ||
			s.code == report.CaptivePortal {
			code = string(s.code)
		}
	case s.Actor == r.Cause.ActorAt(r.Hop):
		code = r.Cause.Label(r.Hop)
	}
	d := tlsAt(r, r.Hop)
	_, told := clockSkew(a.results)
	switch {
	case code == string(report.TLSExpired) && (told || rootEnded(r)),
		code == string(report.FirewallAllBlocked) && a.q.anyProxy(),
		code == string(report.TLSNameMismatch) && (isAddress(r.Host) || r.Endpoint != report.EndpointIoTHub),
		code == string(report.TLSInspection) && (d == nil || d.Unfit || d.Renewed != "" || d.Impostor != "" ||
			d.Weak != nil || somewhere(d) || !failed(r) || offTime(r)):
		return "", "", nil // the remedy knows more
	case code == string(report.TLSExpired) && r.Endpoint == report.EndpointParent:
		return report.ActorParent, "Restart edgeHub on the parent {host}, which makes it ask for a new " +
			"certificate, if the clock of this host is right; if it still shows the old one, the parent's Edge " +
			"CA has to be renewed.", r
	}
	actor, remedy := report.Instead(code)
	return actor, remedy, r
}

// told puts steps that stand in another one's place behind it, and says so.
func (a *adviser) told(steps []int) []step {
	var out []step
	for _, i := range steps {
		s := a.steps[i]
		if s.inPlaceOf > 0 && s.Way == "" && slices.Contains(steps, s.inPlaceOf-1) {
			continue
		}
		out = append(out, s)
		for j, o := range a.steps {
			if o.inPlaceOf == i+1 && slices.Contains(steps, j) {
				o.Way, o.Do = s.Way, "Or instead: "+o.Do
				out = append(out, o)
			}
		}
	}
	return out
}
