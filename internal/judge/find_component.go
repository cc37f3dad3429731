package judge

import (
	"slices"
	"strings"

	"edgenet/report"
)

// lost are the programs that their own settings lead nowhere.
func (v *view) lost() []*fate { return newChooser(v.results, v.q).stranded(v.verdict) }

// ownWays: part of the device is set for a way that leads nowhere, while another one works. Where
// what is wrong with the setting is told already, that is what there is to do.
func ownWays(v *view) []conclusion {
	fates := slices.DeleteFunc(v.lost(), func(f *fate) bool {
		return slices.ContainsFunc(v.q.Settings, func(s report.Finding) bool { return mends(s, f.Name) })
	})
	var out []conclusion
	for _, b := range bands(fates, v.verdict) {
		out = append(out, conclusion{actor: report.ActorHost, summary: b.words(), remedy: v.mended(b),
			results: b.results(), components: b.names()})
	}
	return out
}

// mends tells whether a finding of this host's settings is about a program and more than a remark.
func mends(s report.Finding, name string) bool {
	return slices.Contains(s.Components, name) &&
		(s.Severity == report.SeverityError || s.Code == report.ProtocolUnsetHub)
}

// mended is what to set, and where, for programs that go together.
func (v *view) mended(b band) string {
	first, route := b[0], v.verdict.HTTPSRoute
	if first.contained() {
		route = v.verdict.Route
	}
	to, _ := v.q.route(route)
	var what string
	switch {
	case first.resets(v.verdict) && to.Proxied():
		what = "UpstreamProtocol to " + v.verdict.UpstreamProtocol.RuntimeName() + " and https_proxy to " + to.URL
	case first.resets(v.verdict):
		what = "UpstreamProtocol to " + v.verdict.UpstreamProtocol.RuntimeName()
	case to.Proxied():
		what = "https_proxy to " + to.URL
	case !slices.ContainsFunc(b.results(), failed):
		return "Remove https_proxy " + b.places() + ", or keep it and have it lead to the proxy. " + containersReach
	default:
		return "Remove https_proxy " + b.places() + "."
	}
	return "Set " + what + " " + b.places() + "."
}

func (b band) places() string {
	return strings.Join(b.each(func(f *fate) string { return f.Set }), "; and ")
}

// ownSettings are the findings of this host's settings: an error where a program gets nowhere for one. What
// only compares places is left out where it is known who gets nowhere.
func (v *view) ownSettings() []report.Finding {
	out := slices.Clone(v.q.Settings)
	fates := v.lost()
	if len(fates) == 0 {
		return append(out, v.q.Compared...)
	}
	for i := range out {
		s := &out[i]
		for _, f := range fates {
			if !mends(*s, f.Name) {
				continue
			}
			s.Severity, s.Results = report.SeverityError, union(slices.Clone(s.Results), ids(f.tried))
			if f.Loss != "" && len(s.Components) == 1 {
				s.Remedy = strings.TrimSuffix(s.Remedy, ".") + " " + f.Set + "."
			}
		}
	}
	return out
}

// repairs are the stranded programs that a finding is about.
func (v *view) repairs(f report.Finding) []string {
	if len(f.Components) == 0 {
		return nil
	}
	var out []string
	for _, x := range v.lost() {
		if slices.Contains(f.Components, x.Name) {
			out = append(out, x.Name)
		}
	}
	return out
}

// settingTold tells whether a finding of this host's settings says of a code why a program gets nowhere.
func (v *view) settingTold(code report.FindingCode) bool {
	return slices.ContainsFunc(v.q.Settings, func(s report.Finding) bool {
		return s.Code == code && len(v.repairs(s)) > 0
	})
}
