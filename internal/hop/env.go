package hop

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// Family limits the address families of a run.
type Family int

// The families. AnyFamily is the zero value.
const (
	AnyFamily Family = iota
	IPv4Only
	IPv6Only
)

// Allows tells whether an address may be used.
func (f Family) Allows(a netip.Addr) bool {
	switch f {
	case IPv4Only:
		return a.Is4() || a.Is4In6()
	case IPv6Only:
		return a.Is6() && !a.Is4In6()
	}
	return true
}

// Source is where connections are made from.
type Source struct {
	IPv4, IPv6 netip.Addr // zero means the system's choice
	Interface  string     // zero means any; on Linux sockets are bound to it
}

// Env is what every move of a run shares. The zero value works: the system's
// resolver, both families, the three trust pools of this host.
type Env struct {
	DNS       *Resolver                 // zero means the system's configuration
	ConnectTo map[string]netip.AddrPort // keyed by HostPort; zero means none
	// Redirect replaces addresses after a name was resolved: the lab's ports are free ones
	// behind the addresses that its DNS gives. Zero means none.
	Redirect map[netip.AddrPort]netip.AddrPort
	Family   Family
	Source   Source
	// Turn says which of a name's addresses comes first, in the order of their numbers, so
	// that the paths of a run go by different ones. Zero means the smallest.
	Turn int
	// Only is the one address that is dialled, whatever else a name has. Zero means all.
	Only netip.Addr
	// Known are the addresses of names that are not looked up again: a name that has others from one answer to the
	// next would have an experiment ask somebody else. Zero means none.
	Known map[string][]netip.Addr
	// MaxSegment limits the segments of TCP in both directions (TCP_MAXSEG), for the
	// experiment that finds a path MTU black hole. Zero means the system's choice.
	MaxSegment int
	// Ways are the sources that experiments try beside the system's own choice. Zero means
	// what this host has.
	Ways       func(remote netip.AddrPort) []Source
	Interfaces *Interfaces      // this host's, read once for all; zero means that each move reads them
	Trust      *Trust           // zero means the public roots and this host's store
	Now        func() time.Time // zero means time.Now
	// Wrap sees every TCP connection that was made, to count what it costs. Zero means
	// nobody does.
	Wrap func(net.Conn) net.Conn
}

// Clock gives the wall clock's time.
func (e *Env) Clock() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

// Led is where a connection to an address of a name goes: to what ConnectTo has for the name, or
// Redirect for the address, else to the port itself.
func (e *Env) Led(host string, port int, at netip.Addr) netip.AddrPort {
	if to, ok := e.ConnectTo[HostPort(host, port)]; ok {
		return to
	}
	to := netip.AddrPortFrom(at, uint16(port)) //nolint:gosec // a port
	if other, ok := e.Redirect[to]; ok {
		return other
	}
	return to
}

func (e *Env) trust() *Trust {
	if e.Trust == nil {
		return &Trust{}
	}
	return e.Trust
}

// HostPort is the key of Env.ConnectTo: lower case, no trailing dot.
func HostPort(host string, port int) string {
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), strconv.Itoa(port))
}

// Fault is why a move failed: the cause and one line with the actual values.
type Fault struct {
	Cause   report.Cause
	Summary string
	// ByICMP is the summary where the refusal turns out to be an ICMP message: the errno
	// alone does not tell it from a reset. Empty means that there is no question.
	ByICMP string
	// Stopped means that the round ended (deadline, Ctrl-C) while the move waited:
	// the step is skipped, not failed.
	Stopped bool
}
