package hop_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// dial connects to the addresses at one port, under the name "hub.test".
func dial(t *testing.T, d time.Duration, env *hop.Env, tr *hop.Trace, to ...netip.AddrPort) (net.Conn, *hop.Fault) {
	t.Helper()
	return dialContext(testkit.Within(t, d), t, env, tr, to...)
}

func dialContext(ctx context.Context, t *testing.T, env *hop.Env, tr *hop.Trace, to ...netip.AddrPort) (net.Conn,
	*hop.Fault) {
	t.Helper()
	if env == nil {
		env = &hop.Env{}
	}
	var records []string
	for _, a := range to {
		kind := "A"
		if a.Addr().Is6() {
			kind = "AAAA"
		}
		records = append(records, "hub.test. 60 IN "+kind+" "+a.Addr().String())
	}
	env.DNS = &hop.Resolver{Servers: []netip.AddrPort{nameServer(t, zone(records...))}, Config: os.DevNull}
	c, f := hop.Dial(ctx, env, tr, report.HopTarget, "hub.test", int(to[0].Port()))
	if c != nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, f
}

// fullQueue is a listener that answers no more connections: on Linux a SYN to a full accept
// queue is dropped.
func fullQueue(t *testing.T, address string) netip.AddrPort {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux drops what a full queue gets")
	}
	l := listenBacklog1(t, address)
	for range 8 {
		d := net.Dialer{Timeout: 150 * time.Millisecond}
		c, err := d.Dial("tcp", l.String())
		if err != nil {
			return l
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Skip("the accept queue does not fill")
	return l
}

// TestTCPRefused is not parallel: nobody else may take the port that it closed.
func TestTCPRefused(t *testing.T) {
	to := closedPort(t, "127.0.0.1:0")
	tr := trace()
	_, f := dial(t, 5*time.Second, nil, tr, to)
	st := failed(t, tr, f, report.HopTarget, report.StageTCP, report.TCPRefused, to.String(), "hub.test", "refused")
	d := st.Detail.(*report.TCPDetail)
	local, err := netip.ParseAddrPort(d.Local)
	if err != nil || local.Addr().String() != "127.0.0.1" || local.Port() == 0 {
		t.Errorf("local %q: the port is known after a failure too", d.Local)
	}
	if d.Remote != to.String() || d.Errno != "ECONNREFUSED" || d.At.IsZero() || d.Interface != "lo" &&
		runtime.GOOS == "linux" {
		t.Errorf("detail %+v", d)
	}
	if len(d.Tried) != 1 || d.Tried[0].Cause != report.TCPRefused || d.Tried[0].Local != d.Local ||
		d.Tried[0].Errno != "ECONNREFUSED" || d.Tried[0].Status != report.Failed {
		t.Errorf("tried %+v", d.Tried)
	}
}

func TestTCPTimeout(t *testing.T) {
	t.Parallel()
	to := fullQueue(t, "127.0.0.1")
	tr := trace()
	_, f := dial(t, 500*time.Millisecond, nil, tr, to)
	st := failed(t, tr, f, report.HopTarget, report.StageTCP, report.TCPTimeout, to.String(), "hub.test", "within 0.")
	d := st.Detail.(*report.TCPDetail)
	local, err := netip.ParseAddrPort(d.Local)
	if err != nil || local.Addr().String() != "127.0.0.1" || local.Port() == 0 || d.Remote != to.String() {
		t.Errorf("both ends are known after a timeout too: %+v", d)
	}
	if st.DurationMs < 400 {
		t.Errorf("took %v ms", st.DurationMs)
	}
}

// TestTCPLocalDenied: a source that is not here is what this host itself refuses.
func TestTCPLocalDenied(t *testing.T) {
	t.Parallel()
	to := closedPort(t, "127.0.0.1:0")
	tr := trace()
	_, f := hop.Dial(testkit.Within(t, 5*time.Second),
		&hop.Env{Source: hop.Source{IPv4: netip.MustParseAddr("192.0.2.77")}},
		tr, report.HopTarget, to.Addr().String(), int(to.Port()))
	st := failed(t, tr, f, report.HopTarget, report.StageTCP, report.TCPLocalDenied, to.String(), "this host itself")
	if d := st.Detail.(*report.TCPDetail); d.Errno != "EADDRNOTAVAIL" && runtime.GOOS == "linux" {
		t.Errorf("detail %+v", d)
	}
	if runtime.GOOS != "linux" {
		return
	}
	tr = trace()
	_, f = hop.Dial(testkit.Within(t, 5*time.Second), &hop.Env{Source: hop.Source{Interface: "nosuchif0"}}, tr,
		report.HopTarget, to.Addr().String(), int(to.Port()))
	failed(t, tr, f, report.HopTarget, report.StageTCP, report.TCPLocalDenied, to.String(), "nosuchif0")
}

func TestTCPSource(t *testing.T) {
	t.Parallel()
	seen := make(chan net.Addr, 1)
	to := serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) { seen <- c.RemoteAddr() })
	env := &hop.Env{Source: hop.Source{IPv4: netip.MustParseAddr("127.0.0.3")}}
	if runtime.GOOS == "linux" {
		env.Source.Interface = "lo"
	}
	tr := trace()
	c, f := hop.Dial(testkit.Within(t, 5*time.Second), env, tr, report.HopProxy, "127.0.0.1", int(to.Port()))
	if f != nil {
		t.Skipf("127.0.0.3 is no address here: %s", f.Summary)
	}
	defer func() { _ = c.Close() }()
	from := (<-seen).String()
	if d := tr.Steps()[0].Detail.(*report.TCPDetail); !strings.HasPrefix(from, "127.0.0.3:") || d.Local != from {
		t.Errorf("came from %s, says %s", from, d.Local)
	}
}

// TestTCPSeveral: all addresses at once, all recorded, IPv4's cause decides.
func TestTCPSeveral(t *testing.T) {
	t.Parallel()
	l := listen(t, "127.0.0.2:0")
	open := serve(t, l, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	at := func(ip string) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr(ip), open.Port()) }

	tr := trace()
	c, f := dial(t, 2*time.Second, nil, tr, at("127.0.0.1"), at("127.0.0.2"), at("::1"))
	if f != nil {
		t.Fatal(f.Summary)
	}
	steps := tr.Steps()
	d := steps[1].Detail.(*report.TCPDetail)
	if steps[1].Status != report.OK || steps[1].Cause != "" || d.Remote != open.String() ||
		d.Local != c.LocalAddr().String() || d.Errno != "" {
		t.Errorf("step %+v, detail %+v", steps[1], d)
	}
	if len(d.Tried) != 3 || d.Tried[0].Remote != at("127.0.0.1").String() || d.Tried[0].Cause != report.TCPRefused ||
		d.Tried[1].Status != report.OK || d.Tried[1].Cause != "" || d.Tried[2].Remote != at("::1").String() ||
		d.Tried[2].Status != report.Failed {
		t.Errorf("tried %+v", d.Tried)
	}
}

func TestTCPDecisive(t *testing.T) {
	t.Parallel()
	full := fullQueue(t, "127.0.0.1") // times out; 127.0.0.2 and ::1 refuse at once
	at := func(ip string) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr(ip), full.Port()) }
	tr := trace()
	_, f := dial(t, 400*time.Millisecond, nil, tr, full, at("::1"))
	st := failed(t, tr, f, report.HopTarget, report.StageTCP, report.TCPTimeout, full.String())
	d := st.Detail.(*report.TCPDetail)
	if d.Errno != "" || len(d.Tried) != 2 || d.Tried[0].Cause != report.TCPTimeout || d.Tried[0].Local == "" {
		t.Errorf("IPv4's cause decides, whoever is first: %+v", d)
	}
	if d.Tried[1].Cause == report.TCPTimeout || d.Tried[1].Status != report.Failed {
		t.Errorf("IPv6 has its own: %+v", d.Tried[1])
	}
	tr = trace()
	_, f = dial(t, 400*time.Millisecond, nil, tr, at("127.0.0.2"), full)
	st = failed(t, tr, f, report.HopTarget, report.StageTCP, report.TCPRefused, at("127.0.0.2").String())
	if d := st.Detail.(*report.TCPDetail); d.Remote != at("127.0.0.2").String() || len(d.Tried) != 2 ||
		d.Tried[1].Cause != report.TCPTimeout {
		t.Errorf("within a family a refusal decides, wherever it stands: %+v", d)
	}
}

func TestTCPStopped(t *testing.T) {
	t.Parallel()
	to := fullQueue(t, "127.0.0.1")
	const end = 600 * time.Millisecond // the name is resolved long before, also on a busy machine
	for name, round := range map[string]func() (context.Context, context.CancelFunc){
		"deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), end)
		},
		"cancelled": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(end, cancel)
			return ctx, cancel
		},
	} {
		ctx, cancel := round()
		tr, start := hop.NewTrace(ctx, time.Now()), time.Now()
		_, f := dialContext(ctx, t, nil, tr, to)
		steps := tr.Steps()
		st := steps[len(steps)-1]
		if f == nil || !f.Stopped || st.Status != report.Skipped || st.Cause != "" || st.Summary != "" ||
			st.Stage != report.StageTCP {
			t.Errorf("%s: fault %+v, step %+v", name, f, st)
		}
		if took := time.Since(start); took > end+800*time.Millisecond {
			t.Errorf("%s: took %s", name, took)
		}
		cancel()
	}
}

// TestGuard: a connection's waits end with its context, by deadline and by cancellation.
func TestGuard(t *testing.T) {
	t.Parallel()
	to := serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	for _, cancelled := range []bool{false, true} {
		raw, err := net.Dial("tcp", to.String())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		if cancelled {
			cancel()
			ctx, cancel = context.WithCancel(context.Background())
			time.AfterFunc(200*time.Millisecond, cancel)
		}
		c, start := hop.Guard(ctx, raw), time.Now()
		_, err = c.Read(make([]byte, 1))
		if took := time.Since(start); !errors.Is(err, os.ErrDeadlineExceeded) || took < 150*time.Millisecond ||
			took > time.Second {
			t.Errorf("cancelled %v: %v after %s", cancelled, err, took)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		cancel()
	}
}

// TestGuardedFarewell: a peer that reads nothing does not hold up a goodbye, although
// crypto/tls gives its close_notify five seconds.
func TestGuardedFarewell(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	to := serve(t, listen(t, "127.0.0.1:0"), func(net.Conn) { <-end })
	defer close(end)
	raw, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	c := hop.Guard(ctx, raw)
	defer func() { _ = c.Close() }()
	full := make([]byte, 1<<20)
	for err == nil { // until nothing more fits
		_, err = c.Write(full)
	}
	time.Sleep(300 * time.Millisecond) // the context's own end is done with the deadline
	start := time.Now()
	if err := c.SetWriteDeadline(start.Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err = c.Write(full)
	if took := time.Since(start); !errors.Is(err, os.ErrDeadlineExceeded) || took > 3*time.Second {
		t.Errorf("%v after %s", err, took)
	}
}

func TestFamilyAllows(t *testing.T) {
	t.Parallel()
	v4, mapped, v6 := netip.MustParseAddr("1.2.3.4"), netip.MustParseAddr("::ffff:1.2.3.4"), netip.MustParseAddr("::1")
	for f, want := range map[hop.Family][3]bool{hop.AnyFamily: {true, true, true}, hop.IPv4Only: {true, true, false},
		hop.IPv6Only: {false, false, true}} {
		if got := [3]bool{f.Allows(v4), f.Allows(mapped), f.Allows(v6)}; got != want {
			t.Errorf("family %d: %v, want %v", f, got, want)
		}
	}
}
