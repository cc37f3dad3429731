package machine

import (
	"fmt"
	"slices"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

const (
	maxOutages    = 64
	outageHorizon = 24 * time.Hour
)

// checkDone takes what a full check found.
func (t *turn) checkDone(e CheckDone) {
	r := t.running
	if r == nil || r.run != e.Run {
		return
	}
	t.running = nil
	found := e.Found
	if found.Choice.Protocol == "" && found.Undecided && t.Seen != nil {
		t.note(Warning, "a check was not finished in time: what was known stays")
		t.planRetry(true)
		t.answer(r)
		return
	}
	t.remember(found)
	t.holdDue = t.holdDue || found.Deep
	t.Seen, t.CheckedAt = &found, t.now.Wall.UTC()
	if found.Skew != nil {
		off := *found.Skew
		t.skew, t.ClockSuspect = &off, off.Abs() > maxJump
	}
	t.recommend(found, r.trigger)
	yes, known := found.works(t.Current())
	t.planRetry(found.Choice.Protocol == "" || known && !yes)
	t.urgent = t.urgent || r.trigger.asked()
	t.flaps()
	t.holds()
	t.judge()
	t.note(Info, "check (%s): %s: %s", r.trigger, t.Status, found.Reason)
	t.answer(r)
}

// remember notes which paths changed, and what checks at full depth said.
func (t *turn) remember(found Observation) {
	if found.Deep {
		t.deepLabels = found.Labels
	} else {
		t.deepLabels = clone(t.deepLabels)
		for p, label := range found.Labels { // an unanswered CONNECT is tried at every check
			if _, was := t.deepLabels[p]; was && label != OKLabel {
				t.deepLabels[p] = label
			} else if was && slices.Contains([]report.Protocol{report.MQTT, report.MQTTWS}, p.Protocol) {
				t.deepLabels[p] = label
			}
		}
	}
	if t.Seen == nil {
		return
	}
	t.changes = clone(t.changes)
	for p := range found.Labels {
		now, _ := found.works(p)
		before, known := t.Seen.works(p)
		if known && now != before {
			times := slices.Clone(t.changes[p])
			if len(times) >= flapKeep {
				times = times[1:]
			}
			t.changes[p] = append(times, t.now.Mono)
		}
	}
}

// recommend is rule R7: the first verdict and what an operator asked for count at once;
// else the current path has to fail, and another to work, failAfter times in a row. A
// check that the watch, a retry or edgeHub brought counts at most once per watchSec.
func (t *turn) recommend(found Observation, trigger Trigger) {
	current := t.Current()
	works, known := found.works(current)
	switch {
	case found.Choice.Protocol == "":
		t.Fails = 0 // nothing else to go to, and the row is broken
	case current.Protocol == "" || trigger.asked():
		t.adopt(found.Choice)
	case works:
		t.Fails = 0
	case !known && !found.Undecided: // its route or protocol is no longer tried at all
		t.adopt(found.Choice)
	case !known:
	default:
		t.countFail(found, trigger)
	}
}

func (t *turn) countFail(found Observation, trigger Trigger) {
	free := trigger == TriggerStart || trigger == TriggerInterval
	if !free && t.counted && t.now.Mono-t.countedAt < t.Settings.Watch {
		return
	}
	t.counted, t.countedAt = true, t.now.Mono
	t.Fails++
	t.dirty = true
	if t.Fails >= t.Settings.FailAfter {
		t.adopt(found.Choice)
	}
}

func (t *turn) adopt(p probe.PathName) {
	t.Fails = 0
	if p == t.Current() {
		return
	}
	if t.moved == nil {
		from := t.Current()
		t.moved = &from
	}
	t.Recommended, t.Route = p.Protocol, p.Route
	t.dirty = true
}

// judge gives the status, and notes a transition where it or the recommendation changed.
func (t *turn) judge() {
	if t.Seen == nil {
		return
	}
	status := t.status()
	if status == t.Status && t.moved == nil {
		return
	}
	from, held := t.Status, t.held()
	t.outages(status)
	t.Seq++
	t.Status, t.ChangedAt, t.changedAt = status, t.now.Wall.UTC().Truncate(time.Millisecond), t.now.Mono
	tr := Transition{Seq: t.Seq, At: t.ChangedAt, From: from, To: status, Cause: t.cause(), Route: t.Route,
		Protocol: t.Recommended, DurationSec: held}
	if t.moved != nil {
		tr.FromProtocol, tr.FromRoute = t.moved.Protocol, t.moved.Route
	}
	t.moved = nil
	t.Log = append(t.Log[:len(t.Log):len(t.Log)], tr) // a copy: readers hold the old one
	t.trim()
	t.dirty = true
	if from == status {
		t.note(Warning, "still %s, and the recommendation was %s@%s%s", status, tr.FromProtocol,
			tr.FromRoute, t.words())
		return
	}
	t.note(levelOf(status), "%s -> %s%s", from, status, t.words())
}

// held is for how many seconds the status had been what it was.
func (t *turn) held() int64 {
	switch {
	case t.changedAt > 0:
		return int64((t.now.Mono - t.changedAt) / time.Second)
	case t.ChangedAt.IsZero():
		return 0
	}
	return max(0, int64(t.now.Wall.Sub(t.ChangedAt)/time.Second)) // another process noted it
}

func levelOf(s Status) Level {
	switch s {
	case StatusDown:
		return Error
	case StatusDegraded:
		return Warning
	}
	return Info
}

func (t *turn) words() string {
	s := ""
	if t.Recommended != "" {
		s = fmt.Sprintf(", recommended %s@%s", t.Recommended, t.Route)
	}
	if c := t.cause(); c != "" {
		s += ", " + c
	}
	return s
}

// trim bounds the log. What falls out unsent is counted.
func (t *turn) trim() {
	for len(t.Log) > maxLog {
		if t.Log[0].Seq > t.Acked {
			t.Dropped++
			t.Acked = t.Log[0].Seq
		}
		t.Log = t.Log[1:]
	}
}

// status sums everything up.
func (t *turn) status() Status {
	if t.Seen.Choice.Protocol == "" {
		return StatusDown
	}
	works, known := t.Seen.works(t.Current())
	consistent := t.Consistent()
	attention := t.Seen.HTTPS != nil && !*t.Seen.HTTPS || known && !works || consistent != nil && !*consistent ||
		len(t.Flapping) > 0 || t.EdgeHub == EdgeHubOffline || t.ClockSuspect
	for _, f := range t.conclusions() {
		attention = attention || f.Severity == report.SeverityError || f.Severity == report.SeverityWarning
	}
	if attention {
		return StatusDegraded
	}
	return StatusOK
}

// Consistent tells whether what is configured is what is recommended; nil where nobody
// said what is configured, or nothing is recommended.
func (s *State) Consistent() *bool {
	c := s.configured()
	if c == "" || s.Recommended == "" {
		return nil
	}
	yes := c == s.Recommended
	return &yes
}

// outages keeps the book of times without upstream.
func (t *turn) outages(next Status) {
	wall := t.now.Wall.UTC()
	switch {
	case next == StatusDown && t.DownSince.IsZero():
		t.DownSince, t.UpSince = wall, time.Time{}
	case next.Up() && !t.DownSince.IsZero():
		t.Outages = append(slices.Clone(t.Outages),
			Outage{t.DownSince, max(0, int64(wall.Sub(t.DownSince)/time.Second))})
		if len(t.Outages) > maxOutages {
			t.Outages = t.Outages[1:]
		}
		t.DownSince, t.UpSince = time.Time{}, wall
	case next.Up() && t.UpSince.IsZero():
		t.UpSince = wall
	}
}

// RecentOutages counts the outages that ended, or last, within a day, and gives the
// longest in seconds.
func (s *State) RecentOutages(wall time.Time) (n int, worst int64) {
	for _, o := range s.Outages {
		if end := o.Start.Add(time.Duration(o.Sec) * time.Second); wall.Sub(end) < outageHorizon {
			n, worst = n+1, max(worst, o.Sec)
		}
	}
	if !s.DownSince.IsZero() {
		n, worst = n+1, max(worst, int64(wall.Sub(s.DownSince)/time.Second))
	}
	return n, worst
}
