package probe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// Where packets of a run got lost, bare connections tell whether that is much, a limit on connections, or
// next to nothing. One that is lost, by its SYN or by the answer, has this much more weight than one that
// stands, until one side leads by lossClear: of a network that loses one packet in ten each way, and of one
// that loses one in five, the other is taken for it once in 1,000 counts (Wald's test; 19 and 36 connections
// in 100 are lost then, whose likelihoods differ by e^0.64 and e^0.24).
const (
	lossWeight = 2.7
	lossClear  = 29
	mostCounts = 400
	// enoughCounts are so many that the side that leads is told where the time was over.
	enoughCounts = 24
	// Of a network that loses one packet in five a run loses more than one or two: where it lost so few, so
	// much less shows that they were chance.
	oneSign, twoSigns = 12, 20
	// mostHeld is how many connections are held at once to meet a limit: no way of a run needs more.
	mostHeld = 8
	freely   = 5 // connections in a row that have to stand, one at a time, where a limit was met
	// lateToForget is how many more may be lost before, and apart the time between two: what counts connections
	// forgets those that are gone when it looks through some of them, once a tick (Linux,
	// net/netfilter/nf_conncount.c).
	lateToForget = 3
	apart        = 20 * time.Millisecond
	// sentTwice is when a SYN without an answer has been sent again: what this host itself drops it counts
	// then (LocalFailures).
	sentTwice   = 1100 * time.Millisecond
	resentAfter = 950 * time.Millisecond
	// A limit on new connections a second loses what is over it. So many in a row, slower than what came
	// through, all stand once in 500 times where one packet in five gets lost each way.
	unhurried         = 14
	leastGap, mostGap = 600 * time.Millisecond, 1200 * time.Millisecond
)

// losses is what became of bare connections to one port, by one address.
type losses struct {
	*Path
	round      context.Context //nolint:containedctx // of the connections
	env        hop.Env
	base, end  time.Time     // of the run; of the count
	wait       time.Duration // after which a SYN counts as lost: it has not been sent again by then
	good, lost int
	odd        int
	little     float64       // how far what comes through has to lead
	atOnce     int           // connections that stood while no other one was answered; zero where no limit was met
	here       bool          // this host itself failed to send the others
	gap        time.Duration // between connections that all stood, where they did not before; else zero
}

// countLosses counts, once a route, where packets got lost; what came of it stands with the path that was
// counted for.
func countLosses(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	var counted []string
	for i, p := range paths {
		route := p.Route.ID
		seen := signs(paths, results, route)
		if slices.Contains(counted, route) || p.Attempts > 1 || hop.Ended(round) || seen == 0 {
			continue
		}
		counted = append(counted, route)
		if j := doubtful(paths, results, route); j >= 0 {
			i, p = j, paths[j]
		}
		l := newLosses(round, p, &results[i], leastTrip(results, route), *env, base)
		switch seen {
		case 1:
			l.little = oneSign
		case 2:
			l.little = twoSigns
		}
		start := time.Now()
		ctx, cancel := context.WithTimeoutCause(round, 2*p.Timeout+unhurried*mostGap, ErrDeadline)
		l.round, l.end = ctx, start.Add(2*p.Timeout)
		p.survey.alone(ctx, func() bool {
			p.survey.settle(ctx)
			l.count()
			return true
		})
		cancel()
		results[i].Experiments = append(results[i].Experiments, l.told(start))
	}
}

// doubtful is the path at whose port most was lost, -1 where none has a port of its own to doubt.
func doubtful(paths []*Path, results []report.Result, route string) int {
	at, most := -1, 0
	for i := range results {
		if paths[i].Route.ID != route {
			continue
		}
		n := 0
		if d := tcpOf(results[i].Steps); d != nil && results[i].Status == report.OK {
			n = 1 + d.Resent
		}
		if silenced(&results[i]) {
			n = 100
		}
		if n > most {
			at, most = i, n
		}
	}
	return at
}

// leastTrip is the shortest round trip by a route, zero where none is known.
func leastTrip(results []report.Result, route string) (least time.Duration) {
	for _, r := range results {
		if r.Route != route || r.Status != report.OK || r.Pace == nil {
			continue
		}
		if trip := r.Pace.RoundTripMs.Duration(); least == 0 || trip < least {
			least = trip
		}
	}
	return least
}

func newLosses(round context.Context, p *Path, r *report.Result, trip time.Duration, env hop.Env,
	base time.Time) *losses {
	own := *p
	_, host, port := p.dials()
	env = led(env, host, port, reachedBy(r))
	own.Timeout = min(max(400*time.Millisecond, 8*trip+200*time.Millisecond), 900*time.Millisecond)
	return &losses{Path: &own, round: round, env: env, base: base, wait: own.Timeout,
		little: lossClear}
}

// count looks for a limit first, so that it does not count what this program opens itself.
func (l *losses) count() {
	if l.meetsLimit() || l.good == 0 {
		return
	}
	start, before := time.Now(), l.good
	for !l.clear() && l.odd < oddly && time.Now().Before(l.end) && !hop.Ended(l.round) {
		l.batch(mostHeld, l.wait, nil)
	}
	if l.lead() <= 0 {
		return
	}
	gap := mostGap
	if n := time.Duration(l.good - before); n > 0 {
		gap = min(max(3*time.Since(start)/(2*n), leastGap), mostGap)
	}
	l.slowly(gap)
}

// slowly makes connections one at a time, farther apart than those that came through, until one is lost.
func (l *losses) slowly(gap time.Duration) {
	good, lost := l.good, l.lost
	for range unhurried {
		pause(l.round, gap)
		if n, _ := l.batch(1, l.wait, nil); n == 0 || hop.Ended(l.round) {
			l.good, l.lost = good, lost
			return
		}
	}
	l.good, l.lost, l.gap = good, lost, gap
}

// clear tells whether it is known how much gets lost.
func (l *losses) clear() bool {
	lead := l.lead()
	return lead >= lossClear || lead <= -l.little || l.good+l.lost >= mostCounts
}

// lead is how far what gets lost leads; below zero it is what comes through.
func (l *losses) lead() float64 { return lossWeight*float64(l.lost) - float64(l.good) }

// standing is what became of a bare connection.
type standing struct {
	fault   *hop.Fault
	stopped bool
	late    bool // its SYN may have been sent again
}

// batch makes connections side by side, which stay until hold is closed, where there is one; the function
// that it gives waits for them to be gone.
func (l *losses) batch(n int, wait time.Duration, hold chan struct{}) (stood int, gone func()) {
	var wg sync.WaitGroup
	came := make(chan standing, n)
	for range n {
		wg.Go(func() {
			told, start := false, time.Now()
			a := l.connectWithin(l.round, wait, l.round, &l.env, l.base, func(net.Conn) {
				if hold != nil {
					told = true
					came <- standing{late: time.Since(start) >= resentAfter}
					<-hold
				}
			})
			if !told {
				came <- standing{a.fault, a.stopped(), time.Since(start) >= resentAfter}
			}
		})
	}
	good, lost := 0, 0
	for range n {
		switch a := <-came; {
		case a.fault == nil && a.late: // its first SYN was lost
			stood, lost = stood+1, lost+1
		case a.fault == nil:
			stood, good = stood+1, good+1
		case a.fault.Cause == report.TCPTimeout && !a.stopped:
			lost++
		default:
			l.odd++
		}
	}
	l.good, l.lost = l.good+good, l.lost+lost
	return stood, wg.Wait
}

// meetsLimit holds connections, more and more of them, until no further one is answered. That is a limit
// where they all are answered again, one at a time, when these are gone.
func (l *losses) meetsLimit() bool {
	hold := make(chan struct{})
	var all []func()
	stand, full := 0, false
	for stand < mostHeld && !full && l.odd < oddly && !hop.Ended(l.round) {
		good, lost := l.good, l.lost
		n, gone := l.batch(1, l.wait, hold)
		all = append(all, gone)
		if n == 0 {
			before := hop.CountLocalFailures(time.Now())
			n, gone = l.batch(mostHeld, sentTwice, hold)
			all = append(all, gone)
			l.here = before.Fewer(hop.CountLocalFailures(time.Now()))
		}
		if full = n == 0; full {
			l.good, l.lost = good, lost // they may have lost to the others
		}
		stand += n
	}
	close(hold)
	for _, gone := range all {
		gone()
	}
	if !full || stand == 0 || hop.Ended(l.round) {
		return false
	}
	pause(l.round, settling)
	good, lost := l.good, l.lost
	for row, misses := 0, 0; row < freely; row++ {
		pause(l.round, apart)
		if n, _ := l.batch(1, l.wait, nil); n == 0 {
			row = -1
			if misses++; misses > lateToForget {
				return false
			}
		}
	}
	l.good, l.lost, l.atOnce = good, lost, stand
	return true
}

// told is what came of it, for the report.
func (l *losses) told(start time.Time) report.Experiment {
	_, host, port := l.dials()
	at := l.env.Clock().Add(-time.Since(start)).UTC().Truncate(time.Millisecond)
	e := report.Experiment{Name: report.LostPackets, Outcome: report.Unavailable, At: &at,
		StartMs: report.MillisOf(start.Sub(l.base)), DurationMs: report.MillisOf(time.Since(start)),
		Sent: fmt.Sprintf("%d connections to %s, without a word", l.good+l.lost, hop.HostPort(host, port)),
		Lost: l.lost, Tries: l.good + l.lost, AtOnce: l.atOnce, LocalDrops: l.atOnce > 0 && l.here}
	within := fmt.Sprintf("of %d bare connections to port %d %d got no answer within %s", e.Tries, port, l.lost,
		hop.Seconds(l.wait))
	switch {
	case l.atOnce > 0:
		e.Outcome = report.Blocked
		e.Summary = fmt.Sprintf("with %d open, no further connection to port %d was answered, nine times; when they "+
			"were gone, each was", l.atOnce, port)
	case l.gap > 0:
		e.Outcome = report.Answered
		e.Summary = fmt.Sprintf("%s, and %d more, one at a time and %s apart, were all answered: it is how many are "+
			"opened a second that is limited", within, unhurried, hop.Seconds(l.gap))
	case !l.clear() && e.Tries < enoughCounts || l.good == 0:
		e.Summary = within + ", which does not tell how much gets lost"
	case l.lead() > 0:
		e.Outcome, e.Summary = report.Silent, within
	default:
		e.Outcome, e.Summary = report.Answered, within
	}
	return e
}
