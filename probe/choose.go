package probe

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// candidate is a protocol that works under the runtime's own rules.
type candidate struct {
	result *report.Result
	// removal means that a configured proxy would have to go for it to be used.
	removal bool
}

// Choose decides by the numbered rules of the architecture; it is pure. Interrupted
// says that the user stopped a run that was not finished.
func Choose(results []report.Result, plan Plan, interrupted bool) report.Verdict {
	plan = plan.withDefaults()
	c := &chooser{results: results, plan: plan}
	v := report.Verdict{Working: []report.Working{}, Expected: plan.Expect, ExpectedSource: plan.ExpectSource}
	if plan.Depth == DepthTCP || plan.Depth == DepthTLS {
		v.Depth = string(plan.Depth)
	}
	found := c.candidates()
	for _, f := range found {
		v.Working = append(v.Working, report.Working{Protocol: f.result.Protocol, Route: f.result.Route, ResultID: f.result.ID, LatencyMs: medianOf(f.result)})
	}
	if best := c.best(found); best != nil {
		p := best.result.Protocol
		v.UpstreamProtocol, v.Route = &p, best.result.Route
		if best.removal {
			c.remove = true
		}
	}
	c.https(&v)
	if plan.Expect != "" && v.UpstreamProtocol != nil {
		same := *v.UpstreamProtocol == plan.Expect
		v.Consistent = &same
	} else if plan.Expect != "" && !c.undecided() {
		no := false
		v.Consistent = &no
	}
	c.exit(&v, interrupted)
	v.Reason = c.reason(v)
	return v
}

// chooser holds what the rules look at.
type chooser struct {
	results []report.Result
	plan    Plan
	remove  bool // the chosen path needs the proxy setting to go (R10)
}

func medianOf(r *report.Result) report.Millis {
	if r.Latency == nil {
		return 0
	}
	return r.Latency.MedianMs
}

// candidates gives the working upstream protocols in the order of preference; those
// for which a proxy setting has to go come last.
func (c *chooser) candidates() []candidate {
	var out []candidate
	for _, p := range report.UpstreamProtocols() {
		if f := c.working(p, func(r *report.Result) bool { return r.Status == report.OK }); f != nil {
			out = append(out, *f)
		}
	}
	rank := func(f candidate) int {
		i := slices.Index(c.plan.Prefer, f.result.Protocol)
		if i < 0 {
			i = len(c.plan.Prefer) + slices.Index(report.DefaultPreference(), f.result.Protocol)
		}
		if f.removal {
			i += 100
		}
		return i
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return rank(a) - rank(b) })
	return out
}

// working is where a protocol works for the runtime, nil where it does not.
// R2: AMQP and MQTT count on the direct route alone. R3: the WebSocket protocols and
// HTTPS count on a proxied route that the runtime can use. R10: where there is such a
// proxy they are judged there; a direct one counts only where no proxied one works.
func (c *chooser) working(p report.Protocol, good func(*report.Result) bool) *candidate {
	var direct *report.Result
	proxied := false
	for i := range c.results {
		r := &c.results[i]
		if r.Protocol != p {
			continue
		}
		if r.Route == report.RouteDirect {
			direct = r
			continue
		}
		if !p.Proxied() || known(r.RuntimeUsable, false) {
			continue
		}
		proxied = true
		if good(r) && known(r.RuntimeUsable, true) {
			return &candidate{result: r}
		}
	}
	if direct == nil || !good(direct) {
		return nil
	}
	return &candidate{result: direct, removal: proxied}
}

func known(b *bool, want bool) bool { return b != nil && *b == want }

// best: R4 keeps the expected protocol if it works, R5 goes by preference, R8 none.
func (c *chooser) best(found []candidate) *candidate {
	for i := range found {
		if found[i].result.Protocol == c.plan.Expect {
			return &found[i]
		}
	}
	if len(found) > 0 {
		return &found[0]
	}
	return nil
}

// https is R1: required whatever the protocol; an unwell service counts as reached.
func (c *chooser) https(v *report.Verdict) {
	probed := false
	for i := range c.results {
		r := &c.results[i]
		probed = probed || r.Protocol == report.HTTPS && r.Status != report.Skipped
	}
	if !probed {
		return
	}
	f := c.working(report.HTTPS, func(r *report.Result) bool { return r.Reached() })
	ok := f != nil
	v.HTTPSOK = &ok
	if ok {
		v.HTTPSRoute = f.result.Route
	}
}

// undecided tells whether something that could have changed the verdict was skipped.
func (c *chooser) undecided() bool {
	for _, r := range c.results {
		if r.Status == report.Skipped && !known(r.RuntimeUsable, false) {
			return true
		}
	}
	return false
}

// opened lists the paths that work and were expected not to; unknown the ones that were
// not finished.
func (c *chooser) opened() (open, unknown []string) {
	for _, n := range c.plan.ExpectClosed {
		for _, r := range c.results {
			if r.Protocol != n.Protocol || r.Route != n.Route {
				continue
			}
			switch {
			case r.Reached():
				open = append(open, n.String())
			case r.Status == report.Skipped:
				unknown = append(unknown, n.String())
			}
		}
	}
	return open, unknown
}

// exit gives the exit code: 130 over 1 over 3 over 0.
func (c *chooser) exit(v *report.Verdict, interrupted bool) {
	open, unknown := c.opened()
	httpsUnknown := v.HTTPSOK == nil && slices.Contains(c.plan.Protocols, report.HTTPS)
	onlyHTTPS := len(c.plan.Protocols) == 1 && c.plan.Protocols[0] == report.HTTPS
	switch {
	case interrupted:
		v.ExitCode = 130
	case v.UpstreamProtocol == nil && !onlyHTTPS, httpsUnknown, known(v.HTTPSOK, false), len(open) > 0, len(unknown) > 0:
		v.ExitCode = 1
	case known(v.Consistent, false) && !onlyHTTPS:
		v.ExitCode = 3
	}
}

// dominant is the failure that most of the paths that count have in common; among
// equals the one of the expected protocol, then the first.
func (c *chooser) dominant() *report.Result {
	count := map[string]int{}
	var best *report.Result
	key := func(r *report.Result) string { return r.Cause.Label(r.Hop) }
	for pass := range 2 {
		for i := range c.results {
			r := &c.results[i]
			if r.Status != report.Failed || known(r.RuntimeUsable, false) || r.Protocol == report.HTTPS && len(c.plan.Protocols) > 1 {
				continue
			}
			if pass == 0 {
				count[key(r)]++
				if r.Reached() {
					count[key(r)] += 3 // the hub itself answered: nothing is nearer to the truth
				}
				if r.Route != report.RouteDirect {
					count[key(r)] += 4 // a configured proxy is the way that was meant
				}
				continue
			}
			if best == nil || count[key(r)] > count[key(best)] || count[key(r)] == count[key(best)] && best.Protocol != c.plan.Expect && r.Protocol == c.plan.Expect {
				best = r
			}
		}
	}
	return best
}

// routeWords says a route in a person's words.
func (c *chooser) routeWords(id string) string {
	for _, r := range c.plan.Routes {
		if r.ID == id && r.Proxy != nil {
			return "through the proxy " + r.Proxy.String()
		}
	}
	return "directly"
}

var protocolWords = map[report.Protocol]string{report.AMQP: "AMQP", report.MQTT: "MQTT", report.AMQPWS: "AMQP over WebSocket", report.MQTTWS: "MQTT over WebSocket", report.HTTPS: "HTTPS"}

// reason is the verdict in a sentence or two that a person can act on.
func (c *chooser) reason(v report.Verdict) string {
	var s []string
	switch {
	case v.UpstreamProtocol != nil && known(v.Consistent, false):
		s = append(s, c.mismatch(v))
	case v.UpstreamProtocol != nil:
		s = append(s, c.chosen(v))
	case len(c.plan.Protocols) == 1 && c.plan.Protocols[0] == report.HTTPS:
		s = append(s, "Only HTTPS was probed, so no UpstreamProtocol is chosen.")
	default:
		s = append(s, c.none())
	}
	if x := c.httpsWords(v); x != "" {
		s = append(s, x)
	}
	open, unknown := c.opened()
	if len(open) > 0 {
		s = append(s, "Expected to be closed, and open: "+strings.Join(open, ", ")+".")
	}
	if len(unknown) > 0 {
		s = append(s, "Expected to be closed, and not finished: "+strings.Join(unknown, ", ")+".")
	}
	if v.Depth != "" {
		s = append(s, fmt.Sprintf("Probed to %s only: what answers was not asked whether it is the hub.", strings.ToUpper(v.Depth)))
	}
	if v.ExitCode == 130 {
		s = append(s, "Interrupted: the report is partial.")
	}
	return strings.Join(s, " ")
}

func (c *chooser) chosen(v report.Verdict) string {
	p := *v.UpstreamProtocol
	s := fmt.Sprintf("%s works %s: UpstreamProtocol %s", protocolWords[p], c.routeWords(v.Route), p.RuntimeName())
	if c.remove {
		s += ", and the proxy setting has to go: it does not work through the proxy"
	}
	if p != report.AMQP && c.plan.Expect == "" {
		s += ", set for edgeAgent and edgeHub alike (unset, edgeHub tries AMQP over TCP alone)"
	}
	return s + "."
}

func (c *chooser) mismatch(v report.Verdict) string {
	p := *v.UpstreamProtocol
	why := "was not finished"
	for _, r := range c.results {
		if r.Protocol == c.plan.Expect && r.Status == report.Failed && !known(r.RuntimeUsable, false) {
			why = fmt.Sprintf("does not work (%s)", r.Cause.Label(r.Hop))
			break
		}
	}
	source := ""
	if c.plan.ExpectSource != "" && c.plan.ExpectSource != "flag" {
		source = " by " + c.plan.ExpectSource
	}
	return fmt.Sprintf("%s is expected%s and %s; %s works %s: set UpstreamProtocol %s for edgeAgent and edgeHub, or have the expected one opened.",
		protocolWords[c.plan.Expect], source, why, protocolWords[p], c.routeWords(v.Route), p.RuntimeName())
}

func (c *chooser) none() string {
	if c.undecided() {
		return "Undecided: " + c.skipped() + " before an UpstreamProtocol was found to work."
	}
	s := "No UpstreamProtocol works"
	if d := c.dominant(); d != nil {
		s += fmt.Sprintf(": %s (%s). To act: %s", strings.TrimSuffix(d.Summary, "."), d.Cause.Label(d.Hop), d.Actor.Words())
	}
	for i := range c.results {
		r := &c.results[i]
		if r.Status == report.OK && r.RuntimeUsable == nil && r.Protocol.WebSocket() {
			return s + fmt.Sprintf(". %s works %s, but the runtime up to 1.4 cannot use an https:// proxy, and later ones are not known to", protocolWords[r.Protocol], c.routeWords(r.Route)) + "."
		}
	}
	return s + "."
}

func (c *chooser) skipped() string {
	for _, r := range c.results {
		if r.Status == report.Skipped && r.SkipReason != "" {
			return r.SkipReason
		}
	}
	return "something was skipped"
}

func (c *chooser) httpsWords(v report.Verdict) string {
	if !known(v.HTTPSOK, false) {
		if v.HTTPSOK == nil && slices.Contains(c.plan.Protocols, report.HTTPS) {
			return "HTTPS 443 was not finished."
		}
		return ""
	}
	for _, r := range c.results {
		if r.Protocol == report.HTTPS && r.Status == report.Failed && !known(r.RuntimeUsable, false) {
			return fmt.Sprintf("HTTPS 443, which the daemon always needs, does not work (%s).", r.Cause.Label(r.Hop))
		}
	}
	return "HTTPS 443, which the daemon always needs, does not work by a route that it can use."
}
