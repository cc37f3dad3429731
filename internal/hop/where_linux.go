package hop

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// syn is a connection attempt with a hop limit of its own.
type syn struct {
	fd   int
	done bool
	hit  report.Hit
}

// travel sends all SYNs and collects what comes back, from the sockets' error queues
// (ip(7), IP_RECVERR): only there an ICMP message's sender stands.
func travel(ctx context.Context, env *Env, to netip.AddrPort, wait time.Duration) ([]report.Hit, error) {
	start := time.Now()
	syns := make([]*syn, 0, MaxHops)
	defer func() {
		for _, s := range syns {
			_ = unix.Close(s.fd)
		}
	}()
	for ttl := 1; ttl <= MaxHops; ttl++ {
		fd, err := env.sendSYN(to, ttl)
		if err != nil {
			return nil, err
		}
		syns = append(syns, &syn{fd: fd, hit: report.Hit{TTL: ttl, Answer: report.HitSilent}})
	}
	if err := await(ctx, syns, start, start.Add(wait)); err != nil {
		return nil, err
	}
	hits := make([]report.Hit, len(syns))
	for i, s := range syns {
		if !s.done {
			s.hit.DurationMs = report.MillisOf(time.Since(start))
		}
		hits[i] = s.hit
	}
	return hits, nil
}

// gatewayTo is who leads to an address, the zero value where it is on a link of this host.
func gatewayTo(a netip.Addr) netip.Addr {
	if next, _, ok := nextHop(a.Unmap(), netip.Addr{}); ok && next != a.Unmap() {
		return next
	}
	return netip.Addr{}
}

// await collects what comes back until then, or until all have answered or ctx has ended. The
// sockets are watched by an epoll of their own, and that one by Go's: many that wait take no
// thread. There is one look at least, however busy this machine was meanwhile.
func await(ctx context.Context, syns []*syn, start, until time.Time) error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	err = unix.SetNonblock(fd, true) // else Go would not watch it
	watched := os.NewFile(uintptr(fd), "epoll")
	defer func() { _ = watched.Close() }()
	for i, s := range syns {
		event := unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLONESHOT, Fd: int32(i)} //nolint:gosec // below MaxHops
		err = errors.Join(err, unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, s.fd, &event))
	}
	raw, e := watched.SyscallConn()
	if err = errors.Join(err, e, watched.SetReadDeadline(until)); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = watched.SetReadDeadline(past) })()
	left := len(syns)
	look := func(fd uintptr) (all bool) {
		var came [MaxHops]unix.EpollEvent
		n, _ := unix.EpollWait(int(fd), came[:], 0) // interrupted is nothing that came
		for _, e := range came[:max(n, 0)] {
			syns[e.Fd].settle(time.Since(start))
			left--
		}
		return left == 0
	}
	if raw.Read(look) != nil {
		look(uintptr(fd))
	}
	return nil
}

// sendSYN starts to connect with a hop limit and does not wait.
func (e *Env) sendSYN(to netip.AddrPort, ttl int) (int, error) {
	a := to.Addr().Unmap()
	domain, level, hops, recverr := unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, unix.IPV6_RECVERR
	if a.Is4() {
		domain, level, hops, recverr = unix.AF_INET, unix.IPPROTO_IP, unix.IP_TTL, unix.IP_RECVERR
	}
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	err = errors.Join(unix.SetsockoptInt(fd, level, hops, ttl), unix.SetsockoptInt(fd, level, recverr, 1),
		e.Source.bindFD(fd, a))
	if err == nil {
		err = unix.Connect(fd, sockaddr(a, to.Port()))
	}
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("a SYN with hop limit %d: %w", ttl, err)
	}
	return fd, nil
}

// bindFD binds a bare socket to the run's source, where there is one.
func (s Source) bindFD(fd int, remote netip.Addr) error {
	if err := bindDevice(fd, s.Interface); err != nil {
		return err
	}
	own := s.IPv6
	if remote.Is4() {
		own = s.IPv4
	}
	if !own.IsValid() {
		return nil
	}
	return os.NewSyscallError("bind", unix.Bind(fd, sockaddr(own, 0)))
}

func sockaddr(a netip.Addr, port uint16) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(port)}
	}
	return &unix.SockaddrInet6{Addr: a.As16(), Port: int(port)}
}

// settle reads what came of a SYN.
func (s *syn) settle(after time.Duration) {
	s.done = true
	s.hit.DurationMs = report.MillisOf(after)
	oob := make([]byte, 512)
	_, n, _, _, err := unix.Recvmsg(s.fd, make([]byte, 1), oob, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err == nil {
		if answer, from, ok := icmpAnswer(oob[:n]); ok {
			s.hit.Answer, s.hit.From = answer, from
			return
		}
	}
	errno, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch e := unix.Errno(errno); {
	case err != nil:
		s.hit.Answer = report.HitSilent
	case e == 0:
		s.hit.Answer = report.HitOpen
	case e == unix.ECONNREFUSED || e == unix.ECONNRESET:
		s.hit.Answer = report.HitReset
	case e == unix.ETIMEDOUT:
		s.hit.Answer = report.HitSilent
	default:
		s.hit.Answer = strings.ToLower(neterr.ErrnoName(e))
	}
}

// icmpAnswer takes an ICMP message and its sender out of an error queue's control
// messages (struct sock_extended_err, linux/errqueue.h).
func icmpAnswer(oob []byte) (answer, from string, ok bool) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return "", "", false
	}
	const size = int(unsafe.Sizeof(unix.SockExtendedErr{}))
	for _, m := range msgs {
		six := m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_RECVERR
		if !six && (m.Header.Level != unix.IPPROTO_IP || m.Header.Type != unix.IP_RECVERR) || len(m.Data) < size {
			continue
		}
		origin, typ, code := m.Data[4], m.Data[5], m.Data[6]
		if origin != unix.SO_EE_ORIGIN_ICMP && origin != unix.SO_EE_ORIGIN_ICMP6 {
			continue
		}
		answer = fmt.Sprintf("icmp %d/%d", typ, code)
		if origin == unix.SO_EE_ORIGIN_ICMP && typ == 11 || origin == unix.SO_EE_ORIGIN_ICMP6 && typ == 3 {
			answer = report.HitExpired
		}
		return answer, offender(m.Data[size:]), true
	}
	return "", "", false
}

// offender reads the sender's address that follows the extended error.
func offender(p []byte) string {
	if len(p) < 2 {
		return ""
	}
	switch family := binary.NativeEndian.Uint16(p); {
	case family == unix.AF_INET && len(p) >= 8:
		return netip.AddrFrom4([4]byte(p[4:8])).String()
	case family == unix.AF_INET6 && len(p) >= 24:
		return netip.AddrFrom16([16]byte(p[8:24])).Unmap().String()
	}
	return ""
}

// counts are buffers of four times what the kernel writes; what stands behind is for others.
var counts = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// countLocalFailures reads the kernel's count for this network namespace.
func countLocalFailures() LocalFailures {
	f, err := os.Open("/proc/self/net/netstat")
	if err != nil {
		return LocalFailures{}
	}
	defer func() { _ = f.Close() }()
	buffer := counts.Get().(*[16 << 10]byte)
	defer counts.Put(buffer)
	text := buffer[:]
	n, err := io.ReadFull(f, text)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return LocalFailures{}
	}
	return readLocalFailures(string(text[:n]))
}

// readLocalFailures finds TCPRetransFail, and beside it IPReversePathFilter, in pairs of lines: names, then values.
func readLocalFailures(text string) LocalFailures {
	for text != "" {
		var head, row string
		head, text, _ = strings.Cut(text, "\n")
		row, text, _ = strings.Cut(text, "\n")
		if !strings.Contains(head, " TCPRetransFail") {
			continue
		}
		if n, err := strconv.ParseUint(below(head, row, "TCPRetransFail"), 10, 64); err == nil {
			filtered, _ := strconv.ParseUint(below(head, row, "IPReversePathFilter"), 10, 64)
			return LocalFailures{n, true, filtered}
		}
	}
	return LocalFailures{}
}

// below gives the word of a row that stands where a name stands in its head; empty where there
// is none, or where the two lines do not belong together.
func below(head, row, name string) string {
	rest := func(s string) (word, left string) {
		word, left, _ = strings.Cut(strings.TrimLeft(s, " "), " ")
		return word, left
	}
	title, head := rest(head)
	if first, _ := rest(row); first != title {
		return ""
	}
	_, row = rest(row)
	for head != "" {
		var n, v string
		n, head = rest(head)
		if v, row = rest(row); n == name {
			return v
		}
	}
	return ""
}
