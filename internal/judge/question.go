package judge

import (
	"fmt"
	"slices"

	"edgenet/report"
)

// Depth is how far a path is tried.
type Depth string

// The depths. The zero value means DepthProtocol.
const (
	DepthTCP      Depth = "tcp"
	DepthTLS      Depth = "tls"
	DepthProtocol Depth = "protocol"
	DepthAuth     Depth = "auth"
)

// Depths lists them from shallow to deep.
func Depths() []Depth { return []Depth{DepthTCP, DepthTLS, DepthProtocol, DepthAuth} }

// PathName names a path as PROTOCOL@ROUTE.
type PathName struct {
	Protocol report.Protocol
	Route    string
}

func (n PathName) String() string { return string(n.Protocol) + "@" + n.Route }

// Question is what is asked of the results. Host and Routes are required; every other
// zero value means the default.
type Question struct {
	Host         string
	Role         report.Endpoint   // of the host; zero means a hub or a parent
	Public       bool              // the host has a public name: public addresses and public roots are expected
	Protocols    []report.Protocol // that were asked about; zero means all five
	Depth        Depth             // zero means DepthProtocol
	Routes       []Route           // in the order of the report
	Expect       report.Protocol   // zero means none
	ExpectSource string            // flag, config.toml … or default
	Prefer       []report.Protocol // zero means report.DefaultPreference
	Closed       []PathName        // paths that must not work
	NoProxy      bool              // the environment's no_proxy takes the host out
	OnHost       bool              // tried on a host for containers that have to fare alike
	Settings     []report.Finding  // what this host's settings show by themselves
	Compared     []report.Finding  // that they differ, which is no fault where each leads out
	Users        []*User           // who goes by which of them
	Unreached    []string          // needed endpoints beside the host that do not answer
	Untested     []string          // needed endpoints beside the host that could not be tested
	Bundle       *Bundle           // what this host's settings say of the trust bundle; nil: nothing
	HubRoots     []string          // common names of the public roots that IoT Hub is known to use
}

// Bundle is a trust bundle that is set already.
type Bundle struct {
	File    string   // or the id that certd has
	Where   string   // the setting's place
	Trouble string   // why nothing of it is used; empty where its certificates are
	Holds   []string // subjects of its certificates
}

// into says where a CA has to be put for the containers, and what is wrong with what is there.
func (b *Bundle) into() string {
	switch {
	case b == nil:
		return report.BundleWords
	case b.Trouble != "":
		return fmt.Sprintf("%s, which %s names already and which %s", b.File, b.Where, b.Trouble)
	}
	holds := shortName(b.Holds[0])
	if n := len(b.Holds) - 1; n > 0 {
		holds += fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("%s, which %s names already and which holds %s and not this CA", b.File, b.Where,
		holds)
}

// The schemes of proxies, as far as the runtime treats them differently.
const (
	SchemeHTTP   = "http"
	SchemeHTTPS  = "https"
	SchemeSOCKS5 = "socks5"
)

// Route is a way out, with what the rules have to know of its proxy.
type Route struct {
	ID       string
	URL      string // of the proxy, its password masked; empty means direct
	Address  string // host and port of the proxy
	Scheme   string // SchemeHTTP, SchemeHTTPS or SchemeSOCKS5
	Source   string // flag, or where the setting was found
	NoScheme bool   // the setting lacked its scheme
	NoPort   bool   // it names no port: its scheme's own was taken
	Loopback bool   // the proxy is on this host's loopback, which is not that of its containers
}

// Proxied tells whether the route goes through a proxy.
func (r Route) Proxied() bool { return r.URL != "" }

// normal fills in the defaults.
func (q Question) normal() Question {
	if len(q.Protocols) == 0 {
		q.Protocols = report.Protocols()
	}
	if q.Depth == "" {
		q.Depth = DepthProtocol
	}
	if len(q.Prefer) == 0 {
		q.Prefer = report.DefaultPreference()
	}
	return q
}

// route gives the route of that id.
func (q Question) route(id string) (Route, bool) {
	i := slices.IndexFunc(q.Routes, func(r Route) bool { return r.ID == id })
	if i < 0 {
		return Route{}, false
	}
	return q.Routes[i], true
}

// provisions tells that the host is a provisioning service: the daemon talks HTTPS to it,
// and nothing of IoT Edge any other protocol.
func (q Question) provisions() bool { return q.Role == report.EndpointDPS }

// anyProxy tells whether there is a proxy at all.
func (q Question) anyProxy() bool { return slices.ContainsFunc(q.Routes, Route.Proxied) }
