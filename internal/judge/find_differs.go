package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"edgenet/report"
)

// worse is an address by which paths fare worse than by another one of the same name.
type worse struct {
	ip, name string
	hop      report.Hop // that has the addresses
	better   string
	works    bool // the paths work by the better one
	cause    report.Cause
	at       report.Hop
	summary  string
	results  []*report.Result
}

// addressDiffers: above TCP it matters which address of a name is taken.
func addressDiffers(v *view) []conclusion {
	var out []conclusion
	for _, w := range v.worseAddresses() {
		paths := make([]string, 0, len(w.results))
		for _, r := range w.results {
			paths = append(paths, string(r.Protocol))
		}
		slices.Sort(paths)
		paths = slices.Compact(paths)
		gets := "gets further"
		switch {
		case w.works && len(paths) > 1:
			gets = "work"
		case w.works:
			gets = "works"
		case len(paths) > 1:
			gets = "get further"
		}
		c := conclusion{results: w.results, actor: w.actor(),
			summary: fmt.Sprintf("%s has addresses that fare differently: by %s %s %s, by %s not "+
				"(%s: %s). The runtime takes the first that accepts a connection, and no other when something fails "+
				"there", w.name, w.better, strings.Join(paths, ", "), gets, w.ip, w.cause.Label(w.at),
				w.summary),
			remedy: fmt.Sprintf("Have what answers at %s repaired.", w.ip)}
		out = append(out, c)
	}
	return out
}

// actor is who acts for what failed there. What another address shows is right is nothing that
// this host lacks.
func (w *worse) actor() report.Actor {
	if a := w.cause.ActorAt(w.at); a != report.ActorHost && a != report.ActorUser {
		return a
	}
	return report.ActorNetwork
}

// worseAddresses gathers them, in the order of their numbers.
func (v *view) worseAddresses() []*worse {
	found := map[string]*worse{}
	for _, h := range []report.Hop{report.HopTarget, report.HopProxy} {
		for i := range v.results {
			r := &v.results[i]
			for _, t := range differing(r, h) {
				key := string(h) + " " + ipOf(t.Remote)
				w := found[key]
				if w == nil {
					w = &worse{ip: ipOf(t.Remote), hop: h, name: nameAt(r, h), better: usedIP(r, h), cause: t.Cause,
						at: t.Hop, summary: t.Summary}
					found[key] = w
				}
				w.works = w.works || ok(r)
				w.results = append(w.results, r)
			}
		}
	}
	var out []*worse
	for _, key := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[key])
	}
	return out
}

// differing are the addresses by which a path failed above TCP, and otherwise than by the one
// that it is judged by.
func differing(r *report.Result, h report.Hop) []report.TCPAttempt {
	used := usedIP(r, h)
	var out []report.TCPAttempt
	for _, t := range triedOf(r, h) {
		if t.Stage == "" || ipOf(t.Remote) == used {
			continue
		}
		if ok(r) || t.Cause != stepCause(r) {
			out = append(out, t)
		}
	}
	return out
}

// stepCause is what a path's failed step says: later readings of it have nothing to do with
// the address.
func stepCause(r *report.Result) report.Cause {
	for _, s := range r.Steps {
		if s.Status == report.Failed {
			return s.Cause
		}
	}
	return r.Cause
}

// usedIP is the address of the connection that a path is judged by.
func usedIP(r *report.Result, h report.Hop) string {
	if d := tcpDetailAt(r, h); d != nil {
		return ipOf(d.Remote)
	}
	return ""
}

// nameAt says whose addresses those of a hop are.
func nameAt(r *report.Result, h report.Hop) string {
	if h == report.HopTarget {
		return r.Host
	}
	st, _ := r.Step(h, report.StageDNS)
	if d, is := st.Detail.(*report.DNSDetail); is {
		return "the proxy " + d.Name
	}
	return "the proxy"
}

// unsteady tells whether a path works by some of the addresses alone.
func unsteady(r *report.Result) bool {
	return ok(r) && len(differing(r, report.HopTarget))+len(differing(r, report.HopProxy)) > 0
}

// steady tells whether a path is known to work by every address by which another one does not.
func (c *chooser) steady(r *report.Result) bool {
	if unsteady(r) {
		return false
	}
	for _, o := range c.results {
		for _, h := range []report.Hop{report.HopTarget, report.HopProxy} {
			for _, bad := range differing(o, h) {
				for _, t := range triedOf(r, h) {
					if ipOf(t.Remote) == ipOf(bad.Remote) && t.Status == report.OK && !t.Walked {
						return false
					}
				}
			}
		}
	}
	return true
}

// addressWords limits a verdict that rests on some of a name's addresses.
func (c *chooser) addressWords(v report.Verdict) string {
	for _, r := range c.results {
		chosen := v.UpstreamProtocol != nil && r.Protocol == *v.UpstreamProtocol && r.Route == v.Route
		if !unsteady(r) || !chosen && (r.Protocol != report.HTTPS || r.Route != v.HTTPSRoute) {
			continue
		}
		for _, h := range []report.Hop{report.HopTarget, report.HopProxy} {
			if bad := differing(r, h); len(bad) > 0 {
				return fmt.Sprintf("That holds by the address %s of %s: by %s %s does not work (%s), and the "+
					"runtime goes by whichever comes first.", usedIP(r, h), nameAt(r, h), ipOf(bad[0].Remote),
					protocolWords[r.Protocol],
					bad[0].Cause.Label(bad[0].Hop))
			}
		}
	}
	return ""
}
