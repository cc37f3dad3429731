package fleet

import "edgenet/internal/lab/twinsql"

// How edgenet's module behaves, in seconds.
const (
	checkInterval = 6 * 3600
	retryInterval = 300
	failAfter     = 3
)

// facts are what a report of edgenet.twin/1 says but for its times and counts. Devices
// that see the same share them.
type facts struct {
	key    factsKey
	static object
	status string
}

type factsKey struct {
	net, proxy, configured, recommends, route uint8
	flapping, clockOff                        bool
}

// proves tells whether a report says ok for every way of a component.
func (x *facts) proves(all []way) bool {
	for _, w := range all {
		if !w.broken && (w.proxy == 0 || w.proxy == int(x.key.proxy)) &&
			label(int(x.key.net), w.proxy, w.protocol) == good {
			return true
		}
	}
	return false
}

// readSettings takes what edgenet's desired properties and environment say.
func (f *Fleet) readSettings(n int) {
	d := &f.devices[n]
	desired := f.desiredOfModule(n)
	d.wish = absent
	for p, name := range []string{"Amqp", "Mqtt", "AmqpWs", "MqttWs"} {
		if text(desired.Get("expected")) == name {
			d.wish = uint8(p)
		}
	}
	d.proxy = 0
	list, _ := desired.Get("proxies").([]any)
	urls := []string{}
	if d.taken != nil && d.taken.env != "" {
		urls = append(urls, d.taken.env)
	}
	for _, u := range list {
		urls = append(urls, text(u))
	}
	for _, u := range urls {
		if p, known := proxyOf(u); known && p > 0 {
			d.proxy = uint8(p)
			return
		}
	}
}

// configured is what edgenet takes for the configured protocol.
func (d *device) configured() uint8 {
	if d.wish != absent {
		return d.wish
	}
	return d.given
}

// checks is a check of edgenet, and its report if edgeHub is connected.
func (f *Fleet) checks(n int, at int32) {
	d := &f.devices[n]
	d.checkAt = never
	if d.is(dead) || !d.is(running) {
		return
	}
	f.recommend(d)
	interval := float64(checkInterval)
	if d.fails > 0 {
		interval = retryInterval
	}
	d.checkAt = at + f.delay(n, interval*0.9, interval*1.1)
	found := f.factsOf(d)
	if found != d.local {
		if d.local == nil || found.status != d.local.status || found.key.recommends != d.local.key.recommends {
			d.localChanged = at
			d.seq++
		}
		d.local = found
	}
	d.localChecked = at
	if d.is(hubUp) {
		d.hub, d.hubChecked, d.hubChanged = d.local, d.localChecked, d.localChanged
		d.hubSeen = at
		d.reports++
	}
	if d.is(agentUp) {
		d.agentSeen = at
	}
}

// recommend keeps what is recommended until it failed failAfter times in a row.
func (f *Fleet) recommend(d *device) {
	best, route := choose(int(d.net), int(d.proxy), d.configured())
	if d.is(asked) { // whoever asks gets what is best now
		d.set(asked, false)
		d.recommends, d.route, d.fails = best, route, 0
		return
	}
	switch {
	case d.recommends == absent, best == d.recommends && route == d.route:
		d.recommends, d.route, d.fails = best, route, 0
	case best == absent:
		d.fails = 0 // nothing else to go to
	case label(int(d.net), int(d.route), int(d.recommends)) == good && (d.route == 0 || d.route == d.proxy):
		d.fails = 0
	default:
		if d.fails++; d.fails >= failAfter {
			d.recommends, d.route, d.fails = best, route, 0
		}
	}
}

// choose is the verdict: HTTPS has to work, what is configured stays if it works, then
// the runtime's order; where there is a proxy, what can goes through it first.
func choose(net, proxy int, configured uint8) (protocol, route uint8) {
	if label(net, 0, https) != good && (proxy == 0 || label(net, proxy, https) != good) {
		return absent, 0
	}
	order := []uint8{amqp, amqpws, mqtt, mqttws}
	if configured != absent {
		order = append([]uint8{configured}, order...)
	}
	for _, p := range order {
		if proxy != 0 && (p == amqpws || p == mqttws) && label(net, proxy, int(p)) == good {
			return p, uint8(proxy)
		}
		if label(net, 0, int(p)) == good {
			return p, 0
		}
	}
	return absent, 0
}

// factsOf finds what the device's report says.
func (f *Fleet) factsOf(d *device) *facts {
	key := factsKey{d.net, d.proxy, d.configured(), d.recommends, d.route, d.is(flapping), d.is(clockOff)}
	if best, _ := choose(int(d.net), int(d.proxy), key.configured); best == absent {
		key.recommends, key.route = absent, 0
	}
	if known := f.facts[key]; known != nil {
		return known
	}
	made := key.write()
	f.facts[key] = made
	return made
}

// write puts a report's words together.
func (k factsKey) write() *facts {
	configured, recommended := name(k.configured), name(k.recommends)
	viaProxy := k.proxy != 0
	x := &facts{key: k, status: k.status()}
	o := object{member("schema", "edgenet.twin/1"), member("version", "2.0.0"), member("status", x.status)}
	add := func(key string, v any) {
		if v != nil {
			o = append(o, member(key, v))
		}
	}
	add("recommended", recommended)
	if recommended != nil {
		add("route", routeName(k.route))
	}
	add("https", label(int(k.net), 0, https) == good || viaProxy && label(int(k.net), int(k.proxy), https) == good)
	add("cause", k.cause())
	findings := k.findings()
	if len(findings) > 0 {
		add("finding", findings[0])
	}
	add("configured", configured)
	if configured != nil && recommended != nil {
		add("consistent", configured == recommended)
	}
	add("direct", k.labels(0, amqp, mqtt, amqpws, mqttws, https))
	if viaProxy {
		add("proxy", k.labels(int(k.proxy), amqpws, mqttws, https))
		add("proxySource", "desired")
	}
	add("findings", findings)
	if recommended != nil {
		add("latencyMs", object{member(recommended.(string), float64(40+11*int(k.net)+60*int(k.route)))})
	}
	flaps := []any{}
	if k.flapping {
		flaps = append(flaps, "MQTT@direct")
	}
	add("flapping", flaps)
	add("outages24h", 0.0)
	add("worstOutageSec", 0.0)
	add("edgeHub", "online")
	add("hubTransport", "amqp")
	add("clockSuspect", k.clockOff)
	add("configErrors", []any{})
	x.static = o
	return x
}

func name(protocol uint8) any {
	if protocol == absent {
		return nil
	}
	return protocolNames[protocol]
}

func routeName(proxy uint8) string {
	if proxy != 0 {
		return "proxy"
	}
	return "direct"
}

func (k factsKey) labels(proxy int, which ...int) object {
	out := object{}
	for _, w := range which {
		out = append(out, member(protocolNames[w], label(int(k.net), proxy, w)))
	}
	return out
}

func (k factsKey) status() string {
	switch {
	case k.recommends == absent:
		return "down"
	case k.configured != absent && k.configured != k.recommends, k.flapping, k.clockOff,
		label(int(k.net), int(k.route), int(k.recommends)) != good:
		return "degraded"
	}
	return good
}

// cause is why the configured protocol fails, else why the first does that fails directly.
func (k factsKey) cause() any {
	order := []int{amqp, amqpws, mqtt, mqttws}
	if k.recommends == absent {
		order = []int{https, amqp, amqpws}
	}
	if k.configured != absent {
		if l := label(int(k.net), 0, int(k.configured)); l != good && !k.byProxy(int(k.configured)) {
			return l
		}
	}
	for _, p := range order {
		if l := label(int(k.net), 0, p); l != good {
			return l
		}
	}
	return nil
}

func (k factsKey) byProxy(p int) bool {
	return k.proxy != 0 && (p == amqpws || p == mqttws) && label(int(k.net), int(k.proxy), p) == good
}

func (k factsKey) findings() []any {
	out := []any{}
	direct := networks[k.net].direct
	broken := 0
	for _, l := range direct {
		if l != good {
			broken++
		}
	}
	switch {
	case k.recommends == absent && direct[https] != good:
		out = append(out, "https.required")
	case broken == ways && k.route != 0:
		out = append(out, "proxy.required")
	}
	if k.configured != absent && k.recommends != absent && k.configured != k.recommends {
		out = append(out, "protocol.mismatch")
	}
	if k.clockOff {
		out = append(out, "clock.skew")
	}
	if broken > 0 && broken < ways && (direct[amqp] == closed || direct[amqpws] == closed) {
		out = append(out, "firewall.port-blocked")
	}
	return out
}

// own are the members of a report that no two devices share.
var own = []string{"checkedAt", "changedAt", "upSince", "seq"}

// reportMember is such a member; false for any other name.
func (f *Fleet) reportMember(d *device, name string) (any, bool) {
	switch name {
	case "checkedAt":
		return f.stamp(d.hubChecked), true
	case "changedAt":
		return f.stamp(d.hubChanged), true
	case "upSince":
		if d.hub.status == "down" {
			return twinsql.Undefined{}, true
		}
		return f.stamp(d.hubChanged), true
	case "seq":
		return float64(d.seq), true
	}
	return nil, false
}

// report is the section edgenet of the module's reported properties, as the hub has it.
func (f *Fleet) report(n int) object {
	d := &f.devices[n]
	if d.hub == nil {
		return nil
	}
	o := make(object, 0, len(d.hub.static)+len(own))
	o = append(o, d.hub.static...)
	for _, name := range own {
		if v, _ := f.reportMember(d, name); v != any(twinsql.Undefined{}) {
			o = append(o, member(name, v))
		}
	}
	return o
}
