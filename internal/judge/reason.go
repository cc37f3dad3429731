package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

var protocolWords = map[report.Protocol]string{report.AMQP: "AMQP", report.MQTT: "MQTT",
	report.AMQPWS: "AMQP over WebSocket", report.MQTTWS: "MQTT over WebSocket", report.HTTPS: "HTTPS"}

// reason is the verdict in a sentence or two that a person can act on.
func (c *chooser) reason(v report.Verdict) string {
	var s []string
	if len(v.Closed) > 0 {
		s = append(s, closedWords(v.Closed))
	}
	if !c.closedDecides() || v.UpstreamProtocol != nil {
		s = append(s, c.upstreamWords(v))
		if x := c.httpsWords(v); x != "" {
			s = append(s, x)
		}
		if x := c.addressWords(v); x != "" {
			s = append(s, x)
		}
		if x := c.notEachTime(v); x != "" {
			s = append(s, x)
		}
	}
	s = append(s, c.strandedWords(v)...)
	if d, _ := c.fromHostsFile(v); d != nil {
		s = append(s, fmt.Sprintf("From containers it may not: they do not read this host's hosts file, and DNS does "+
			"not give its address for %s.", d.Name))
	}
	if len(c.q.Unreached) > 0 {
		s = append(s, "What this device needs besides does not answer: "+strings.Join(c.q.Unreached, ", ")+".")
	}
	if len(c.q.Untested) > 0 {
		s = append(s, "Not tested: "+strings.Join(c.q.Untested, ", ")+".")
	}
	if v.Depth != "" {
		s = append(s, fmt.Sprintf("Probed to %s only: what answers was not asked whether it is the hub.",
			strings.ToUpper(v.Depth)))
	}
	if v.ExitCode == 130 {
		s = append(s, "Interrupted: the report is partial.")
	}
	return strings.Join(s, " ")
}

func (c *chooser) upstreamWords(v report.Verdict) string {
	switch {
	case c.q.provisions():
		return c.provisioning(v)
	case c.onlyHTTPS():
		return "Only HTTPS was probed, so no UpstreamProtocol is chosen."
	case v.UpstreamProtocol == nil:
		return c.none(v)
	case known(v.Consistent, false):
		return c.mismatch(v)
	case c.q.Expect != "" && v.Consistent == nil:
		return fmt.Sprintf("Undecided: %s is expected and was not finished (%s). %s", protocolWords[c.q.Expect],
			c.skipped(),
			c.chosen(v))
	}
	return c.chosen(v)
}

// routeWords says a route in a person's words.
func (c *chooser) routeWords(id string) string {
	if r, found := c.q.route(id); found && r.Proxied() {
		return "through the proxy " + r.URL
	}
	return "directly"
}

func (c *chooser) chosen(v report.Verdict) string {
	p := *v.UpstreamProtocol
	works, also := fmt.Sprintf("%s works %s", protocolWords[p], c.routeWords(v.Route)), ""
	if v.Route != report.RouteDirect {
		also = " and https_proxy"
	}
	if p != report.AMQP && c.q.Expect == "" { // nothing is known to be set, and unset edgeHub tries AMQP alone
		return fmt.Sprintf("Set UpstreamProtocol %s%s for edgeAgent and edgeHub: %s%s.", p.RuntimeName(), also, works,
			c.removalWords(p))
	}
	return fmt.Sprintf("%s: UpstreamProtocol %s%s.", works, p.RuntimeName(), c.removalWords(p))
}

// removalWords is the other side of R10: why the proxy setting has to go.
func (c *chooser) removalWords(p report.Protocol) string {
	if !c.removal {
		return ""
	}
	if c.unknownUse(p) != nil {
		return ", and the proxy setting has to go: the runtime is not known to be able to use an https:// proxy"
	}
	return ", and the proxy setting has to go: it does not work through the proxy"
}

// unknownUse is a path that works and that the runtime may or may not be able to use:
// through an https:// proxy.
func (c *chooser) unknownUse(protocols ...report.Protocol) *report.Result {
	for _, r := range c.results {
		if ok(r) && r.RuntimeUsable == nil && slices.Contains(protocols, r.Protocol) {
			return r
		}
	}
	return nil
}

func (c *chooser) mismatch(v report.Verdict) string {
	p := *v.UpstreamProtocol
	source := ""
	if c.q.ExpectSource != "" && c.q.ExpectSource != "flag" {
		source = " by " + c.q.ExpectSource
	}
	return fmt.Sprintf("%s is expected%s and %s. %s works %s: set UpstreamProtocol %s for edgeAgent and edgeHub%s, or "+
		"have %s opened.",
		protocolWords[c.q.Expect], source, c.whyNot(c.q.Expect), protocolWords[p], c.routeWords(v.Route),
		p.RuntimeName(), c.removalWords(p), protocolWords[c.q.Expect])
}

// whyNot says why a protocol is not among the working ones.
func (c *chooser) whyNot(p report.Protocol) string {
	if r := c.judged(p); r != nil {
		return fmt.Sprintf("does not work (%s)", r.Cause.Label(r.Hop))
	}
	if slices.ContainsFunc(c.results, func(r *report.Result) bool { return r.Protocol == p }) {
		return "was probed only where the runtime cannot use it"
	}
	return "was not probed"
}

func (c *chooser) none(v report.Verdict) string {
	if c.undecided() {
		return "Undecided: " + c.skipped() + " before an UpstreamProtocol was found to work."
	}
	if s := c.unreadWords(v); s != "" {
		return s
	}
	if r := c.hostAlone(); r != nil {
		return fmt.Sprintf("No UpstreamProtocol works for edgeAgent and edgeHub: %s works %s from this host alone, "+
			"whose loopback containers do not reach. You have to act, on this host.", protocolWords[r.Protocol],
			c.routeWords(r.Route))
	}
	s := "No UpstreamProtocol works"
	r := c.q.bySOCKS(c.results)
	if r != nil {
		s += fmt.Sprintf(" that IoT Edge can use: %s answers %s, and IoT Edge does not know SOCKS. The proxy admin "+
			"can give the device an HTTP proxy", protocolWords[r.Protocol], c.routeWords(r.Route))
	}
	if d := c.dominant(); d != nil && r != nil {
		s += fmt.Sprintf(". Directly: %s (%s)", strings.TrimSuffix(c.conclusion(d, v), "."), d.Cause.Label(d.Hop))
	} else if d != nil {
		s += fmt.Sprintf(": %s (%s). %s", strings.TrimSuffix(c.conclusion(d, v), "."), d.Cause.Label(d.Hop), whoActs(d))
	}
	if r := c.unknownUse(report.AMQPWS, report.MQTTWS); r != nil {
		s += fmt.Sprintf(". %s works %s, but the runtime up to 1.4 cannot use an https:// proxy, and later ones "+
			"are not known to", protocolWords[r.Protocol], c.routeWords(r.Route))
	}
	return s + "."
}

// because names what the reason speaks of where nothing works: the dominant failure, and
// the finding that sees through it and says who or what is in the way.
func (c *chooser) because(v report.Verdict) (*report.Because, *conclusion) {
	d := c.dominant()
	if r := c.judged(report.HTTPS); r != nil && c.q.provisions() && known(v.HTTPSOK, false) {
		return &report.Because{Result: r.ID}, nil
	}
	if d == nil || v.UpstreamProtocol != nil || c.onlyHTTPS() || c.undecided() || c.hostAlone() != nil {
		return nil, nil
	}
	var results []report.Result
	for _, r := range c.results {
		results = append(results, *r)
	}
	w := &view{results: results, q: c.q, verdict: v}
	for _, r := range rows() {
		if r.leads == nil || !r.leads(d) {
			continue
		}
		for _, found := range r.rule(w) {
			if slices.Contains(ids(found.results), d.ID) {
				return &report.Because{Result: d.ID, Finding: r.code}, &found
			}
		}
	}
	return &report.Because{Result: d.ID}, nil
}

// conclusion is what the dominant failure comes to.
func (c *chooser) conclusion(d *report.Result, v report.Verdict) string {
	if _, found := c.because(v); found != nil {
		return found.summary
	}
	if d.Hop == report.HopProxy && d.Stage != report.StageConnect { // CONNECT's own words name the proxy
		return "at the proxy, " + d.Summary
	}
	return d.Summary
}

// whoActs is a sentence without its full stop.
func whoActs(d *report.Result) string {
	a := d.Actor
	switch {
	case a == report.ActorHost:
		return "You have to act, on this host"
	case a == report.ActorUser:
		return "You have to act"
	case a == report.ActorCredentials && d.Hop == report.HopProxy:
		return "Whoever issues the proxy's user name and password has to act"
	}
	w := a.Words()
	if w == "" { // a report from elsewhere that does not say
		w = report.ActorUnknown.Words()
	}
	return strings.ToUpper(w[:1]) + w[1:] + " has to act"
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
	switch {
	case known(v.HTTPSOK, true), c.q.provisions() && v.HTTPSOK != nil:
		return ""
	case v.HTTPSOK == nil && slices.Contains(c.q.Protocols, report.HTTPS):
		return "HTTPS 443 was not finished."
	case v.HTTPSOK == nil:
		return ""
	}
	if r := c.judged(report.HTTPS); r != nil {
		d := c.dominant()
		if d != nil && v.UpstreamProtocol == nil && way(d) == way(r) &&
			c.unknownUse(report.AMQPWS, report.MQTTWS) == nil { // whose sentence stands in between
			return "HTTPS 443, which the IoT Edge daemon always needs, fails in the same way."
		}
		return fmt.Sprintf("HTTPS 443, which the IoT Edge daemon always needs, does not work (%s).",
			r.Cause.Label(r.Hop))
	}
	return "HTTPS 443, which the IoT Edge daemon always needs, does not work by a route that it can use."
}
