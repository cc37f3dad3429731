package judge

import (
	"slices"
	"strings"

	"edgenet/report"
)

// others adds to each step what somebody else can do in its place: a step is one person's, and
// what either of two people can do are two steps.
func (a *adviser) others() {
	var all []step
	for i := range a.steps {
		s := &a.steps[i]
		all = append(all, *s)
		actor, remedy, r := a.otherwise(s)
		if remedy == "" {
			continue
		}
		ca := ""
		if c := leaf(r); c != nil {
			ca = shortName(c.Issuer)
		}
		o := *s
		o.other, o.of, o.bars, o.code, o.Actor = true, nil, nil, "", actor
		o.ForThem = strings.NewReplacer("{host}", r.Host, "{ca}", ca, "{bundle}", a.q.Bundle.into()).Replace(remedy)
		o.Do = actor.Ask(o.ForThem)
		all = append(all, o)
	}
	a.steps = all
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
		code == string(report.FirewallAllBlocked) && (a.q.anyProxy() || a.q.unread() != nil),
		code == string(report.TLSNameMismatch) && (isAddress(r.Host) || r.Endpoint != report.EndpointIoTHub),
		code == string(report.TLSInspection) && (d == nil || d.Unfit || d.Renewed != "" || d.Impostor != "" ||
			d.Weak != nil || somewhere(d) || !failed(r) || offTime(r) || inspectorsFault(r) || halfSent(r)):
		return "", "", nil // the remedy knows more
	case code == string(report.TLSExpired) && r.Endpoint == report.EndpointParent:
		return report.ActorParent, "Restart edgeHub on the parent {host}, which makes it ask for a new " +
			"certificate, if the clock of this host is right; if it still shows the old one, the parent's Edge " +
			"CA has to be renewed.", r
	}
	actor, remedy := report.Instead(code)
	return actor, remedy, r
}
