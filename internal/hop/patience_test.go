package hop

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

// TestPatience: a path's context outlives its timeout while something comes, and ends when
// nothing has come for that long, when all of its time is used up, or with its parent.
func TestPatience(t *testing.T) {
	t.Parallel()
	const quiet = 400 * time.Millisecond
	for _, row := range []struct {
		name     string
		use      func(context.Context, *Patience, context.CancelFunc)
		why      Ending
		err      error
		min, max time.Duration
	}{
		{"silence", func(context.Context, *Patience, context.CancelFunc) {}, BySilence, context.DeadlineExceeded, quiet,
			2 * quiet},
		{"a word, then silence", func(_ context.Context, p *Patience, _ context.CancelFunc) {
			time.Sleep(quiet / 2)
			p.hear(time.Now())
		}, BySilence, context.DeadlineExceeded, quiet * 3 / 2, quiet * 5 / 2},
		{"words all the time", func(ctx context.Context, p *Patience, _ context.CancelFunc) {
			for ctx.Err() == nil {
				time.Sleep(quiet / 8)
				p.hear(time.Now())
			}
		}, ByLimit, context.DeadlineExceeded, 3 * quiet, 4 * quiet},
		{"held, then silence", func(_ context.Context, p *Patience, _ context.CancelFunc) {
			release := p.Hold()
			time.Sleep(4 * quiet) // longer than all of its time
			release()
			release() // once is enough
		}, BySilence, context.DeadlineExceeded, 5 * quiet, 6 * quiet},
		{"the round ends", func(_ context.Context, _ *Patience, end context.CancelFunc) { end() }, ByAncestor,
			context.Canceled, 0, quiet},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			round, end := context.WithCancel(context.Background())
			defer end()
			start := time.Now()
			p, cancel := WithPatience(round, quiet)
			defer cancel()
			derived, stop := context.WithTimeout(p, time.Minute)
			defer stop()
			go row.use(derived, p, end)
			<-derived.Done()
			took := time.Since(start)
			if p.Ended() != row.why || !errors.Is(p.Err(), row.err) || !errors.Is(derived.Err(), row.err) {
				t.Errorf("ended by %d with %v and %v, want %d with %v", p.Ended(), p.Err(), derived.Err(),
					row.why, row.err)
			}
			if took < row.min || took > row.max+p.Late() {
				t.Errorf("after %s, want %s to %s", took, row.min, row.max)
			}
		})
	}
}

// TestPatienceIsDeafWhileNobodyListens: a timer that fires late shows that this process did
// not run; only the time in which it listened is silence.
func TestPatienceIsDeafWhileNobodyListens(t *testing.T) {
	t.Parallel()
	p, cancel := WithPatience(context.Background(), 10*time.Second)
	defer cancel()
	p.mu.Lock()
	p.timer.Stop()
	before := p.ticked
	why := p.count(p.due.Add(9800 * time.Millisecond)) // asleep for nearly all of it
	silent, late := p.silent, p.late
	p.mu.Unlock()
	if why != NotEnded || silent > maxSlice || late < 9*time.Second {
		t.Errorf("%v after %s: silent for %s, late by %s", why, time.Since(before), silent, late)
	}
}

// TestPatienceShared: a path that waits for the answer that another has asked for hears what that one hears.
func TestPatienceShared(t *testing.T) {
	t.Parallel()
	lead, end := WithPatience(context.Background(), time.Minute)
	defer end()
	other, stop := WithPatience(context.Background(), time.Minute)
	defer stop()
	apart := lead.with(other)
	then := time.Now().Add(time.Second)
	lead.hear(then)
	if !other.heard.Equal(then) {
		t.Error("who waits beside does not hear")
	}
	apart()
	lead.hear(then.Add(time.Second))
	if !other.heard.Equal(then) {
		t.Error("who went away hears")
	}
	var none *Patience
	none.with(other)()
	lead.with(nil)()
}

// TestGuardAfterTheEnd: a deadline set later does not bring a connection back to life.
func TestGuardAfterTheEnd(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p, cancel := WithPatience(context.Background(), 20*time.Millisecond)
	defer cancel()
	c := Guard(p, raw)
	defer func() { _ = c.Close() }()
	<-p.Done()
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := c.Read(make([]byte, 1)); err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

// TestPace: the shortest and longest wait, and a rate from bytes that came later than the
// first segment.
func TestPace(t *testing.T) {
	t.Parallel()
	at := func(ms int) time.Time { return time.Unix(1000, 0).Add(time.Duration(ms) * time.Millisecond) }
	p, cancel := WithPatience(context.Background(), time.Minute)
	defer cancel()
	if p.Pace() != nil {
		t.Error("a pace of nothing")
	}
	c := &p.pace
	c.wrote(200, at(0))
	c.wrote(100, at(1)) // the same question
	c.read(600, at(300), nil)
	c.read(800, at(301), nil) // the same segment
	c.read(1000, at(550), nil)
	c.read(1000, at(800), nil)
	c.wrote(50, at(810))
	c.read(20, at(910), nil)
	got := p.Pace()
	if got.SentBytes != 350 || got.ReceivedBytes != 3420 || got.RoundTripMs != 100 || got.LongestWaitMs != 300 ||
		got.KbitPerSec != 32 {
		t.Errorf("%+v", got)
	}
	p.connected(250*time.Millisecond, nil)
	if got := p.Pace(); got.RoundTripMs != 250 {
		t.Errorf("a round trip shorter than TCP's own: %+v", got)
	}
}

// TestPatienceThatEndsAtOnce: the first count may come before WithPatience returns.
func TestPatienceThatEndsAtOnce(t *testing.T) {
	t.Parallel()
	for range 2000 {
		p, cancel := WithPatience(t.Context(), time.Nanosecond)
		<-p.Done()
		cancel()
	}
}
