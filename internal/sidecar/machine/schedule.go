package machine

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"edgenet/internal/sorting"
	"edgenet/probe"
	"edgenet/report"
)

// What limits checks that nobody asked for: what the watch, edgeHub and retries bring comes
// out of a bucket, so that a path that falls and rises every minute costs a bounded number of
// connections a day.
const (
	checkBurst  = 12
	checkPeriod = 15 * time.Minute
	maxRetry    = time.Hour        // between checks while something is broken
	desiredGap  = 10 * time.Second // between checks that desired changes asked for
	maxCalls    = 16               // method calls that wait for one check
)

// schedule is what is under way and what is due when, by Now.Mono.
type schedule struct {
	nextCheck, nextRetry, nextWatch, nextBeat time.Duration
	retrying                                  bool
	retries                                   int // checks in a row that found something broken
	checkN, watchN, beatN                     uint64
	run                                       uint64   // the last number given to a run
	running, queued                           *request // never changed in place
	watching                                  uint64   // the run of the watch under way, 0 none
	checks                                    bucket
	lastDesired                               time.Duration
	desiredOnce                               bool
}

// request is a check that is wanted or under way.
type request struct {
	run     uint64
	trigger Trigger
	after   time.Duration // not before
	calls   []uint64      // methods that wait for its end
}

// request wants a check. What is under way already answers what nobody asked for; an
// operator's wish waits for its end and runs after it, several wishes together.
func (t *turn) request(trigger Trigger, call uint64) uint64 {
	r := request{trigger: trigger}
	switch {
	case trigger == TriggerWatch || trigger == TriggerEdgeHub || trigger == TriggerRetry:
		if t.running != nil || t.queued != nil || !t.checks.take(t.now.Mono, checkPeriod, checkBurst) {
			return 0
		}
	case trigger == TriggerDesired:
		if t.desiredOnce {
			r.after = t.lastDesired + desiredGap
		}
	case !trigger.asked() && (t.running != nil || t.queued != nil):
		return 0
	}
	if q := t.queued; q != nil {
		r.calls, r.run, r.after = q.calls, q.run, min(r.after, q.after)
		if trigger == TriggerMethod {
			r.after = 0
		}
	}
	if call != 0 && len(r.calls) < maxCalls {
		r.calls = append(slices.Clone(r.calls), call)
	}
	if r.run == 0 {
		t.run++
		r.run = t.run
	}
	t.queued = &r
	return r.run
}

// checkAsked joins the check under way if it is as deep and fresh as one that would start
// now, else it wants another.
func (t *turn) checkAsked(e CheckAsked) {
	call := e.Call
	if !e.Wait {
		call = 0
	}
	var run uint64
	if r := t.running; r != nil && r.trigger.deep() && t.queued == nil && len(r.calls) < maxCalls {
		joined := *r
		joined.trigger = TriggerMethod
		run = r.run
		if call != 0 {
			joined.calls = append(slices.Clone(r.calls), call)
		}
		t.running = &joined
	} else {
		run = t.request(TriggerMethod, call)
	}
	waits := slices.ContainsFunc([]*request{t.running, t.queued}, func(r *request) bool {
		return r != nil &&
			slices.Contains(r.calls, call)
	})
	switch {
	case !e.Wait:
		t.do(Answer{e.Call, 200, map[string]any{"runId": run, "done": false}})
	case !waits:
		t.do(Answer{e.Call, 429, map[string]any{"error": "too many calls wait for this check", "runId": run}})
	}
}

// due starts what it is time for.
func (t *turn) due() {
	now := t.now.Mono
	if now >= t.nextCheck {
		t.request(TriggerInterval, 0)
		t.planCheck()
	}
	if t.retrying && now >= t.nextRetry && t.request(TriggerRetry, 0) == 0 {
		t.nextRetry = now + max(time.Second, t.checks.wait(checkPeriod))
	}
	if now >= t.nextWatch {
		t.startWatch()
		t.planWatch()
	}
	if q := t.queued; q != nil && t.running == nil && now >= q.after {
		t.running, t.queued = q, nil
		t.startCheck()
	}
}

func (t *turn) startCheck() {
	r := t.running
	if r.trigger == TriggerDesired {
		t.lastDesired, t.desiredOnce = t.now.Mono, true
	}
	t.retrying = false
	t.Counts.Checks = maps.Clone(t.Counts.Checks)
	if t.Counts.Checks == nil {
		t.Counts.Checks = map[Trigger]uint64{}
	}
	t.Counts.Checks[r.trigger]++
	var unanswered []probe.PathName
	for p, label := range t.deepLabels {
		if strings.HasPrefix(label, "mqtt.") && label != string(report.MQTTRefused) {
			unanswered = append(unanswered, p)
		}
	}
	sorting.By(unanswered, func(a, b probe.PathName) int { return strings.Compare(a.String(), b.String()) })
	t.do(StartCheck{Run: r.run, Trigger: r.trigger, Deep: r.trigger.deep(), Unanswered: unanswered,
		Settings: t.Settings})
}

// startWatch looks at the path in use, if there is one and nothing else is under way.
func (t *turn) startWatch() {
	path := t.inUse()
	if t.watching != 0 || t.running != nil || path.Protocol == "" {
		return
	}
	t.run++
	t.watching = t.run
	t.Counts.Watch++
	t.do(StartWatch{t.run, path})
}

// inUse is the path that edgeHub goes by: that of the configured protocol where it works,
// else the recommended one.
func (t *turn) inUse() probe.PathName {
	if t.Seen == nil {
		return probe.PathName{}
	}
	if c := t.configured(); c != "" && c != t.Recommended {
		for _, p := range t.Seen.paths() {
			if yes, _ := t.Seen.works(p); yes && p.Protocol == c {
				return p
			}
		}
	}
	return t.Current()
}

// watchDone compares a look at a path with what the last check said of it. A difference
// is a reason to check; what failed above TLS the watch cannot see.
func (t *turn) watchDone(e WatchDone) {
	if e.Run != t.watching {
		return
	}
	t.watching = 0
	if t.Seen == nil {
		return
	}
	label, known := t.Seen.Labels[e.Path]
	switch {
	case !known:
	case label == OKLabel && !e.OK:
		t.note(Warning, "%s stopped answering", e.Path)
		t.request(TriggerWatch, 0)
	case label != OKLabel && e.OK && belowTLS(label):
		t.note(Info, "%s answers again", e.Path)
		t.request(TriggerWatch, 0)
	}
}

// belowTLS tells whether a cause lies where the watch looks.
func belowTLS(label string) bool {
	stage, _, _ := strings.Cut(strings.TrimPrefix(label, "proxy/"), ".")
	return slices.Contains([]string{"dns", "tcp", "connect", "tls"}, stage)
}

func (t *turn) planCheck() {
	t.checkN++
	t.nextCheck = t.now.Mono + jittered(t.Settings.Interval, t.Identity, "check", t.checkN)
}

func (t *turn) planWatch() {
	t.watchN++
	t.nextWatch = t.now.Mono + jittered(t.Settings.Watch, t.Identity, "watch", t.watchN)
}

// planRetry looks again soon while something is broken: every watchSec as long as that
// decides something, then ever more rarely.
func (t *turn) planRetry(broken bool) {
	if !broken {
		t.retrying, t.retries = false, 0
		return
	}
	t.retries++
	delay := float64(t.Settings.Watch) * math.Pow(2, float64(min(20, max(0, t.retries-t.Settings.FailAfter))))
	limit := max(float64(min(maxRetry, t.Settings.Interval)), float64(t.Settings.Watch))
	delay = min(delay, limit) * (1 + jitter*spread(t.Identity, "retry",
		t.run)) // never sooner than watchSec: it would not count
	t.retrying, t.nextRetry = true, t.now.Mono+time.Duration(delay)
}

// Wake is when, by Now.Mono, a Tick is due if no other event comes before.
func (s *State) Wake() time.Duration {
	at := min(s.nextCheck, s.nextWatch, s.nextBeat)
	if s.retrying {
		at = min(at, s.nextRetry)
	}
	if s.queued != nil && s.running == nil {
		at = min(at, s.queued.after)
	}
	for _, more := range []time.Duration{s.writeAt(), s.sendAt(), s.saveAt()} {
		if more > 0 {
			at = min(at, more)
		}
	}
	return at
}

// Checking tells whether a full check is under way, and its run.
func (s *State) Checking() (uint64, bool) {
	if s.running == nil {
		return 0, false
	}
	return s.running.run, true
}
