package judge

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"edgenet/report"
)

// Choose decides by the numbered rules of the architecture; it is pure, and the order
// of the results does not matter. Interrupted says that the user stopped a run that was
// not finished.
func Choose(results []report.Result, q Question, interrupted bool) report.Verdict {
	c := newChooser(results, q)
	v := report.Verdict{Working: []report.Working{}, Expected: c.q.Expect, ExpectedSource: c.q.ExpectSource}
	if c.q.Depth == DepthTCP || c.q.Depth == DepthTLS {
		v.Depth = string(c.q.Depth)
	}
	found := c.candidates()
	for _, f := range found {
		v.Working = append(v.Working, report.Working{Protocol: f.result.Protocol, Route: f.result.Route,
			ResultID: f.result.ID, LatencyMs: medianOf(f.result)})
	}
	if best := c.best(found); best != nil && !c.q.provisions() {
		p := best.result.Protocol
		v.UpstreamProtocol, v.Route = &p, best.result.Route
		c.removal = best.removal
	}
	v.HTTPSOK, v.HTTPSRoute = c.https()
	v.Consistent = c.consistent(v)
	v.Closed = c.closed()
	v.Components = c.components()
	v.ExitCode = c.exit(v, interrupted)
	v.Reason = c.reason(v)
	v.Because, _ = c.because(v)
	return v
}

// chooser holds what the rules look at.
type chooser struct {
	results []*report.Result // in the order of the routes
	q       Question
	removal bool // the chosen path needs the proxy setting to go (R10)
}

func newChooser(results []report.Result, q Question) *chooser {
	c := &chooser{q: q.normal()}
	for i := range results {
		c.results = append(c.results, &results[i])
	}
	route := func(r *report.Result) int {
		return slices.IndexFunc(c.q.Routes, func(x Route) bool { return x.ID == r.Route })
	}
	sort.SliceStable(c.results, func(i, j int) bool {
		a, b := c.results[i], c.results[j]
		return cmp.Or(cmp.Compare(route(a), route(b)),
			cmp.Compare(slices.Index(report.Protocols(), a.Protocol), slices.Index(report.Protocols(),
				b.Protocol)), cmp.Compare(a.ID, b.ID)) < 0
	})
	return c
}

// candidate is a protocol that works under the runtime's own rules.
type candidate struct {
	result *report.Result
	// removal means that a configured proxy would have to go for it to be used.
	removal bool
}

func medianOf(r *report.Result) report.Millis {
	if r.Latency == nil {
		return 0
	}
	return r.Latency.MedianMs
}

// candidates gives the working upstream protocols in the order of preference; those that
// work now and then come after those that always do, and those for which a proxy setting has to go come last.
func (c *chooser) candidates() []candidate {
	var out []candidate
	for _, p := range report.UpstreamProtocols() {
		if f, _ := c.working(p, ok); f != nil {
			out = append(out, *f)
		}
	}
	order := append(slices.Clone(c.q.Prefer), report.DefaultPreference()...)
	rank := func(f candidate) int {
		i := slices.Index(order, f.result.Protocol)
		if lossy(f.result) || !c.steady(f.result) {
			i += len(order) // the steadier before the lucky one
		}
		if f.removal {
			i += 2 * len(order)
		}
		return i
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out
}

// working is where a protocol works for the runtime, nil where it does not; pending
// says that a path was skipped that could have been the place.
// R2: AMQP and MQTT count on the direct route alone. R3: the WebSocket protocols and
// HTTPS count on a proxied route that the runtime can use. R10: where there is such a
// proxy they are judged there; a direct one counts only where no proxied one works.
func (c *chooser) working(p report.Protocol, good func(*report.Result) bool) (at *candidate, pending bool) {
	var direct *report.Result
	proxied := false
	for _, r := range c.results {
		switch {
		case r.Protocol != p:
		case r.Route == report.RouteDirect:
			direct = r
		case !p.Proxied() || known(r.RuntimeUsable, false):
		case known(r.RuntimeUsable, true) && good(r):
			return &candidate{result: r}, false
		default:
			proxied = true
			pending = pending || known(r.RuntimeUsable, true) && r.Status == report.Skipped
		}
	}
	switch {
	case pending || direct == nil:
		return nil, pending
	case good(direct):
		return &candidate{result: direct, removal: proxied}, false
	}
	return nil, direct.Status == report.Skipped
}

// best: R4 keeps the expected protocol if it works, R5 goes by preference, R8 none.
func (c *chooser) best(found []candidate) *candidate {
	for i := range found {
		if found[i].result.Protocol == c.q.Expect {
			return &found[i]
		}
	}
	if len(found) > 0 {
		return &found[0]
	}
	return nil
}

// https is R1: required whatever the protocol; an unwell service counts as reached.
// Nil is unknown: not probed, or not finished.
func (c *chooser) https() (works *bool, route string) {
	probed := slices.ContainsFunc(c.results,
		func(r *report.Result) bool { return r.Protocol == report.HTTPS && r.Status != report.Skipped })
	at, pending := c.working(report.HTTPS, func(r *report.Result) bool { return r.Reached() })
	yes := at != nil
	switch {
	case yes:
		return &yes, at.result.Route
	case pending || !probed:
		return nil, ""
	}
	return &yes, ""
}

// onlyHTTPS tells that no UpstreamProtocol was asked about.
func (c *chooser) onlyHTTPS() bool {
	return c.q.provisions() || len(c.q.Protocols) == 1 && c.q.Protocols[0] == report.HTTPS
}

// consistent tells whether the chosen protocol is the expected one; nil where nothing
// is expected, or the expected one's paths were not finished.
func (c *chooser) consistent(v report.Verdict) *bool {
	if c.q.Expect == "" || c.onlyHTTPS() {
		return nil
	}
	same := v.UpstreamProtocol != nil && *v.UpstreamProtocol == c.q.Expect
	if _, pending := c.working(c.q.Expect, ok); pending {
		return nil
	}
	return &same
}

// undecided tells whether a protocol could have worked on a path that was skipped.
func (c *chooser) undecided() bool {
	return slices.ContainsFunc(report.UpstreamProtocols(), func(p report.Protocol) bool {
		_, pending := c.working(p, ok)
		return pending
	})
}

// exit gives the exit code: 130 over 1 over 3 over 0. What is not known is not good.
func (c *chooser) exit(v report.Verdict, interrupted bool) int {
	open := slices.ContainsFunc(v.Closed, func(p report.Closed) bool { return p.State != report.PathClosed })
	noUpstream := v.UpstreamProtocol == nil || c.q.Expect != "" && v.Consistent == nil
	noHTTPS := v.HTTPSOK == nil && slices.Contains(c.q.Protocols, report.HTTPS) || known(v.HTTPSOK, false)
	switch {
	case interrupted:
		return 130
	case open:
		return 1
	case c.closedDecides():
		return 0
	case noUpstream && !c.onlyHTTPS(), noHTTPS:
		return 1
	case len(c.q.Unreached) > 0:
		return 1
	case known(v.Consistent, false), len(c.stranded(v)) > 0:
		return 3
	}
	return 0
}

// dominant is the failure that most of the paths that count have in common; among
// equals the one of the expected protocol, then the first.
func (c *chooser) dominant() *report.Result {
	weight := map[string]int{}
	var failures []*report.Result
	for _, r := range c.results {
		if r.Status != report.Failed || known(r.RuntimeUsable, false) || r.Protocol == report.HTTPS {
			continue
		}
		failures = append(failures, r)
		w := 1
		if r.Reached() {
			w += 3 // the hub itself answered: nothing is nearer to the truth
		}
		if r.Route != report.RouteDirect {
			w += 4 // a configured proxy is the way that was meant
		}
		weight[way(r)] += w
	}
	if len(failures) == 0 {
		return nil
	}
	https := c.judged(report.HTTPS)
	return slices.MaxFunc(failures, func(a, b *report.Result) int {
		set := func(r *report.Result) int { return oneIf(r.Protocol == c.q.Expect && c.q.ExpectSource != "default") }
		both := func(r *report.Result) int { // what stops the HTTPS that the daemon needs has to go anyway
			return oneIf(https != nil && way(https) == way(r))
		}
		first := func(r *report.Result) int { return oneIf(r.Protocol == c.q.Expect) }
		return cmp.Or(weight[way(a)]-weight[way(b)], set(a)-set(b), both(a)-both(b), first(a)-first(b))
	})
}

// way is how a path fails: with what cause, where, and whether this host does it, which looks the same
// where its own firewall drops what the network's drops on another port.
func way(r *report.Result) string {
	return fmt.Sprint(r.Cause.Label(r.Hop), " ", r.Actor == report.ActorHost)
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// judged is the failure by which a protocol is judged: on a proxied route that the
// runtime can use where there is one, else directly.
func (c *chooser) judged(p report.Protocol) *report.Result {
	var direct *report.Result
	for _, r := range c.results {
		switch {
		case r.Protocol != p || r.Status != report.Failed || known(r.RuntimeUsable, false):
		case r.Route != report.RouteDirect:
			return r
		default:
			direct = r
		}
	}
	return direct
}
