package machine

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"time"

	"edgenet/probe"
)

// turn is one call of Step under way.
type turn struct {
	State
	now     Now
	effects []Effect
	moved   *probe.PathName // what was recommended before this turn changed it
}

// Step gives the state after an event and what is to be done about it. The state that it
// is given stays as it was.
func Step(s State, e Event, now Now) (State, []Effect) {
	t := &turn{State: s, now: now}
	t.clocks()
	switch e := e.(type) {
	case Begin:
		t.begin()
	case DesiredSeen:
		t.desiredSeen(e)
	case CheckDone:
		t.checkDone(e)
	case WatchDone:
		t.watchDone(e)
	case HoldDone:
		t.holdDone(e)
	case CheckAsked:
		t.checkAsked(e)
	case LinkUp:
		t.linkUp(e)
	case LinkDown:
		t.linkDown(e)
	case PatchDone:
		t.patchDone(e)
	case SendDone:
		t.sendDone(e)
	case SaveDone:
		t.saveDone(e)
	case EdgeHubSeen:
		t.edgeHubSeen(e)
	}
	t.flaps()
	t.holds()
	t.judge()
	t.due()
	t.write()
	t.send()
	t.save()
	return t.State, t.effects
}

func (t *turn) do(e Effect) { t.effects = append(t.effects, e) }

func (t *turn) note(l Level, format string, args ...any) {
	t.do(Note{l, fmt.Sprintf(format, args...)})
}

// maxJump is how far the wall clock may move against the other between two events before
// it is said to have jumped, and how far it may be off (as the finding clock.skew has it).
const maxJump = time.Minute

// clocks compares both clocks since the event before. A jump moves what was noted by the
// wall clock, and the estimate of how far it is off.
func (t *turn) clocks() {
	before := t.last
	t.last = t.now
	if before.Wall.IsZero() {
		if t.now.Wall.Before(t.ChangedAt.Add(-maxJump)) { // the disk remembers a later time
			t.ClockSuspect = true
		}
		return
	}
	jump := t.now.Wall.Round(0).Sub(before.Wall.Round(0)) - (t.now.Mono - before.Mono)
	if jump.Abs() <= maxJump {
		return
	}
	t.note(Warning, "this host's clock jumped by %s", jump.Round(time.Second))
	for _, at := range []*time.Time{&t.ChangedAt, &t.UpSince, &t.DownSince, &t.CheckedAt} {
		if !at.IsZero() {
			*at = at.Add(jump)
		}
	}
	if t.skew == nil {
		t.ClockSuspect = true
		return
	}
	off := *t.skew - jump
	t.skew, t.ClockSuspect = &off, off.Abs() > maxJump
}

func (t *turn) begin() {
	t.nextWatch = t.now.Mono + time.Duration(float64(t.Settings.Watch)*spread(t.Identity, "watch", 0))
	t.nextBeat = t.now.Mono + time.Duration(float64(t.Settings.Heartbeat)*spread(t.Identity, "heartbeat", 0))
	t.planCheck()
	t.request(TriggerStart, 0)
}

// desiredSeen takes new settings, and checks what they point at.
func (t *turn) desiredSeen(e DesiredSeen) {
	if bytes.Equal(e.Section, t.Section) {
		return
	}
	old, same := t.Settings, reflect.DeepEqual(t.Settings, e.Settings)
	t.sectionDirty = true
	t.urgent = !same || !slices.Equal(t.Complaints, e.Complaints)
	t.Section, t.Settings, t.Complaints = e.Section, e.Settings, e.Complaints
	if !t.urgent { // another text that says the same
		return
	}
	t.note(Info, "desired properties changed")
	for _, c := range e.Complaints {
		t.note(Warning, "desired properties: %s", c)
	}
	if old.Interval != t.Settings.Interval {
		t.planCheck()
	}
	if old.Watch != t.Settings.Watch {
		t.planWatch()
	}
	if old.Heartbeat != t.Settings.Heartbeat {
		t.nextBeat = t.now.Mono + jittered(t.Settings.Heartbeat, t.Identity, "heartbeat", t.beatN)
	}
	if !same {
		t.endHold()
		t.request(TriggerDesired, 0)
	}
}

// edgeHubSeen notes how edgeHub's own upstream stands. Its fall is a reason to look.
func (t *turn) edgeHubSeen(e EdgeHubSeen) {
	if e.EdgeHub == t.EdgeHub {
		return
	}
	was := t.EdgeHub
	t.EdgeHub = e.EdgeHub
	if e.EdgeHub != EdgeHubOffline {
		if was == EdgeHubOffline {
			t.note(Info, "edgeHub is online again, by its own metrics")
		}
		return
	}
	t.note(Warning, "edgeHub is offline, by its own metrics")
	t.request(TriggerEdgeHub, 0)
}

// clone copies a map before it is written to: the state of the step before stays as it was.
func clone[V any](m map[probe.PathName]V) map[probe.PathName]V {
	out := make(map[probe.PathName]V, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	return out
}
