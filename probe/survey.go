package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// survey is what the paths of a run share of their experiments: a question that several
// paths call for is put once.
type survey struct {
	ctx    context.Context //nolint:containedctx // of the round: experiments may outlive the path that asked first
	cancel context.CancelFunc
	base   time.Time
	before *baseline
	wg     sync.WaitGroup
	turn   chan struct{} // holds one while somebody connects alone
	brake  *brake
	asks   map[string]bool // routes whose proxy asks for credentials
	counts map[string]*census
	cut    atomic.Bool // a hello was cut at a look
	// unheard is how long a look had no answer, the longest; zero where all had.
	unheard atomic.Int64
	hellos  map[string]*hellos // of handshakes, by the port and the route
	knocks  map[string]*knocks // of CONNECTs, by the same and the manner
	looks   sync.WaitGroup
	// looking ends when no path is under way any more.
	looking context.Context //nolint:containedctx // of what nobody waits for
	enough  context.CancelFunc
	padded  map[string]bool // routes by which a padded request was sent
	unwatch func()          // ends the measuring of lost time
	lost    time.Duration   // when the run began

	mu       sync.Mutex
	asked    map[string]*inquiry
	journeys map[netip.AddrPort]*journey
	up       []int         // ports of the target that connected directly
	paths    int           // under way
	unproven int           // paths whose proof is awaited
	settled  bool          // the time for firewalls to forget was given
	still    chan struct{} // closed while none is
	proved   chan struct{} // closed when no proof is awaited any more

	farewells *Farewells
}

// inquiry is an experiment that was started; result stands once done is closed.
type inquiry struct {
	done   chan struct{}
	result report.Experiment
}

func newSurvey(round context.Context, base time.Time) *survey {
	ctx, cancel := context.WithCancel(round)
	looking, enough := context.WithCancel(ctx)
	return &survey{ctx: ctx, cancel: cancel, looking: looking, enough: enough, base: base, before: newBaseline(),
		asked: map[string]*inquiry{}, journeys: map[netip.AddrPort]*journey{},
		turn: make(chan struct{}, 1), brake: newBrake(), asks: map[string]bool{},
		counts: map[string]*census{}, hellos: map[string]*hellos{}, knocks: map[string]*knocks{},
		padded:  map[string]bool{},
		unwatch: hop.Watch(), lost: hop.Lost(), proved: make(chan struct{}),
		farewells: &Farewells{}}
}

// alone does what no other experiment may do at the same time.
func (s *survey) alone(ctx context.Context, do func() bool) bool {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return do()
	case <-ctx.Done():
		return false
	}
}

// underway counts a path whose own connections stand, until the function it gives is called.
func (s *survey) underway() (arrived func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paths++; s.paths == 1 {
		s.still = make(chan struct{})
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.paths--; s.paths == 0 {
			close(s.still)
		}
	}
}

// calm waits until no path is under way, for half of the time that is left at most.
func (s *survey) calm(ctx context.Context) {
	s.mu.Lock()
	still := s.still
	s.mu.Unlock()
	if still == nil {
		return
	}
	if left, ok := hop.Until(ctx); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left/2)
		defer cancel()
	}
	select {
	case <-still:
	case <-ctx.Done():
	}
}

// close ends what nobody waits for any more.
func (s *survey) close() {
	s.cancel()
	s.looks.Wait()
	s.wg.Wait()
	s.before.drop()
	s.unwatch()
}

// ask starts an experiment, or joins it where another path has asked the same. It ends
// by until.
func (s *survey) ask(e experiment, a *attempt, h report.Hop, until time.Time) *inquiry {
	only := a.failedAt(h)
	key := fmt.Sprint(e.name, " ", h, " ", a.Route.ID, " ", a.Host, " ", only)
	if !e.wide {
		key += fmt.Sprint(" ", a.Protocol.Port())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q, ok := s.asked[key]; ok {
		return q
	}
	q := &inquiry{done: make(chan struct{})}
	s.asked[key] = q
	own := *a.env // as it is now: the walk goes on
	own.Only, own.Known = only, a.trace.Found()
	s.wg.Go(func() {
		defer close(q.done)
		// As a path does, it waits so long in silence: time in which this process did not run
		// is none.
		left := max(time.Until(until), time.Millisecond)
		ctx, cancel := context.WithTimeout(s.ctx, 2*left)
		defer cancel()
		waited, done := hop.WithPatience(ctx, left)
		defer done()
		q.result = s.run(waited, e, a, h, &own)
	})
	return q
}

func (s *survey) run(ctx *hop.Patience, e experiment, a *attempt, h report.Hop, env *hop.Env) report.Experiment {
	start := time.Now()
	path := *a.Path
	t := &trial{attempt: &attempt{Path: &path, env: env, trace: hop.NewTrace(s.ctx, s.base), start: start},
		hop: h, survey: s}
	outcome, summary := report.Unavailable, "not sent: the link is slow, and the paths come first"
	if s.brake.afford(ctx, e.bytes()) {
		outcome, summary = guardedAsk(ctx, e, t)
	}
	outcome, summary = fairly(ctx, outcome, summary, time.Since(start), a.Timeout)
	steps := t.trace.Steps()
	if t.steps != nil {
		steps = t.steps
	}
	x := report.Experiment{Name: e.name, Outcome: outcome, Summary: report.Clean(summary, 500),
		StartMs:    report.MillisOf(start.Sub(s.base)),
		DurationMs: report.MillisOf(time.Since(start)), Sent: sentIn(steps, t.travels), Suite: t.taken.Suite,
		Beyond: t.taken.Beyond(), TooSmall: t.taken.TooSmall(), Steps: steps,
		Travels: t.travels, Addresses: t.said, Source: t.source, Old: t.taken.Old}
	if x.Sent != "" {
		at := a.env.Clock().Add(-time.Since(start)).UTC().Truncate(time.Millisecond)
		x.At = &at
	}
	return x
}

// fairly takes back what an experiment says that had too little time, or that this host had no
// time for.
func fairly(ctx *hop.Patience, o report.Outcome, summary string, took, timeout time.Duration) (report.Outcome, string) {
	switch late := ctx.Late(); {
	case ctx.Err() == nil || o != report.Silent && o != report.Blocked:
	case late >= took/2:
		return report.Unavailable, fmt.Sprintf("this host was too busy for %s of it, so it proves nothing",
			hop.Seconds(late))
	case took-late < fairWait(timeout)/2:
		return report.Unavailable, fmt.Sprintf("no more than %s were left for it, which proves nothing",
			hop.Seconds(took-late))
	}
	return o, summary
}

// sentIn says what an experiment sent and where to; empty where it sent nothing, and is then
// no evidence.
func sentIn(steps []report.Step, travels []report.Travel) string {
	if len(travels) > 0 {
		return fmt.Sprintf("SYNs with hop limits 1 to %d to %s", len(travels[0].Hops),
			net.JoinHostPort(travels[0].Address, strconv.Itoa(travels[0].Port)))
	}
	sent := ""
	for _, s := range steps {
		switch d := s.Detail.(type) {
		case *report.TCPDetail:
			sent = "a SYN to " + d.Remote
		case *report.ConnectDetail:
			sent += ", CONNECT " + d.Target
		case *report.TLSDetail:
			sent += ", a TLS hello for " + d.ServerName
		}
	}
	return report.Clean(sent, 300)
}

// guardedAsk asks, and makes no answer of a panic.
func guardedAsk(ctx context.Context, e experiment, t *trial) (outcome report.Outcome, summary string) {
	defer func() {
		if v := recover(); v != nil {
			outcome, summary = report.Unavailable, hop.PanicText(v)
		}
	}()
	return e.ask(ctx, t)
}

// connected notes a port of the target that answers directly.
func (s *survey) connected(port int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.up, port) {
		s.up = append(s.up, port)
	}
}

// comparable is a port to compare with one that fails: one that answers, else another of
// the plan, else one that IoT Hub has.
func (s *survey) comparable(planned []int, port int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range slices.Concat(s.up, planned, []int{report.HTTPS.Port(), report.AMQP.Port()}) {
		if p != port {
			return p
		}
	}
	return 0
}
