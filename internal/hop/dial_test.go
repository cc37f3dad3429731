package hop_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// TestSilentBesideOneThatAnswers: it is waited for as long as its silence takes to prove
// something, and not for the whole timeout.
func TestSilentBesideOneThatAnswers(t *testing.T) {
	t.Parallel()
	full := fullQueue(t, "127.0.0.1")
	l := listen(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), full.Port()).String())
	open := serve(t, l, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	ctx, cancel := hop.WithPatience(context.Background(), 60*time.Second)
	defer cancel()
	tr, start := trace(), time.Now()
	if _, f := dialContext(ctx, t, nil, tr, full, open); f != nil {
		t.Fatal(f.Summary)
	}
	d := tr.Steps()[1].Detail.(*report.TCPDetail)
	if took := time.Since(start); took < time.Second || took > 30*time.Second {
		t.Errorf("took %s", took)
	}
	if d.Remote != open.String() || d.Tried[0].Cause != report.TCPTimeout || d.Tried[0].Status != report.Failed {
		t.Errorf("%+v", d)
	}
}

// TestOneThatIsCutShort proves nothing.
func TestOneThatIsCutShort(t *testing.T) {
	t.Parallel()
	full := fullQueue(t, "127.0.0.1")
	l := listen(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), full.Port()).String())
	open := serve(t, l, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	ctx, cancel := hop.WithPatience(context.Background(), 60*time.Second)
	tr := trace()
	if _, f := dialContext(ctx, t, nil, tr, full, open); f != nil {
		t.Fatal(f.Summary)
	}
	cancel()
	d := tr.Steps()[1].Detail.(*report.TCPDetail)
	if d.Tried[0].Status != report.Skipped || d.Tried[0].Cause != "" {
		t.Errorf("%+v", d.Tried)
	}
}

// TestTurns: whichever address is first in an answer, the one whose turn it is is taken.
func TestTurns(t *testing.T) {
	t.Parallel()
	l := listen(t, "127.0.0.1:0")
	one := serve(t, l, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	two := serve(t, listen(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), one.Port()).String()),
		func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	for i, want := range []netip.AddrPort{one, two, one} {
		for _, order := range [][]netip.AddrPort{{one, two}, {two, one}} {
			tr := trace()
			c, f := dial(t, 20*time.Second, &hop.Env{Turn: i}, tr, order...)
			if f != nil {
				t.Fatal(f.Summary)
			}
			if c.RemoteAddr().String() != want.String() || tr.Reached().At != want.Addr() ||
				len(tr.Reached().Others) != 1 {
				t.Errorf("turn %d of %v: %s, %+v", i, order, c.RemoteAddr(), tr.Reached())
			}
		}
	}
	tr := trace()
	c, f := dial(t, 20*time.Second, &hop.Env{Only: two.Addr()}, tr, one, two)
	if f != nil || c.RemoteAddr().String() != two.String() || len(tr.Reached().Others) != 0 {
		t.Errorf("%v, %+v", f, tr.Reached())
	}
}
