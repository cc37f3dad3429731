package probe

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/judge"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Depth is how far a path is tried.
type Depth = judge.Depth

// The depths. The zero value means DepthProtocol.
const (
	DepthTCP      = judge.DepthTCP
	DepthTLS      = judge.DepthTLS
	DepthProtocol = judge.DepthProtocol
	DepthAuth     = judge.DepthAuth
)

// Depths lists them from shallow to deep.
func Depths() []Depth { return judge.Depths() }

// Default limits of a run.
const (
	DefaultTimeout  = 10 * time.Second
	DefaultDeadline = 60 * time.Second
	parallel        = 64 // paths at once
)

// Route is a way out: direct, or through a proxy.
type Route struct {
	ID    string
	Proxy *proxyurl.Proxy // nil means direct
}

// usable tells whether the runtime would send a protocol by a route through a proxy. Its containers reach no
// proxy on the loopback of the host that the paths are tried on.
func (r Route) usable(proto report.Protocol, onHost bool) *bool {
	if onHost && proto != report.HTTPS && r.Proxy.Loopback() {
		return new(bool)
	}
	return r.Proxy.RuntimeUsable(proto)
}

// Routes numbers the routes of a plan: direct first, then each proxy in order.
func Routes(direct bool, proxies []*proxyurl.Proxy) []Route {
	var out []Route
	if direct {
		out = append(out, Route{ID: report.RouteDirect})
	}
	for i, p := range proxies {
		id := "proxy"
		if i > 0 {
			id = fmt.Sprintf("proxy%d", i+1)
		}
		out = append(out, Route{ID: id, Proxy: p})
	}
	return out
}

// Plan is everything a check needs to know. Host and Routes are required; every other
// zero value means the default.
type Plan struct {
	Host      string
	Source    string          // where the host's name came from
	Role      report.Endpoint // of the host; zero means what its name says
	Routes    []Route
	Protocols []report.Protocol // zero means all five
	Depth     Depth             // zero means DepthProtocol
	Attempts  int               // zero means 1
	Timeout   time.Duration     // silence that a path tolerates; zero means DefaultTimeout
	Deadline  time.Duration     // of one round; zero means DefaultDeadline, lengthened by attempts and hold
	Hold      time.Duration     // how long idle connections of working paths are tried; zero means not at all
	Identity  *Identity         // for DepthAuth; zero means none
	NoProxy   string            // the environment's no_proxy list, for findings
	Settings  []report.Finding  // what this host's settings show by themselves; zero means nothing
	Compared  []report.Finding  // that its places differ, and no more than that
	Users     []*judge.User     // who goes by which of its settings
	OnHost    bool              // the paths are tried on a host for containers that have to fare alike
	Bundle    *judge.Bundle     // what is set for the containers' roots
	Untested  []string          // needed endpoints beside the hub that could not be tested, and why
	Inside    []string          // names that containers are given addresses of
	Unreached []string          // needed endpoints beside the hub that do not answer, as somebody found out

	Expect       report.Protocol   // zero means none
	ExpectSource string            // flag, config.toml … or default
	Prefer       []report.Protocol // zero means report.DefaultPreference
	ExpectClosed []PathName        // paths that must not work

	// Skip leaves paths out of the plan. Zero means none.
	Skip func(PathName) bool
	// Quiet leaves MQTT's CONNECT out, which a hub counts as a failed login: such a path
	// ends, and is judged, with the layer below it, TLS or the WebSocket. Zero means none.
	Quiet func(PathName) bool

	// Sparing makes no connections beyond those of the paths while these work: for who checks
	// all day, or many hubs at once. A port that lets few pass may then look open, what fills a
	// packet is not sent, and connections are kept idle and not busy (Hold).
	Sparing bool

	// Parallel is how many paths are under way at once. Zero means 64.
	Parallel int

	// Farewells takes the goodbyes that are under way when the report stands: who sets it waits for
	// them, a moment. Zero means that the run waits, a second at most for each.
	Farewells *Farewells

	Version string // of the tool, for the report
}

// PathName names a path as PROTOCOL@ROUTE.
type PathName = judge.PathName

// Round is how long one round of the plan may take.
func (p Plan) Round() time.Duration { return p.withDefaults().Deadline }

func (p Plan) withDefaults() Plan {
	if len(p.Protocols) == 0 {
		p.Protocols = report.Protocols()
	}
	if p.Depth == "" {
		p.Depth = DepthProtocol
	}
	p.Attempts = max(p.Attempts, 1)
	if p.Timeout <= 0 {
		p.Timeout = DefaultTimeout
	}
	if p.Parallel <= 0 {
		p.Parallel = parallel
	}
	if p.Deadline <= 0 {
		p.Deadline = DefaultDeadline + time.Duration(p.Attempts-1)*p.Timeout
		if p.Hold > 0 {
			p.Deadline += p.Hold + 2*p.Timeout
		}
	}
	if len(p.Prefer) == 0 {
		p.Prefer = report.DefaultPreference()
	}
	return p
}

// role is what the host is.
func (p Plan) role() report.Endpoint { return cmp.Or(p.Role, iothub.Role(p.Host)) }

// paths spells the plan out, in the order of the report.
func (p Plan) paths() []*Path {
	var out []*Path
	var ports []int
	for _, proto := range p.Protocols {
		if !slices.Contains(ports, proto.Port()) {
			ports = append(ports, proto.Port())
		}
	}
	for _, r := range p.Routes {
		for _, proto := range p.Protocols {
			name := PathName{Protocol: proto, Route: r.ID}
			if p.Skip != nil && p.Skip(name) {
				continue
			}
			var usable *bool
			if r.Proxy != nil {
				usable = r.usable(proto, p.OnHost)
			}
			out = append(out, &Path{
				rank: p.rankOf(proto, usable), yields: p.yields(proto), last: p.last(proto),
				ID: fmt.Sprintf("r%d", len(out)+1), Host: p.Host, Endpoint: p.role(),
				Protocol: proto, Route: r,
				Depth: p.Depth, Timeout: p.Timeout, Attempts: p.Attempts, Hold: p.Hold, Identity: p.Identity,
				onHost: p.OnHost, ports: ports, turn: slices.Index(p.Protocols, proto),
				quiet: p.Quiet != nil && p.Quiet(name), sparing: p.Sparing,
			})
		}
	}
	if !p.Sparing && p.Attempts == 1 {
		best := math.MaxInt
		for _, path := range out {
			if path.Protocol != report.HTTPS {
				best = min(best, path.rank)
			}
		}
		for _, path := range out {
			path.foremost = path.rank <= max(1, best)
			path.peers = countPeers(out, path)
		}
	}
	return out
}

// countPeers is how many paths connect to where one does, with itself.
func countPeers(all []*Path, p *Path) int {
	h, host, port := p.dials()
	n := 0
	for _, o := range all {
		if oh, ohost, oport := o.dials(); oh == h && ohost == host && oport == port {
			n++
		}
	}
	return n
}

// Path is one protocol to one host by one route.
type Path struct {
	ID       string
	Host     string
	Endpoint report.Endpoint
	Protocol report.Protocol
	Route    Route
	Depth    Depth
	Timeout  time.Duration
	Attempts int
	Hold     time.Duration // zero means that nothing is held
	Identity *Identity
	quiet    bool // MQTT says no CONNECT
	onHost   bool // and not where the containers are
	sparing  bool // no connections beyond its own while it works
	alone    bool // walked once more, on its own

	rank int // what the verdict needs comes first
	// the verdict goes by it if it works
	foremost bool
	last     bool         // waits for two
	yields   report.Stage // before which the path waits for the first certificates; empty is none

	ports  []int   // that the plan tries by this route
	peers  int     // paths that connect to the same port; 0 where it is not looked at more often
	turn   int     // which of a name's addresses comes first
	survey *survey // shared by the paths of a run; nil means the path's own
	proven func()  // nobody has to wait for the path's proof any more; set with survey
}

// consumer is the component that the path stands for: the daemon does HTTPS, the
// containers everything else.
func (p *Path) consumer() hop.Consumer {
	if p.Protocol == report.HTTPS {
		return hop.Daemon
	}
	return hop.Containers
}

// result is the path's row before anything was tried.
func (p *Path) result() report.Result {
	r := report.Result{ID: p.ID, Endpoint: p.Endpoint, Host: p.Host, Port: p.Protocol.Port(), Protocol: p.Protocol,
		Route: p.Route.ID, Steps: []report.Step{}}
	yes := true
	r.RuntimeUsable = &yes
	if p.Route.Proxy != nil {
		r.RuntimeUsable = p.Route.usable(p.Protocol, p.onHost)
	}
	return r
}
