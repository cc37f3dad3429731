package sidecar

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"edgenet/internal/alarm"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/twin"
	"edgenet/internal/verify/testkit"
	"edgenet/probe"
	"edgenet/report"
)

// session is an edgeHub in memory.
type session struct {
	mu       sync.Mutex
	patches  int
	messages int
	done     chan struct{}
	slow     time.Duration // of Close
}

func (s *session) Transport() twin.Transport { return twin.AMQP }
func (s *session) Twin(context.Context) (twin.Twin, error) {
	return twin.Twin{Desired: json.RawMessage(`{}`), DesiredVersion: 1, Reported: json.RawMessage(`{}`)}, nil
}

func (s *session) Report(context.Context, json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patches++
	return nil
}

func (s *session) Send(context.Context, twin.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages++
	return nil
}

func (s *session) Done() <-chan struct{} { return s.done }
func (s *session) Err() error            { return twin.ErrLost }
func (s *session) Close() error {
	time.Sleep(s.slow)
	return nil
}

// bench is a loop in a bubble of its own time.
type bench struct {
	*loop
	session         *session
	checks, watches atomic.Int64
	opens           atomic.Int64
	log             *testkit.Buffer
	stop            func() error
}

// bubble starts a loop whose network is well, whose prober and edgeHub are in memory, and
// which ends with the test.
func bubble(t *testing.T, change func(*bench)) *bench {
	t.Helper()
	b := &bench{session: &session{done: make(chan struct{})}, log: &testkit.Buffer{}}
	o := Options{
		Module: twin.Settings{Identity: twin.Identity{Hub: "hub.test", Gateway: "edge.test", Device: "d",
			Module: "edgenet"}}, StateDir: t.TempDir(), EdgeHubMetrics: "-",
		Log: slog.New(NewLogHandler(b.log, slog.LevelDebug)),
		Open: func(context.Context, twin.Handler, twin.Transport) (Session, error) {
			b.opens.Add(1)
			return b.session, nil
		},
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.loop = newLoop(ctx, o.withDefaults())
	b.loop.alarm = alarm.Timed // the bubble's time
	b.look.check = func(_ context.Context, e machine.StartCheck) (*report.Report, machine.Observation) {
		b.checks.Add(1)
		time.Sleep(3 * time.Second)
		return &report.Report{}, well(e.Deep)
	}
	b.look.watch = func(context.Context, probe.PathName, desired.Settings) error {
		b.watches.Add(1)
		time.Sleep(time.Second)
		return nil
	}
	if change != nil {
		change(b)
	}
	done := make(chan error, 1)
	go func() { done <- b.serve() }()
	b.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	return b
}

// well is a network where AMQP works directly.
func well(deep bool) machine.Observation {
	p := probe.PathName{Protocol: report.AMQP, Route: report.RouteDirect}
	return machine.Observation{Choice: p, Labels: map[probe.PathName]string{p: machine.OKLabel}, Deep: deep}
}

// TestADayInTheLoop: timers do in the loop what they do in the machine.
func TestADayInTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bubble(t, nil)
		time.Sleep(24 * time.Hour)
		if err := b.stop(); err != nil {
			t.Fatal(err)
		}
		s := b.session
		if b.checks.Load() < 4 || b.checks.Load() > 6 || b.watches.Load() < 280 || b.watches.Load() > 300 ||
			s.patches < 4 || s.patches > 6 || s.messages != 1 || b.opens.Load() != 1 {
			t.Errorf("%d checks, %d watches, %d writes, %d messages, %d sessions", b.checks.Load(), b.watches.Load(),
				s.patches, s.messages, b.opens.Load())
		}
	})
}

// TestNothingHoldsTheLoopUp: a check that never ends is given up, and meanwhile methods
// are answered, and a stop is a stop.
func TestNothingHoldsTheLoopUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bubble(t, func(b *bench) {
			b.look.check = func(ctx context.Context, _ machine.StartCheck) (*report.Report, machine.Observation) {
				b.checks.Add(1)
				<-ctx.Done()
				return &report.Report{}, machine.Observation{Undecided: true}
			}
		})
		time.Sleep(time.Minute)
		if r := b.method(context.Background(), twin.Method{Name: "ping"}); r.Status != 200 ||
			!strings.Contains(string(r.Payload), `"checking":true`) {
			t.Errorf("%d %s", r.Status, r.Payload)
		}
		begun := time.Now()
		if r := b.method(context.Background(), twin.Method{Name: "check"}); r.Status != 200 ||
			!strings.Contains(string(r.Payload), `"done":false`) || time.Since(begun) > methodWait {
			t.Errorf("%d %s after %s", r.Status, r.Payload, time.Since(begun))
		}
		time.Sleep(10 * time.Minute)
		if n := b.checks.Load(); n < 2 {
			t.Errorf("%d checks: the first was never given up", n)
		}
		begun = time.Now()
		if err := b.stop(); err != nil || time.Since(begun) > time.Second {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
	})
}

// TestStopsInTime: what does not end is left behind, within the engine's ten seconds.
func TestStopsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bubble(t, func(b *bench) { b.session.slow = 5 * time.Second })
		time.Sleep(time.Hour)
		begun := time.Now()
		if err := b.stop(); err != nil || time.Since(begun) > 6*time.Second {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := bubble(t, func(b *bench) { b.session.slow = time.Minute })
		time.Sleep(time.Hour)
		begun := time.Now()
		if err := b.stop(); !errors.Is(err, errStuck) || time.Since(begun) > 9*time.Second {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
		time.Sleep(2 * time.Minute)
	})
}

// TestReconnects: pauses grow to a minute, a refused login waits as long from the start,
// and the log says the same thing once.
func TestReconnects(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		err         error
		least, most int64
	}{"away": {errors.New("refused"), 45, 66}, "not taken": {twin.ErrRefused, 45, 61}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := bubble(t, func(b *bench) {
					b.hub.open = func(context.Context, twin.Handler, twin.Transport) (Session, error) {
						b.opens.Add(1)
						return nil, row.err
					}
				})
				time.Sleep(time.Hour)
				if err := b.stop(); err != nil {
					t.Fatal(err)
				}
				if n := b.opens.Load(); n < row.least || n > row.most {
					t.Errorf("%d sessions were tried in an hour", n)
				}
				if n := strings.Count(b.log.String(), "no session with edgeHub"); n != 1 {
					t.Errorf("%d lines", n)
				}
			})
		})
	}
}

// TestLostSession: its end is an event, a reason to check, and another session follows.
func TestLostSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bubble(t, nil)
		time.Sleep(time.Hour)
		checks := b.checks.Load()
		close(b.session.done) // every later session is over at once
		time.Sleep(time.Hour)
		if err := b.stop(); err != nil {
			t.Fatal(err)
		}
		if n := b.opens.Load(); n < 40 || n > 70 {
			t.Errorf("%d sessions in an hour", n)
		}
		if n := b.checks.Load() - checks; n < 1 || n > 20 {
			t.Errorf("%d checks", n)
		}
	})
}
