package check

import (
	"context"
	"errors"
	"sync"

	"edgenet/internal/check/sweep"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/report"
)

// maxParallel bounds --parallel: more is a typing error.
const maxParallel = 20000

// aheadLimit is how many bytes of reports may wait for a hub that stands before them in the
// list: then no more hubs are begun until it is done.
const aheadLimit = 16 << 20

// runTargets probes the hubs of a list side by side, and writes each where the options say.
func runTargets(ctx context.Context, con *console.Console, o Options) error {
	targets, err := readTargets(ctx, con, o)
	if err != nil {
		return err
	}
	one := o
	one.Hub = judged(targets[0].host) // what the options make of one, they make of all
	j, err := newJob(ctx, con, one)
	if err != nil {
		return err
	}
	if err := j.closed(); err != nil {
		return err
	}
	j.o.Hub, j.plan.Source = "", "targets"
	j.env.Interfaces = &hop.Interfaces{}
	j.labelTargets(targets)
	memory := boundMemory()
	defer memory.end()
	gate := j.gate()
	if o.Every > 0 {
		return j.every(ctx, func(ctx context.Context, first bool) ([]*report.Report, error) {
			return j.roundOfTargets(ctx, gate, targets, first)
		})
	}
	s, err := j.newSweep(ctx, gate, targets)
	if err != nil {
		return err
	}
	s.run(ctx, memory)
	return exit.With(s.code, s.end(ctx))
}

// gate is as wide as the options say, and as this process may have descriptors.
func (j *job) gate() *sweep.Gate {
	n := sweep.Descriptors()
	g := sweep.New(j.o.Parallel, n)
	wanted := j.o.Parallel
	if wanted == 0 {
		wanted = sweep.DefaultSlots
	}
	if g.Slots() < wanted {
		j.con.Note("this process may have %d files open, so %d connections are made at once, not %d; ulimit -n "+
			"%d would do", n, g.Slots(), wanted, sweep.Wanted(wanted))
	}
	j.plan.Parallel, j.plan.Sparing = min(g.Slots(), 64), true
	return g
}

// sweeping is one round over a list.
type sweeping struct {
	*job
	gate     *sweep.Gate
	targets  []target
	sinks    []*sink
	progress *progress

	mu      sync.Mutex
	room    *sync.Cond       // what is ahead has become less
	done    []bool           // of the targets
	waiting map[int][]*piece // finished, behind one that is not
	known   map[int]resumed  // of an earlier run, the same
	ahead   int              // bytes of them
	next    int              // the first that is not written
	code    int
	errs    []error
}

func (j *job) newSweep(ctx context.Context, gate *sweep.Gate, targets []target) (*sweeping, error) {
	s := &sweeping{job: j, gate: gate, targets: targets, done: make([]bool, len(targets)),
		waiting: map[int][]*piece{}, known: map[int]resumed{}, progress: newProgress(j, len(targets))}
	s.room = sync.NewCond(&s.mu)
	var err error
	if s.sinks, err = j.sinks(); err != nil {
		return nil, err
	}
	if j.o.Resume != "" {
		if err := s.resume(ctx); err != nil {
			return nil, err
		}
	}
	for _, k := range s.sinks {
		s.errs = append(s.errs, k.begin(ctx))
	}
	s.adopt(ctx)
	return s, nil
}

// run probes what is to be probed. It ends early with ctx: what is under way then is written
// in part, what was not begun is not written.
func (s *sweeping) run(ctx context.Context, memory *heapBound) {
	paths := len(s.start().Results)
	stop := context.AfterFunc(ctx, s.room.Broadcast)
	defer stop()
	var wg sync.WaitGroup
	left := 0
	for i, t := range s.targets {
		if s.done[i] {
			continue
		}
		s.hasRoom(ctx)
		lease, err := s.gate.Admit(ctx, paths)
		if err != nil {
			left++
			continue
		}
		memory.fit(s.gate.UnderWay())
		wg.Go(func() {
			defer lease.End()
			r := s.of(t).check(ctx, func(report.Result) { lease.Settled() })
			s.take(ctx, i, r)
		})
	}
	wg.Wait()
	s.status("")
	s.flush(ctx)
	if ctx.Err() != nil {
		s.code = exit.Worse(s.code, exit.Interrupted)
	}
	if left > 0 {
		s.con.Note("%d of %d hubs were not begun", left, len(s.targets))
	}
}

// hasRoom waits until little enough is ahead.
func (s *sweeping) hasRoom(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.ahead > aheadLimit && ctx.Err() == nil {
		s.room.Wait()
	}
}

// take turns a report into what the outputs keep of it, and writes what is next. The report
// itself is forgotten.
func (s *sweeping) take(ctx context.Context, i int, r *report.Report) {
	pieces := make([]*piece, len(s.sinks))
	for n, k := range s.sinks {
		pieces[n] = k.take(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = exit.Worse(s.code, r.Verdict.ExitCode)
	s.progress.settled()
	if s.o.Unordered {
		s.write(ctx, i, pieces)
		return
	}
	s.waiting[i] = pieces
	s.ahead += size(pieces)
	for s.ready(ctx, s.next) {
		s.next++
	}
	s.room.Broadcast()
}

// ready writes what is there of a hub; false where there is nothing. s.mu is held.
func (s *sweeping) ready(ctx context.Context, i int) bool {
	if pieces, ok := s.waiting[i]; ok {
		delete(s.waiting, i)
		s.ahead -= size(pieces)
		s.write(ctx, i, pieces)
		return true
	}
	k, ok := s.known[i]
	if ok {
		delete(s.known, i)
		s.write(ctx, i, k.pieces)
	}
	return ok
}

// write hands the pieces of a hub to the outputs; s.mu is held.
func (s *sweeping) write(ctx context.Context, i int, pieces []*piece) {
	for n, p := range pieces {
		if p != nil {
			s.errs = append(s.errs, s.sinks[n].write(ctx, i, p))
		}
	}
	s.errs = compact(s.errs)
}

// flush writes what waited for a hub that was not begun.
func (s *sweeping) flush(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := s.next; i < len(s.targets); i++ {
		s.ready(ctx, i)
	}
}

// end finishes the outputs.
func (s *sweeping) end(ctx context.Context) error {
	for _, k := range s.sinks {
		s.errs = append(s.errs, k.end(ctx))
	}
	return errors.Join(s.errs...)
}

// compact leaves out what is no error.
func compact(errs []error) []error {
	out := errs[:0]
	for _, e := range errs {
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

// roundOfTargets is one of several rounds: the reports are kept, to be compared.
func (j *job) roundOfTargets(ctx context.Context, gate *sweep.Gate, targets []target, first bool) ([]*report.Report,
	error) {
	reports := make([]*report.Report, len(targets))
	paths := len(j.start().Results)
	var wg sync.WaitGroup
	p := newProgress(j, len(targets))
	for i, t := range targets {
		lease, err := gate.Admit(ctx, paths)
		if err != nil { // the round was interrupted: nothing is contacted any more
			reports[i] = j.of(t).check(ctx, nil)
			continue
		}
		wg.Go(func() {
			defer lease.End()
			reports[i] = j.of(t).check(ctx, func(report.Result) { lease.Settled() })
			p.settled()
		})
	}
	wg.Wait()
	j.status("")
	if !first || !j.text() {
		return reports, nil
	}
	f := j.format()
	return reports, exit.Result(f.Write(j.con.Stdout, reports...))
}
