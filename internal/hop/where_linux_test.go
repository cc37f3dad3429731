package hop

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"edgenet/report"
)

// TestTravel follows SYNs on loopback, where every hop limit reaches the target.
func TestTravel(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("%s: %v", address, err) // no IPv6 here
			continue
		}
		open := netip.MustParseAddrPort(l.Addr().String())
		for _, want := range []string{report.HitOpen, report.HitReset} {
			if want == report.HitReset {
				_ = l.Close()
			}
			tr, err := Travel(context.Background(), &Env{}, open, 10*time.Second, CountLocalFailures(time.Now()))
			if err != nil || len(tr.Hops) != MaxHops || tr.Address != open.Addr().String() ||
				tr.Port != int(open.Port()) || tr.LocalDrops {
				t.Fatalf("%+v %v", tr, err)
			}
			for i, h := range tr.Hops {
				if h.TTL != i+1 || h.Answer != want || h.From != "" || h.DurationMs <= 0 ||
					h.DurationMs.Duration() > 10*time.Second {
					t.Errorf("%s: %+v, want %s", address, h, want)
				}
			}
		}
	}
}

// TestTravelEnds: silence ends with the wait, and with the context.
func TestTravelEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	to := full(t)
	for _, c := range []struct {
		ctx  context.Context
		wait time.Duration
	}{{ctx, time.Hour}, {context.Background(), time.Millisecond}} {
		if tr, err := Travel(c.ctx, &Env{}, to, c.wait, LocalFailures{}); err != nil || len(tr.Hops) != MaxHops ||
			tr.Hops[0].Answer != report.HitSilent || tr.Hops[0].DurationMs <= 0 {
			t.Errorf("%+v %v", tr, err)
		}
	}
	if tr, err := Travel(context.Background(), &Env{Source: Source{IPv4: netip.MustParseAddr("127.0.0.1")}}, to,
		time.Millisecond, LocalFailures{}); err != nil || len(tr.Hops) != MaxHops {
		t.Errorf("from an address of its own: %+v %v", tr, err)
	}
	if _, err := Travel(context.Background(), &Env{Source: Source{IPv4: netip.MustParseAddr("192.0.2.1")}}, to,
		time.Second, LocalFailures{}); err == nil {
		t.Error("an address that is not here can be bound")
	}
}

// full is a port whose queue of places is full: it answers no SYN.
func full(t *testing.T) netip.AddrPort {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}),
		unix.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(name.(*unix.SockaddrInet4).Port))
	for range 16 {
		c, err := net.DialTimeout("tcp", to.String(), 200*time.Millisecond)
		if err != nil {
			return to
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Fatal("it still answers")
	return to
}

// extended builds the control message of an error queue.
func extended(level, typ int32, origin, icmp, code byte, family uint16, addr []byte) []byte {
	body := make([]byte, 16)
	body[4], body[5], body[6] = origin, icmp, code
	body = binary.NativeEndian.AppendUint16(body, family)
	if family == unix.AF_INET6 {
		body = append(body, 0, 0, 0, 0, 0, 0)
	} else {
		body = append(body, 0, 0)
	}
	body = append(body, addr...)
	body = append(body, make([]byte, 8)...)
	head := make([]byte, unix.CmsgLen(0))
	binary.NativeEndian.PutUint64(head, uint64(unix.CmsgLen(len(body))))
	binary.NativeEndian.PutUint32(head[8:], uint32(level))
	binary.NativeEndian.PutUint32(head[12:], uint32(typ))
	return append(head, append(body, make([]byte, 8)...)...)
}

func TestICMPAnswer(t *testing.T) {
	t.Parallel()
	if unix.CmsgLen(0) != 16 {
		t.Skip("the message below is a 64 bit system's")
	}
	four, six := []byte{192, 0, 2, 1}, netip.MustParseAddr("2001:db8::1").AsSlice()
	for _, row := range []struct {
		name         string
		oob          []byte
		answer, from string
	}{
		{"time exceeded", extended(unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 11, 0, unix.AF_INET, four),
			report.HitExpired, "192.0.2.1"},
		{"prohibited", extended(unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 3, 13, unix.AF_INET, four),
			"icmp 3/13", "192.0.2.1"},
		{"time exceeded by IPv6", extended(unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unix.SO_EE_ORIGIN_ICMP6, 3, 0,
			unix.AF_INET6, six), report.HitExpired, "2001:db8::1"},
		{"no route by IPv6", extended(unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unix.SO_EE_ORIGIN_ICMP6, 1, 0,
			unix.AF_INET6, six), "icmp 1/0", "2001:db8::1"},
		{"who is not told", extended(unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 11, 0, unix.AF_UNSPEC,
			nil), report.HitExpired, ""},
		{"half an address", extended(unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unix.SO_EE_ORIGIN_ICMP6, 3, 0, unix.AF_INET6,
			six[:4]), report.HitExpired, ""},
		{"this host's own error", extended(unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_LOCAL, 11, 0,
			unix.AF_INET, four), "", ""},
		{"another message", extended(unix.IPPROTO_IP, unix.IP_TTL, unix.SO_EE_ORIGIN_ICMP, 11, 0, unix.AF_INET, four),
			"", ""},
		{"another level", extended(unix.IPPROTO_TCP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 11, 0, unix.AF_INET,
			four), "", ""},
		{"nothing", nil, "", ""},
		{"half", extended(unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 11, 0, unix.AF_INET, four)[:20], "",
			""},
	} {
		answer, from, ok := icmpAnswer(row.oob)
		if answer != row.answer || from != row.from || ok != (row.answer != "") {
			t.Errorf("%s: %q from %q, %v", row.name, answer, from, ok)
		}
	}
}

func FuzzICMPAnswer(f *testing.F) {
	f.Add(extended(unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 11, 0, unix.AF_INET, []byte{192, 0, 2, 1}))
	f.Fuzz(func(t *testing.T, oob []byte) {
		if answer, _, ok := icmpAnswer(oob); ok != (answer != "") {
			t.Errorf("%q, %v", answer, ok)
		}
	})
}

func TestLocalFailures(t *testing.T) {
	t.Parallel()
	const ext = "TcpExt: A TCPRetransFail B\nTcpExt: 1 7 3\n"
	for text, want := range map[string]LocalFailures{
		"IpExt: X\nIpExt: 1\n" + ext: {7, true, 0},
		ext:                          {7, true, 0},
		"TcpExt: IPReversePathFilter TCPRetransFail\nTcpExt: 9 7\n": {7, true, 9},
		"":                                          {},
		"TcpExt: A\nTcpExt: 1\n":                    {},
		"TcpExt: TCPRetransFail\nTcpExt:\n":         {},
		"TcpExt: TCPRetransFail\nTcpExt: many\n":    {},
		"TcpExt: TCPRetransFail\nIpExt: 9\n":        {},
		"TcpExt: TCPRetransFail":                    {},
		"Udp: TCPRetransFail\nUdp: 4\n\n\nX: 1\n\n": {4, true, 0},
	} {
		if got := readLocalFailures(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	if !CountLocalFailures(time.Now()).known {
		t.Error("this Linux does not count")
	}
}

// TestOneCountForMany: a count that was made after a run began is that run's; an earlier one is not.
func TestOneCountForMany(t *testing.T) { //nolint:paralleltest // the count is the process's
	start := time.Now()
	CountLocalFailures(start)
	made := lastCount.at
	if CountLocalFailures(start); lastCount.at != made {
		t.Error("counted twice for two runs that began together")
	}
	if CountLocalFailures(time.Now()); !lastCount.at.After(made) {
		t.Error("a run was given what was counted before it began")
	}
}
