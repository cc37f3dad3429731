package probe

import (
	"slices"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// signs is how much of a run got lost, by the route: what was sent again, and what another connection to the
// same port had an answer to.
func signs(paths []*Path, results []report.Result, route string) (n int) {
	for i := range results {
		r := &results[i]
		if paths[i].Route.ID != route {
			continue
		}
		if silenced(r) {
			n += manySigns
		}
		if d := tcpOf(r.Steps); d != nil && r.Status == report.OK {
			n += d.Resent
		}
		if r.Status == report.OK && r.Pace != nil {
			n += r.Pace.Resent
			if least := 5*r.Pace.RoundTripMs.Duration() + 150*time.Millisecond; paths[i].foremost &&
				time.Duration(paths[i].survey.unheard.Load()) > least {
				n++
			}
		}
	}
	if n += askedAgain(results, route); n == 0 && paths[0].survey.idle() {
		return lateHandshakes(results, route)
	}
	return n
}

// mostLost is how much of a run this process may not have run for what took long to be a sign.
const mostLost = 30 * time.Millisecond

// idle tells whether this process had its time: else what takes long says nothing.
func (s *survey) idle() bool { return hop.Lost()-s.lost < mostLost }

// lateHandshakes is 1 where handshakes took what no server takes: what the peer sends again does not show here,
// but for the time that it waits before, 200 ms at least as a rule (Linux, TCP_RTO_MIN).
func lateHandshakes(results []report.Result, route string) int {
	trip, late := leastTrip(results, route), 0
	for i := range results {
		for _, s := range results[i].Steps {
			if results[i].Route != route || s.Stage != report.StageTLS || s.Status != report.OK {
				continue
			}
			switch over := s.DurationMs.Duration() - 4*trip; {
			case over >= time.Second:
				late += 2
			case over >= 200*time.Millisecond:
				late++
			}
		}
	}
	return min(late/2, 1)
}

// manySigns are enough to count as long as it takes.
const manySigns = 3

// askedAgain is 1 where a name server answered a question only when it was sent again.
func askedAgain(results []report.Result, route string) int {
	for i := range results {
		for _, s := range results[i].Steps {
			d, is := s.Detail.(*report.DNSDetail)
			if is && results[i].Route == route && slices.ContainsFunc(d.Resolvers, func(a report.ResolverAnswer) bool {
				return a.WithoutEDNS
			}) {
				return 1
			}
		}
	}
	return 0
}

// silenced tells whether a path met the silence of a port that is open.
func silenced(r *report.Result) bool {
	return openAfterAll(r) || r.Status == report.OK && r.FailureCauses[report.TCPTimeout] > 0
}

// openAfterAll tells whether a path failed by the silence of a port that answers another connection.
func openAfterAll(r *report.Result) bool {
	e, asked := r.Experiment(report.Where)
	return r.Status == report.Failed && r.Cause == report.TCPTimeout && asked && e.Outcome == report.Answered &&
		len(e.Travels) == 0
}
