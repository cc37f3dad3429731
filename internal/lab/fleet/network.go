package fleet

import (
	"math"
	"slices"

	"edgenet/internal/edgeagent"
)

// The ways that a check tries, in the order of a network's row.
const (
	amqp = iota
	mqtt
	amqpws
	mqttws
	https
	ways
	unset = -1 // of a protocol: nothing is set
)

// protocolNames are the ways' names in reports.
var protocolNames = [ways]string{"AMQP", "MQTT", "AMQPWS", "MQTTWS", "HTTPS"}

const good = "ok"

// network is what a site's network lets through: good, or the cause of the failure.
type network struct {
	name   string
	direct [ways]string
	proxy  [proxies]string // what a path through that proxy gives
}

// The proxies of all sites. 0 is none.
const (
	proxyA = iota + 1
	proxyB
	proxies
)

// ProxyURL is the address of a proxy, "a" or "b", that sites of this fleet have.
func ProxyURL(name string) string { return "http://proxy-" + name + ".fleet.lab.test:3128" }

func proxyURL(p int) string {
	if p <= 0 || p >= proxies {
		return ""
	}
	return ProxyURL(string(rune('a' + p - 1)))
}

// proxyOf reads a proxy's address; false where no site has such a proxy.
func proxyOf(url string) (int, bool) {
	for p := proxyA; p < proxies; p++ {
		if url == proxyURL(p) || url == proxyURL(p)+"/" {
			return p, true
		}
	}
	return 0, url == ""
}

const closed, refused, noProxy = "tcp.timeout", "tcp.refused", "proxy/dns.nxdomain"

// The networks. A proxy that a network does not have is a name that does not resolve.
const (
	netOpen = iota
	netNo5671
	netOnly443
	netNoWebSocket
	netOnlyMQTT
	netNo443
	netNothing
	netProxyA
	netProxyB
	netOpenA
	netOnly443A
	netProxyBroken
)

var networks = []network{
	netOpen: {"open", [ways]string{good, good, good, good, good},
		[proxies]string{good, noProxy, noProxy}},
	netNo5671: {"5671-blocked", [ways]string{closed, good, good, good, good},
		[proxies]string{good, noProxy, noProxy}},
	netOnly443: {"443-only", [ways]string{closed, closed, good, good, good},
		[proxies]string{good, noProxy, noProxy}},
	netNoWebSocket: {"no-websocket", [ways]string{good, good, "ws.not-upgraded", "ws.not-upgraded", good},
		[proxies]string{good, noProxy, noProxy}},
	netOnlyMQTT: {"mqtt-only", [ways]string{refused, good, "ws.not-upgraded", "ws.not-upgraded", good},
		[proxies]string{good, noProxy, noProxy}},
	netNo443: {"443-blocked", [ways]string{good, good, closed, closed, closed},
		[proxies]string{good, noProxy, noProxy}},
	netNothing: {"nothing", [ways]string{closed, closed, closed, closed, closed},
		[proxies]string{good, "proxy/tcp.timeout", "proxy/tcp.timeout"}},
	netProxyA: {"proxy-a-only", [ways]string{closed, closed, closed, closed, closed},
		[proxies]string{good, good, noProxy}},
	netProxyB: {"proxy-b-only", [ways]string{closed, closed, closed, closed, closed},
		[proxies]string{good, noProxy, good}},
	netOpenA: {"open-and-proxy-a", [ways]string{good, good, good, good, good},
		[proxies]string{good, good, noProxy}},
	netOnly443A: {"443-and-proxy-a", [ways]string{closed, closed, good, good, good},
		[proxies]string{good, good, noProxy}},
	netProxyBroken: {"443-proxy-a-down", [ways]string{closed, closed, good, good, good},
		[proxies]string{good, "proxy/tcp.refused", noProxy}},
}

// label is what a way gives on a network, through a proxy or, with 0, directly.
func label(net, proxy, way int) string {
	n := &networks[net]
	if proxy == 0 {
		return n.direct[way]
	}
	if way == amqp || way == mqtt {
		return n.direct[way] // no proxy is asked
	}
	return n.proxy[proxy]
}

// kindOfSite is which proxy a site has, and between which networks it changes: the first
// is the commonest.
type kindOfSite struct {
	proxy    int
	share    float64
	networks []int
	weights  []float64
}

var kindsOfSite = []kindOfSite{
	{0, 0.60, []int{netOpen, netOnly443, netNo5671, netNoWebSocket, netOnlyMQTT, netNo443},
		[]float64{0.42, 0.28, 0.16, 0.05, 0.05, 0.04}},
	{proxyA, 0.25, []int{netProxyA, netOpenA, netOnly443A, netProxyBroken}, []float64{0.60, 0.15, 0.20, 0.05}},
	{proxyB, 0.15, []int{netProxyB, netNothing}, []float64{0.97, 0.03}},
}

// site is a place with one network, which changes.
type site struct {
	kind    uint8
	changes []change // by time; the first is before everything
}

type change struct {
	at  int32
	net uint8
}

// pick chooses by weights.
func pick(n uint64, weights []float64) int {
	x := share(n)
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// makeSite draws a site and how its network changes from the fleet's start to its horizon.
func (f *Fleet) makeSite(n int) site {
	kinds := make([]float64, len(kindsOfSite))
	for i, k := range kindsOfSite {
		kinds[i] = k.share
	}
	id := uint64(n)
	s := site{kind: uint8(pick(dice(f.options.Seed, askSite, id), kinds))}
	kind := &kindsOfSite[s.kind]
	net := kind.networks[pick(dice(f.options.Seed, askProfile, id, 0), kind.weights)]
	s.changes = []change{{math.MinInt32, uint8(net)}}
	if f.options.Changes < 0 {
		return s
	}
	mean := f.options.Changes.Seconds() / f.options.Pace
	at := float64(f.begun) + f.seconds(quietStart)
	for i := uint64(1); i < 200; i++ {
		at += -mean * math.Log(1-share(dice(f.options.Seed, askChange, id, i)))
		if at > horizon {
			break
		}
		net = kind.networks[pick(dice(f.options.Seed, askProfile, id, i), kind.weights)]
		if int(s.changes[len(s.changes)-1].net) != net {
			s.changes = append(s.changes, change{int32(at), uint8(net)})
		}
	}
	return s
}

// horizon is the last moment of the fleet's clock, in its seconds.
const horizon = 1 << 30

// quietStart is for how long no network changes at first, so that what the lab says of
// itself at its start holds while somebody looks at it.
const quietStart = 3600

// way is one way that a component goes.
type way struct {
	protocol int // amqp to mqttws
	proxy    int // 0 without
	broken   bool
}

// works tells whether a way leads to the hub on a network.
func (w way) works(net int) bool { return !w.broken && label(net, w.proxy, w.protocol) == good }

// waysOf reads an environment as edgeAgent (fallback) and edgeHub do. See
// edgeagent.FactUnsetAgent and FactUnsetHub.
func waysOf(e edgeagent.Env, fallback bool) []way {
	url, _ := e.Lookup(edgeagent.VarProxy)
	value, _ := e.Lookup(edgeagent.VarProtocol)
	proxy, known := proxyOf(url)
	p, reading := edgeagent.ParseUpstream(value)
	if reading == edgeagent.Breaks {
		return []way{{broken: true}}
	}
	protocol := slices.Index(protocolNames[:], string(p))
	switch {
	case protocol < 0 && fallback:
		return []way{{protocol: amqp}, {protocol: amqpws, proxy: proxy, broken: !known}}
	case protocol < 0:
		return []way{{protocol: amqp}}
	case protocol == amqp || protocol == mqtt:
		return []way{{protocol: protocol}}
	}
	return []way{{protocol: protocol, proxy: proxy, broken: !known}}
}

// working is the first of some ways that works on a network.
func working(all []way, net int) (way, bool) {
	for _, w := range all {
		if w.works(net) {
			return w, true
		}
	}
	return way{}, false
}
