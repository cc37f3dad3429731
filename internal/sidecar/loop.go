package sidecar

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"edgenet/internal/alarm"
	"edgenet/internal/hop"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/sidecar/store"
	"edgenet/probe"
	"edgenet/report"
)

// loop carries the machine's effects out. One goroutine takes events, one after the
// other, and waits for nothing else: checks, writes to the twin and to the disk run
// beside it and come back as events.
type loop struct {
	o      Options
	prober *prober
	hub    *sessionKeeper
	store  *store.Store
	look   looks
	memory memory
	alarm  func(ring func()) *alarm.Alarm // wakes it
	begun  time.Time
	ctx    context.Context //nolint:containedctx // of Run: what runs beside the loop ends with it

	events chan machine.Event
	wg     sync.WaitGroup // of everything beside the loop
	disk   sync.Mutex     // held by whoever is at the store

	state  machine.State
	report *report.Report // the loop's; others read shown
	unhold func()         // ends the try of idle connections that was started last

	shown atomic.Pointer[view]
	busy  atomic.Int64 // when the event under way was taken, 0 none

	mu      sync.Mutex
	calls   map[uint64]chan machine.Answer
	lastID  uint64
	reports map[uint64]*report.Report // of checks whose CheckDone is under way
	edge    edgeHubReader
}

// looks are what the loop asks of the prober.
type looks struct {
	check func(context.Context, machine.StartCheck) (*report.Report, machine.Observation)
	watch func(context.Context, probe.PathName, desired.Settings) error
	hold  func(context.Context, machine.StartHold) machine.HoldDone
}

func newLoop(ctx context.Context, o Options) *loop {
	l := &loop{
		o: o, prober: &prober{o: o, meter: &Meter{}}, store: store.New(o.StateDir), begun: time.Now(), ctx: ctx,
		events: make(chan machine.Event, 64), calls: map[uint64]chan machine.Answer{},
		reports: map[uint64]*report.Report{},
		edge:    edgeHubReader{url: o.EdgeHubMetrics}, alarm: alarm.New,
	}
	l.look = looks{l.prober.check, l.prober.watch, l.prober.hold}
	l.hub = newSessionKeeper(l)
	return l
}

// load reads the disk, and starts the machine from it.
func (l *loop) load() {
	loaded, err := l.store.Load()
	if err != nil {
		l.o.Log.Warn("nothing is kept on the disk: "+report.Clean(err.Error(), 200), "state", l.o.StateDir)
	}
	if loaded.Skipped > 0 {
		l.o.Log.Warn("damaged records in the state were skipped", "records", loaded.Skipped)
	}
	var dropped []string
	if loaded.Memory, loaded.Log, dropped = machine.Sane(loaded.Memory, loaded.Log); len(dropped) > 0 {
		l.o.Log.Warn("the state holds what this version cannot have written; that was dropped", "values",
			strings.Join(dropped, ","))
	}
	settings, complaints := desired.Parse(loaded.Section, l.o.Allow)
	c := machine.Config{Identity: l.o.Module.Name(), Version: l.o.Version, Configured: l.o.Configured}
	l.state = machine.New(c, loaded.Memory, loaded.Log, loaded.Section, settings, complaints)
	if err != nil {
		l.state.DiskError = report.Clean(err.Error(), 120)
	}
	l.publish()
}

// run takes events until the context ends.
func (l *loop) run() {
	next, rings := alarm.Channel(l.alarm)
	defer next.Close()
	l.step(machine.Begin{})
	for {
		next.Set(l.state.Wake() - time.Since(l.begun))
		var e machine.Event = machine.Tick{}
		select {
		case <-l.ctx.Done():
			return
		case e = <-l.events:
		case <-rings:
		}
		l.step(e)
	}
}

// post hands an event to the loop. It waits while the loop is busy, and gives up when the
// module ends.
func (l *loop) post(e machine.Event) {
	select {
	case l.events <- e: // also when the module ends: see drain
		return
	default:
	}
	select {
	case l.events <- e:
	case <-l.ctx.Done():
	}
}

// step is one turn of the machine.
func (l *loop) step(e machine.Event) {
	wall := time.Now()
	l.busy.Store(wall.UnixNano())
	defer l.busy.Store(0)
	if done, ok := e.(machine.CheckDone); ok {
		l.mu.Lock()
		if r := l.reports[done.Run]; r != nil {
			l.report = r
		}
		delete(l.reports, done.Run)
		l.mu.Unlock()
	}
	state, effects := machine.Step(l.state, e, machine.Now{Mono: wall.Sub(l.begun), Wall: wall.Round(0)})
	l.state = state
	l.publish()
	for _, effect := range effects {
		l.carryOut(effect)
	}
}

func (l *loop) carryOut(e machine.Effect) {
	switch e := e.(type) {
	case machine.StartCheck:
		l.wg.Go(func() { l.check(e) })
	case machine.StartWatch:
		settings := l.state.Settings
		l.wg.Go(func() {
			err := l.guardedWatch(e.Path, settings)
			if l.ctx.Err() == nil {
				l.post(machine.WatchDone{Run: e.Run, Path: e.Path, OK: err == nil})
				l.readEdgeHub()
				l.memory.look()
			}
		})
	case machine.StartHold:
		ctx, stop := context.WithCancel(l.ctx)
		l.unhold = stop
		l.wg.Go(func() {
			defer stop()
			l.post(l.look.hold(ctx, e))
			l.memory.release()
		})
	case machine.StopHold:
		l.unhold()
	case machine.Patch:
		l.wg.Go(func() { l.post(machine.PatchDone{ID: e.ID, Err: l.hub.patch(e.Body)}) })
	case machine.Send:
		l.wg.Go(func() { l.post(machine.SendDone{Seq: e.Transition.Seq, Err: l.hub.send(e.Transition)}) })
	case machine.Save:
		l.wg.Go(func() { l.save(e.Record) })
	case machine.Answer:
		l.answer(e)
	case machine.Note:
		l.o.Log.Log(l.ctx, levels[e.Level], e.Text)
	}
}

var levels = map[machine.Level]slog.Level{machine.Info: slog.LevelInfo, machine.Warning: slog.LevelWarn,
	machine.Error: slog.LevelError}

// checkLimit bounds a check whatever happens in it; the prober's own deadline is shorter.
const checkLimit = 3 * time.Minute

func (l *loop) check(e machine.StartCheck) {
	ctx, cancel := context.WithTimeout(l.ctx, checkLimit)
	defer cancel()
	if l.o.Spread != nil {
		defer l.o.Spread()()
	}
	r, found := l.guardedCheck(ctx, e)
	if l.ctx.Err() != nil {
		return // what an ending process finds is nobody's verdict
	}
	if r != nil {
		l.mu.Lock()
		l.reports[e.Run] = r
		l.mu.Unlock()
	}
	l.post(machine.CheckDone{Run: e.Run, Found: found})
	l.readEdgeHub()
	l.memory.release()
}

// guardedCheck is a check in which a panic costs the check, and not the module: nothing was
// found out then, and nothing is concluded.
func (l *loop) guardedCheck(ctx context.Context, e machine.StartCheck) (r *report.Report, found machine.Observation) {
	defer func() {
		if v := recover(); v != nil {
			l.o.Log.Error("a check was lost: " + hop.PanicText(v))
			r, found = nil, machine.Observation{Labels: map[probe.PathName]string{}, Undecided: true,
				Reason: hop.PanicText(v)}
		}
	}()
	return l.look.check(ctx, e)
}

// guardedWatch is a look that, where it panics, leaves the answer to a full check.
func (l *loop) guardedWatch(path probe.PathName, s desired.Settings) (err error) {
	defer func() {
		if v := recover(); v != nil {
			l.o.Log.Error("a look at the path was lost: " + hop.PanicText(v))
			err = errors.New(string(report.Unknown))
		}
	}()
	return l.look.watch(l.ctx, path, s)
}

func (l *loop) save(r machine.Record) {
	l.disk.Lock()
	err := l.store.Save(r)
	l.disk.Unlock()
	l.post(machine.SaveDone{Err: err})
}

// goodbye keeps what the last turns still wanted to keep.
func (l *loop) goodbye() error {
	l.disk.Lock()
	defer l.disk.Unlock()
	if r, ok := l.state.Unsaved(); ok {
		if err := l.store.Save(r); err != nil {
			l.o.Log.Warn("the state was not saved: " + report.Clean(err.Error(), 200))
		}
	}
	return l.store.Close()
}

// answer hands a method's answer to whoever waits for it.
func (l *loop) answer(a machine.Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ch := l.calls[a.Call]; ch != nil {
		delete(l.calls, a.Call)
		ch <- a // has room for one
	}
}

// call registers somebody who waits for an answer.
func (l *loop) call() (uint64, <-chan machine.Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastID++
	ch := make(chan machine.Answer, 1)
	l.calls[l.lastID] = ch
	return l.lastID, ch
}

// forget drops a call that nobody waits for any more.
func (l *loop) forget(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, id)
}
