package sidecar

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/twin"
	"edgenet/probe"
	"edgenet/report"
)

// TestHold: a line that cuts idle connections comes to the twin, and goes from it when a
// later check finds them alive.
func TestHold(t *testing.T) {
	t.Parallel()
	s := prepare(t, "https=idle-cut:4").start()
	s.has("status", "ok")
	s.desire(`{"holdSec":5}`)
	s.has("finding", "hold.short")
	s.has("status", "degraded")
	if !strings.Contains(s.log.String(), "an idle connection is lost after") {
		t.Error("the log does not say when they are lost")
	}
	if err := s.ClearFault("https"); err != nil {
		t.Fatal(err)
	}
	if status, a := s.invoke("check", ``); status != 200 || a["finding"] != "hold.short" {
		t.Errorf("a check alone knows nothing better: %d %v", status, a)
	}
	s.has("status", "ok")
	if f := s.reported()["finding"]; f != nil {
		t.Errorf("%v", f)
	}
}

// TestStopDuringHold: a module that holds connections for an hour answers meanwhile, and
// ends in time and without leaving one.
func TestStopDuringHold(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.desire(`{"holdSec":3600}`)
	s.eventually("idle connections", func() bool {
		return s.accepted("https") >= 2*3+1+
			6
	}) // two checks, the path, its idle ones
	if status, a := s.invoke("check", ``); status != 200 || a["done"] != true || a["status"] != "ok" {
		t.Errorf("%d %v", status, a)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// accepted counts connections to a place of the lab.
func (s *site) accepted(place string) (n int) {
	for _, e := range s.Events() {
		if e.Kind == lab.KindAccept && e.Place == place {
			n++
		}
	}
	return n
}

// TestHoldByEveryWay: HTTPS is held by every route that was found to work and by no other,
// without a login, and what it costs is in the metrics.
func TestHoldByEveryWay(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	for _, name := range []string{"open", "basic"} {
		x, err := proxyurl.Parse(s.Info().Proxy(name), "env:https_proxy")
		if err != nil {
			t.Fatal(err)
		}
		s.o.Proxies = append(s.o.Proxies, x)
	}
	p := &prober{o: s.o.withDefaults(), meter: &Meter{}}
	settings := desired.Defaults()
	settings.Hold = 2 * time.Second
	paths := []probe.PathName{{Protocol: report.HTTPS, Route: report.RouteDirect},
		{Protocol: report.HTTPS, Route: "proxy"}}
	var done machine.HoldDone
	c := s.count(p, func() {
		done = p.hold(context.Background(), machine.StartHold{Run: 7, Paths: paths, Settings: settings})
	})
	t.Logf("two ways for 2 s: %+v", c)
	if done.Run != 7 || done.Short != nil || done.Undecided {
		t.Errorf("%+v", done)
	}
	const idle = 4 // for 1/4, 1/2, 1 and 2 s; each asks before and after, the path itself once
	if n := p.meter.connections.Load(); n != 2*(1+idle) || c.connections != 2*(1+idle) || c.refused != 2*(1+2*idle) {
		t.Errorf("%d connections, at the hub %+v", n, c)
	}
	for _, e := range s.Events() {
		if e.Kind == lab.KindLogin || e.Kind == lab.KindAccept &&
			!slices.Contains([]string{"https", "proxy:open", lab.PlaceWorkload}, e.Place) {
			t.Errorf("%+v", e)
		}
	}
	for _, gone := range [][]probe.PathName{nil, {{Protocol: report.HTTPS, Route: "proxy3"}}} {
		if d := p.hold(context.Background(), machine.StartHold{Paths: gone, Settings: settings}); !d.Undecided ||
			d.Short != nil {
			t.Errorf("%v: %+v", gone, d)
		}
	}
	if err := s.SetFault(lab.Fault{Place: "https", Name: "tls-close"}); err != nil {
		t.Fatal(err)
	}
	if d := p.hold(context.Background(), machine.StartHold{Paths: paths[:1], Settings: settings}); !d.Undecided ||
		d.Short != nil {
		t.Errorf("a network that is down is no short life: %+v", d)
	}
}

// TestHoldConfirms: what is lost once is tried again, for a minute at most, and that counts.
func TestHoldConfirms(t *testing.T) {
	t.Parallel()
	first, second := &report.Finding{Summary: "first"}, &report.Finding{Summary: "second"}
	for name, row := range map[string]struct {
		idle  time.Duration
		tries []machine.HoldDone // the last one counts
		times []time.Duration
	}{
		"alive":     {time.Hour, []machine.HoldDone{{}}, []time.Duration{time.Hour}},
		"not tried": {time.Hour, []machine.HoldDone{{Undecided: true}}, []time.Duration{time.Hour}},
		"lost twice": {time.Hour, []machine.HoldDone{{Short: first}, {Short: second}},
			[]time.Duration{time.Hour, time.Minute}},
		"lost once": {30 * time.Second, []machine.HoldDone{{Short: first}, {}},
			[]time.Duration{30 * time.Second, 30 * time.Second}},
		"away the second time": {time.Minute, []machine.HoldDone{{Short: first}, {Undecided: true}},
			[]time.Duration{time.Minute, time.Minute}},
	} {
		var times []time.Duration
		got := confirmed(row.idle, func(idle time.Duration) machine.HoldDone {
			times = append(times, idle)
			return row.tries[len(times)-1]
		})
		if got != row.tries[len(row.tries)-1] || !slices.Equal(times, row.times) {
			t.Errorf("%s: %+v after %v", name, got, times)
		}
	}
}

// tries notes how long idle connections were to be tried, and which tries ended.
type tries struct {
	mu           sync.Mutex
	begun, ended []time.Duration
}

// hold lasts until it is told to end.
func (h *tries) hold(ctx context.Context, e machine.StartHold) machine.HoldDone {
	h.mu.Lock()
	h.begun = append(h.begun, e.Settings.Hold)
	h.mu.Unlock()
	<-ctx.Done()
	h.mu.Lock()
	h.ended = append(h.ended, e.Settings.Hold)
	h.mu.Unlock()
	return machine.HoldDone{Run: e.Run, Undecided: true}
}

// were holds what began and ended against what should have.
func (h *tries) were(t *testing.T, begun, ended []time.Duration) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.begun, begun) || !slices.Equal(h.ended, ended) {
		t.Errorf("begun: %v, want %v; ended: %v, want %v", h.begun, begun, h.ended, ended)
	}
}

// TestHoldBesideTheLoop: checks, looks and methods go on during an hour of it, a desired
// change ends it and starts the next, and a stop ends it at once.
func TestHoldBesideTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &tries{}
		b := bubble(t, func(b *bench) {
			b.look.check = func(_ context.Context, e machine.StartCheck) (*report.Report, machine.Observation) {
				b.checks.Add(1)
				o := well(e.Deep)
				o.Labels[probe.PathName{Protocol: report.HTTPS, Route: report.RouteDirect}] = machine.OKLabel
				return &report.Report{}, o
			}
			b.look.hold = h.hold
		})
		want := func(section string) {
			s, complaints := desired.Parse([]byte(section), b.o.Allow)
			b.post(machine.DesiredSeen{Section: []byte(section), Settings: s, Complaints: complaints})
			time.Sleep(30 * time.Minute)
		}
		hour, half := time.Hour, 30*time.Minute
		time.Sleep(time.Minute) // the twin was read
		want(`{"holdSec":3600}`)
		if r := b.method(context.Background(), twin.Method{Name: "check"}); !strings.Contains(string(r.Payload),
			`"done":true`) || b.watches.Load() < 5 {
			t.Errorf("%s, %d looks", r.Payload, b.watches.Load())
		}
		h.were(t, []time.Duration{hour}, nil)
		want(`{"holdSec":1800}`)
		h.were(t, []time.Duration{hour, half}, []time.Duration{hour})
		at := time.Now()
		if err := b.stop(); err != nil || time.Since(at) > time.Second {
			t.Errorf("%v after %s", err, time.Since(at))
		}
		h.were(t, []time.Duration{hour, half}, []time.Duration{hour, half})
	})
}
