package hop

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// attempt is what came of one address.
type attempt struct {
	index    int
	remote   netip.AddrPort
	local    netip.AddrPort
	conn     net.Conn
	err      error
	localErr error // what a UDP connect to the same address says: this host's own opinion
	took     time.Duration
	near     *report.Neighbour // who did not answer on a link of this host; nil where nobody is known to be missing
	again    int               // SYNs that got lost before it stood, as far as the system tells
	trip     time.Duration     // how long the SYN that arrived took for its way
	brief    bool              // it was given up before its silence proves anything
}

// connect dials one address. The socket is bound before it connects, and where that fails a UDP
// socket is asked which local address the kernel would use, so that both ends are known after a
// timeout too; that UDP connect sends nothing.
func connect(ctx context.Context, env *Env, index int, remote netip.AddrPort) attempt {
	a := attempt{index: index, remote: remote}
	d := net.Dialer{KeepAlive: -1, Control: env.controlKeeping(&a.local), LocalAddr: env.Source.local("tcp",
		remote.Addr())}
	start := time.Now()
	a.conn, a.err = d.DialContext(ctx, "tcp", remote.String())
	a.took = time.Since(start)
	if a.conn != nil {
		a.local = addrPort(a.conn.LocalAddr())
		a.again, a.trip = resent(a.conn, a.took)
		if env.Wrap != nil {
			a.conn = env.Wrap(a.conn)
		}
		return a
	}
	var src netip.Addr
	if src, a.localErr = env.localAddress(remote); src.IsValid() {
		a.local = netip.AddrPortFrom(src, a.local.Port())
	}
	a.near = a.missing()
	if neterr.Of(a.err) == neterr.Reset {
		a.conn, a.err = resetConn{a.local, remote, a.err}, nil
	}
	return a
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// localAddress is the address from which this host would send to remote, or the
// error by which this very host refuses.
func (e *Env) localAddress(remote netip.AddrPort) (netip.Addr, error) {
	d := net.Dialer{Control: e.control(), LocalAddr: e.Source.local("udp", remote.Addr())}
	c, err := d.Dial("udp", remote.String())
	if err != nil {
		return netip.Addr{}, err
	}
	defer func() { _ = c.Close() }()
	if u, ok := c.LocalAddr().(*net.UDPAddr); ok {
		return u.AddrPort().Addr().Unmap(), nil
	}
	return netip.Addr{}, nil
}

func (a attempt) describe(env *Env, d *report.TCPDetail) {
	d.Remote, d.Errno, d.Neighbour, d.Resent = a.remote.String(), neterr.ErrnoName(a.err), a.near, a.again
	if a.local.IsValid() {
		d.Local, d.Interface = a.local.String(), env.Interfaces.Of(a.local.Addr())
	}
}

func (a attempt) public() report.TCPAttempt {
	p := report.TCPAttempt{Remote: a.remote.String(), Status: report.OK, DurationMs: report.MillisOf(a.took),
		Resent: a.again}
	if a.local.IsValid() {
		p.Local = a.local.String()
	}
	switch {
	case a.brief:
		p.Status = report.Skipped
	case a.err != nil:
		p.Status, p.Cause, p.Errno = report.Failed, a.cause(), neterr.ErrnoName(a.err)
	}
	return p
}

// cause is the classifier of the stage tcp. Network and host can give the same errno;
// a UDP connect that gives it too shows that this host is the reason.
func (a attempt) cause() report.Cause {
	kind := neterr.Of(a.err)
	mine := a.localErr != nil && neterr.Of(a.localErr) == kind
	switch {
	case kind == neterr.HostLimit, kind == neterr.AddressInUse:
		return report.HostLimit
	case neterr.OutOfPorts(a.err) && !mine && !neterr.AtBind(a.err):
		return report.HostLimit
	case neterr.AtBind(a.err):
		return report.TCPLocalDenied
	case a.near != nil:
		return report.TCPNoNeighbour
	}
	switch kind {
	case neterr.Timeout, neterr.Canceled:
		return report.TCPTimeout
	case neterr.Refused:
		return report.TCPRefused
	case neterr.NotPermitted:
		return report.TCPLocalDenied
	case neterr.NetUnreachable, neterr.HostUnreachable:
		if mine {
			return report.TCPNoRoute
		}
		return report.TCPUnreachable
	case neterr.AccessDenied, neterr.Invalid, neterr.ProtoUnavailable:
		if mine {
			return report.TCPLocalDenied
		}
		return report.TCPUnreachable
	case neterr.AddressMissing:
		return report.TCPNoRoute
	}
	return report.Unknown
}

func (a attempt) fault(host string, port int, waited time.Duration) Fault {
	where := a.remote.String()
	if a.remote.Addr().String() != host {
		where = fmt.Sprintf("%s (%s)", where, report.Clean(host, 100))
	}
	f := Fault{Cause: a.cause()}
	switch f.Cause {
	case report.TCPTimeout:
		f.Summary = fmt.Sprintf("no answer from %s within %s", where, Seconds(waited))
	case report.TCPRefused:
		f.Summary = fmt.Sprintf("%s refused the connection (TCP reset after %s)", where, brief(a.took))
		f.ByICMP = fmt.Sprintf("%s refused the connection (by ICMP after %s)", where, brief(a.took))
	case report.TCPUnreachable:
		f.Summary = fmt.Sprintf("the network answers that %s is unreachable (%s after %s)", where,
			neterr.ErrnoName(a.err), brief(a.took))
	case report.TCPNoRoute:
		f.Summary = fmt.Sprintf("this host has no route to %s (%s)", where, neterr.ErrnoName(a.err))
	case report.TCPNoNeighbour:
		f.Summary = noNeighbour(a.near, where, a.took)
	case report.HostLimit:
		f.Summary = fmt.Sprintf("this host has run out of %s (%s), so nothing is known of %s", neterr.Scarce(a.err),
			neterr.ErrnoName(a.err), where)
	case report.TCPLocalDenied:
		f.Summary = fmt.Sprintf("this host itself refuses to connect to %s (%s)", where, neterr.Text(a.err))
	default:
		f.Summary = fmt.Sprintf("connecting to %s failed: %s", where, neterr.Text(a.err))
	}
	return f
}

// Seconds writes a wait as people say it.
func Seconds(d time.Duration) string {
	return fmt.Sprintf("%.3g s", d.Seconds())
}

// brief writes a short duration in milliseconds.
func brief(d time.Duration) string {
	if d >= time.Second {
		return Seconds(d)
	}
	if d < time.Millisecond {
		return "less than 1 ms"
	}
	return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
}

// bind is what a Control function of net.Dialer looks like.
type bind = func(network, address string, c syscall.RawConn) error

// control binds a socket to the run's source, where there is one.
func (e *Env) control() bind {
	if e.Source == (Source{}) {
		return nil
	}
	return func(network, _ string, c syscall.RawConn) error {
		return bindSocket(c, e.Source, e.Source.of(network), nil)
	}
}

// controlKeeping binds a socket and keeps the port that it got.
func (e *Env) controlKeeping(local *netip.AddrPort) bind {
	return func(network, _ string, c syscall.RawConn) error {
		lateAck(c)
		if e.MaxSegment > 0 {
			if err := limitSegments(c, e.MaxSegment); err != nil {
				return err
			}
		}
		return bindSocket(c, e.Source, e.Source.of(network), local)
	}
}

// of is the source address for a network such as tcp4, valid also where none was
// chosen: then it is the wildcard.
func (s Source) of(network string) netip.Addr {
	if network[len(network)-1] == '6' {
		if s.IPv6.IsValid() {
			return s.IPv6
		}
		return netip.IPv6Unspecified()
	}
	if s.IPv4.IsValid() {
		return s.IPv4
	}
	return netip.IPv4Unspecified()
}
