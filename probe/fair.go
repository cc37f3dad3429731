package probe

import (
	"fmt"
	"strings"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// shortest is the least wait that proves a silence, where the timeout is longer.
const shortest = time.Second

// fairWait is how long a stage has to have waited before its silence proves anything.
func fairWait(timeout time.Duration) time.Duration {
	return min(max(timeout/10, shortest), timeout/2)
}

// waits are the causes that say that nothing came.
func waits(c report.Cause) bool {
	return strings.HasSuffix(string(c), ".timeout")
}

// fair gives a failure that was only cut short the cause of that: a path on which answers
// came until its time was over is slow, one whose stage got less than a fair wait proves
// nothing, and where this process did not run, this host is the reason.
func (a *attempt) fair(f *hop.Fault) *hop.Fault {
	if f == nil || f.Stopped || !waits(f.Cause) {
		return f
	}
	ended := a.waited.Ended()
	if ended != hop.BySilence && ended != hop.ByLimit {
		return f
	}
	last, ok := a.trace.Last()
	if !ok || last.Status != report.Failed {
		return f
	}
	late := a.waited.Late()
	short := last.DurationMs.Duration() < fairWait(a.Timeout)
	if ended == hop.ByLimit && flooded(a.waited.Pace()) {
		return f // much came, and it was never the answer
	}
	switch {
	case ended == hop.ByLimit && late >= hop.LimitOf(a.Timeout)/2,
		ended != hop.ByLimit && late >= a.Timeout/2 && (short || late >= a.waited.Quiet()):
		return a.trace.Refail(last.Hop, last.Stage, hop.Fault{Cause: report.HostLimit,
			Summary: fmt.Sprintf("this host is too busy: timers of this program fired %s too late all together, so "+
				"the wait for %s proves nothing", hop.Seconds(late), a.stageWords(last))}, nil)
	case ended == hop.ByLimit || short:
		return a.trace.Refail(last.Hop, last.Stage, hop.Fault{Cause: report.PathSlow, Summary: a.slowness(last, ended)},
			nil)
	}
	return f
}

// flood is more than any path needs.
const flood = 256 << 10

func flooded(p *report.Pace) bool { return p != nil && p.ReceivedBytes > flood }

func (a *attempt) stageWords(s report.Step) string {
	who := a.Host
	if s.Hop == report.HopProxy && a.Route.Proxy != nil {
		who = "the proxy " + a.Route.Proxy.Address()
	}
	return fmt.Sprintf("%s (%s)", who, s.Stage)
}

// slowness says what was measured, and which timeout would do.
func (a *attempt) slowness(last report.Step, ended hop.Ending) string {
	var b strings.Builder
	if ended == hop.ByLimit {
		fmt.Fprintf(&b, "answers still came when the %s that a path may take were over, at %s",
			hop.Seconds(hop.LimitOf(a.Timeout)), a.stageWords(last))
	} else {
		fmt.Fprintf(&b, "no more than %s were left for %s, which proves nothing",
			hop.Seconds(last.DurationMs.Duration()), a.stageWords(last))
	}
	if p := a.waited.Pace(); p != nil {
		fmt.Fprintf(&b, "; the round trip is %s", hop.Seconds(p.RoundTripMs.Duration()))
		if p.KbitPerSec > 0 {
			fmt.Fprintf(&b, ", the rate %.3g kbit/s", p.KbitPerSec)
		}
	}
	for _, s := range a.trace.Recorded() {
		if d := s.DurationMs.Duration(); d >= 100*time.Millisecond {
			fmt.Fprintf(&b, ", %s took %s", s.Stage, hop.Seconds(d))
		}
	}
	fmt.Fprintf(&b, ". --timeout %s may do", enough(a.Timeout))
	return b.String()
}

// enough is a timeout with room: twice as long, in whole seconds.
func enough(t time.Duration) time.Duration { return (2*t + time.Second - 1).Truncate(time.Second) }
