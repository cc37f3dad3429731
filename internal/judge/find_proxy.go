package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

// proxyScheme: a setting without a scheme breaks .NET's reading of it; https:// is not
// usable by runtimes up to 1.4.
func proxyScheme(v *view) []conclusion {
	var out []conclusion
	for _, r := range v.q.Routes {
		rs := v.matching(func(x *report.Result) bool { return x.Route == r.ID })
		switch { // the direct route has neither
		case r.NoScheme && v.settingTold(report.ProxyScheme): // with the very place
		case r.NoScheme:
			out = append(out, conclusion{facts: report.Facts{Grave: true}, results: rs,
				summary: fmt.Sprintf("the proxy setting %s lacks http:// before %s: edgeAgent and edgeHub cannot "+
					"read it",
					r.Source, r.Address),
				remedy: fmt.Sprintf("Write http://%s in every place where the proxy is set.", r.Address)})
		case r.Scheme == SchemeHTTPS:
			out = append(out, conclusion{results: rs,
				summary: fmt.Sprintf("%s is an https:// proxy: edgeAgent and edgeHub up to 1.4 cannot use one, and "+
					"later ones are not known to", r.URL),
				remedy: "Use the proxy's http:// port for IoT Edge."})
		}
	}
	return out
}

// proxyUnneeded is R10's other side.
func proxyUnneeded(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool {
		if !direct(r) || r.Status != report.OK || !r.Protocol.WebSocket() {
			return false
		}
		tried, works := false, false
		for _, o := range v.results {
			if o.Protocol == r.Protocol && o.Route != r.Route && !known(o.RuntimeUsable, false) &&
				o.Status != report.Skipped {
				tried, works = true, works || o.Status == report.OK
			}
		}
		return tried && !works
	})
	set := func(f *fate) bool { return f.Proxy != "" } // each is told by its name and place
	if len(bad) == 0 || slices.ContainsFunc(v.lost(), set) {
		return nil
	}
	return one(conclusion{
		summary: fmt.Sprintf("%s works directly and not through the proxy that is configured", bad[0].Protocol),
		remedy:  "Take the proxy setting away from the runtime (every place has to lose it).", results: bad})
}

func proxyRequired(v *view) []conclusion {
	all := v.matching(direct)
	dead := v.matching(func(r *report.Result) bool { return direct(r) && failed(r) && !r.Reached() })
	works := v.proxiedOK()
	if len(all) == 0 || len(dead) != len(all) || len(works) == 0 {
		return nil
	}
	return one(conclusion{
		summary: "only the route through the proxy works: the device needs the proxy setting and a WebSocket protocol",
		remedy: "Set https_proxy and UpstreamProtocol for edgeAgent and edgeHub, in the device's configuration and " +
			"in every deployment for it.", results: works})
}

// proxyRuntimeLimits: what works through a proxy and is of no use to the runtime. It
// matters where the runtime is asked to use it, or nothing else works.
func proxyRuntimeLimits(v *view) []conclusion {
	if c := v.loopback(); c != nil {
		return c
	}
	bad := v.matching(func(r *report.Result) bool {
		p, found := v.q.route(r.Route)
		if !found || !p.Proxied() || !known(r.RuntimeUsable, false) || v.q.onLoopback(r) {
			return false
		}
		return r.Status == report.OK || p.Scheme == SchemeSOCKS5 || r.Protocol == v.q.Expect
	})
	if len(bad) == 0 {
		return nil
	}
	scheme := func(r *report.Result) string { p, _ := v.q.route(r.Route); return p.Scheme }
	why, remedy := "AMQP and MQTT without WebSocket never go through a proxy", "Through a proxy use AmqpWs or MqttWs"
	if scheme(bad[0]) == SchemeSOCKS5 {
		why = "it does not know SOCKS"
	}
	if slices.ContainsFunc(bad, func(r *report.Result) bool { return scheme(r) != SchemeHTTP }) {
		remedy += " and an http:// proxy URL"
	}
	if r := v.q.bySOCKS(bad); r != nil && v.verdict.UpstreamProtocol == nil && !v.q.provisions() {
		return one(conclusion{facts: report.Facts{Needed: true}, actor: report.ActorProxy, results: bad,
			summary: fmt.Sprintf("%s answers by the route %s, and IoT Edge does not know SOCKS", r.Protocol, r.Route),
			remedy: fmt.Sprintf("Give this device an HTTP proxy beside the SOCKS one, with CONNECT to %s:443.",
				r.Host)})
	}
	asked := v.verdict.UpstreamProtocol == nil || slices.ContainsFunc(bad,
		func(r *report.Result) bool { return r.Protocol == v.q.Expect })
	return one(conclusion{facts: report.Facts{Needed: asked}, results: bad, remedy: remedy + ".",
		summary: fmt.Sprintf("%s by the route %s is of no use to the IoT Edge runtime: %s", bad[0].Protocol,
			bad[0].Route,
			why)})
}

// bySOCKS is a path that works by a proxy whose protocol the runtime does not know.
func (q Question) bySOCKS(rs []*report.Result) *report.Result {
	for _, r := range rs {
		if p, _ := q.route(r.Route); p.Scheme == SchemeSOCKS5 && ok(r) && r.Protocol.WebSocket() {
			return r
		}
	}
	return nil
}

func proxyNoProxyIgnored(v *view) []conclusion {
	proxied := v.matching(func(r *report.Result) bool { p, found := v.q.route(r.Route); return found && p.Proxied() })
	if len(proxied) == 0 || !v.q.NoProxy {
		return nil
	}
	return one(conclusion{results: proxied,
		summary: fmt.Sprintf("no_proxy takes %s out, and no component of IoT Edge on the way to the hub honours it",
			v.q.Host),
		remedy: "Do not count on no_proxy: with https_proxy set, edgeAgent, edgeHub and the daemon send the hub's " +
			"traffic to the proxy."})
}

// nodesDiffer: a proxy lets a CONNECT in, and refuses the same.
func nodesDiffer(v *view) []conclusion {
	var out []conclusion
	for _, route := range v.q.Routes {
		some := v.matching(func(r *report.Result) bool { return r.Route == route.ID && refusedNowAndThen(r) })
		if len(some) == 0 {
			continue
		}
		most := slices.MaxFunc(some, func(a, b *report.Result) int { return a.Failures - b.Failures })
		out = append(out, conclusion{actor: report.ActorProxy, results: some, remedy: nodesRemedy(most, route.Address),
			summary: fmt.Sprintf("the proxy %s lets the same CONNECT in and refuses it: %d of %d were refused%s",
				route.Address, most.Failures, most.Attempts, refusalWords(most))})
	}
	return out
}

// slowConnects: a proxy lets tunnels in, and takes long over each.
func slowConnects(v *view) []conclusion {
	var out []conclusion
	for _, route := range v.q.Routes {
		var longest report.Millis
		slow := v.matching(func(r *report.Result) bool {
			st, _ := r.Step(report.HopProxy, report.StageConnect)
			late := r.Route == route.ID && st.Status == report.OK && st.DurationMs > highLatencyMs
			if late {
				longest = max(longest, st.DurationMs)
			}
			return late
		})
		if len(slow) < 2 { // one may have met a lost packet
			continue
		}
		out = append(out, conclusion{actor: report.ActorProxy, results: slow,
			summary: fmt.Sprintf("the proxy %s takes up to %.3g s to answer CONNECT", route.Address,
				longest.Duration().Seconds()),
			remedy: fmt.Sprintf("Find out what %s waits for before it lets a tunnel in (a look-up of users or "+
				"rules, too few helpers): each connection of the runtime waits as long.", route.Address)})
	}
	return out
}

// refusedNowAndThen tells whether a proxy gave a path's CONNECT different answers.
func refusedNowAndThen(r *report.Result) bool {
	if r.Failures >= r.Attempts || r.FailureCauses[report.ConnectLimit] > 0 {
		return false
	}
	for c := range r.FailureCauses {
		if strings.HasPrefix(string(c), "connect.") && c != report.ConnectTimeout {
			return true
		}
	}
	return false
}

// nowAndThen is told of a path that a proxy refuses where it lets the same in at other times.
func nowAndThen(r *report.Result) {
	if refusedNowAndThen(r) {
		r.Actor, r.Remedy = report.ActorProxy, nodesRemedy(r, "the proxy")
		r.Summary += fmt.Sprintf("; it let %d of %d of the same CONNECT in", r.Attempts-r.Failures, r.Attempts)
	}
}

func nodesRemedy(r *report.Result, address string) string {
	return fmt.Sprintf("Have each CONNECT to %s:%d from this device let in at %s: it lets some in and refuses the "+
		"same at other times, as several proxies behind one address do when they do not have the same rules, "+
		"accounts or way out.", r.Host, r.Port, address)
}

// refusalWords quotes a refusal beside which others were let in: which proxy of several it was may stand there.
func refusalWords(r *report.Result) string {
	d := loginOf(r)
	if d == nil {
		return ""
	}
	line, headers := d.StatusLine, d.Headers
	if d.Otherwise != nil {
		line, headers = d.Otherwise.StatusLine, d.Otherwise.Headers
	}
	if line == "" {
		return ""
	}
	return " (" + strings.Join(append([]string{line}, headers...), "; ") + ")"
}

// notEachTime limits a verdict that rests on a path whose CONNECT is refused now and then.
func (c *chooser) notEachTime(v report.Verdict) string {
	for _, r := range c.results {
		chosen := v.UpstreamProtocol != nil && r.Protocol == *v.UpstreamProtocol && r.Route == v.Route ||
			r.Protocol == report.HTTPS && r.Route == v.HTTPSRoute
		if chosen && ok(r) && refusedNowAndThen(r) {
			return fmt.Sprintf("That does not hold each time: the proxy refused %d of %d of the same "+
				"CONNECT.", r.Failures,
				r.Attempts)
		}
	}
	return ""
}

// hostAlone is a path that works from this host and not from its containers, by the host's loopback.
func (c *chooser) hostAlone() *report.Result {
	i := slices.IndexFunc(c.results, c.q.onLoopback)
	if i < 0 {
		return nil
	}
	return c.results[i]
}

func (q Question) onLoopback(r *report.Result) bool {
	route, _ := q.route(r.Route)
	return route.Loopback && ok(r) && r.Protocol.WebSocket()
}

// loopback: what works by a proxy on this host's loopback, where no container is. Who is set for it is
// told by name where another way works.
func (v *view) loopback() []conclusion {
	works := v.matching(v.q.onLoopback)
	if len(works) == 0 || slices.ContainsFunc(v.lost(), func(f *fate) bool { return f.Route == works[0].Route }) {
		return nil
	}
	route, _ := v.q.route(works[0].Route)
	return one(conclusion{facts: report.Facts{Needed: v.verdict.UpstreamProtocol == nil}, results: works,
		summary: fmt.Sprintf("%s work through %s from this host alone: that is its own loopback, and edgeAgent and "+
			"edgeHub, which run in containers, have another one unless they have this host's network",
			protocolsOf(works), route.URL),
		remedy: containersReach})
}

const containersReach = "Let the proxy listen on an address of this host that containers reach (that of the " +
	"container engine's bridge), allow it there, and set https_proxy to that address. edgenet check --from container " +
	"tells whether they reach it."

// seeLoopback marks the proxies that a name led to this host's loopback: nothing goes there from containers.
func (q *Question) seeLoopback(results []report.Result) {
	q.Routes = slices.Clone(q.Routes)
	for i := range results {
		r := &results[i]
		a, err := netip.ParseAddr(remoteIPAt(r, report.HopProxy))
		if !q.OnHost || err != nil || !a.IsLoopback() {
			continue
		}
		for n := range q.Routes {
			if q.Routes[n].ID == r.Route && r.Protocol != report.HTTPS {
				q.Routes[n].Loopback, r.RuntimeUsable = true, say(false)
			}
		}
	}
}
