package machine

import (
	"encoding/json"
	"time"
)

// What limits twin writes that nobody asked for: so many in a row, and then one a period.
// What changes meanwhile is told by the next one.
const (
	writeBurst  = 10
	writePeriod = 5 * time.Minute
	// writeRetry and sendRetry are how long a refused write or message waits.
	writeRetry = 30 * time.Second
	sendRetry  = 30 * time.Second
)

// link is what is under way with edgeHub.
type link struct {
	known    map[string]any // the section as the twin has it; never changed in place
	writing  *writing
	patchID  uint64
	tokens   float64
	tokensAt time.Duration
	urgent   bool // an operator waits for what the next write says
	beat     bool // the heartbeat is due
	waiting  bool // there is something to write, and it has to wait
	again    time.Duration
	sending  uint64 // the transition under way, 0 none
	resend   time.Duration
}

// writing is a patch under way.
type writing struct {
	id    uint64
	patch map[string]any
	beat  bool
}

func (t *turn) linkUp(e LinkUp) {
	t.note(Info, "connected to edgeHub by %s", e.Transport)
	t.Linked, t.known = true, e.Reported
	t.writing, t.sending, t.again, t.resend = nil, 0, 0, 0
	t.Counts.Links++
	if t.EdgeHub == EdgeHubUnknown {
		t.EdgeHub = EdgeHubOnline
	}
	if t.Transport != e.Transport {
		t.Transport = e.Transport
		t.dirty = true
	}
}

// linkDown is a reason to look at the paths.
func (t *turn) linkDown(e LinkDown) {
	if !t.Linked {
		return
	}
	t.note(Warning, "the connection to edgeHub ended: %s", e.Reason)
	t.Linked, t.writing, t.sending = false, nil, 0
	t.request(TriggerEdgeHub, 0)
}

// bucket gives the link's tokens as one.
func (l *link) bucket() *bucket { return &bucket{l.tokens, l.tokensAt} }

// write patches the twin where it does not say what it should.
func (t *turn) write() {
	if t.now.Mono >= t.nextBeat {
		t.beat = true
		t.beatN++
		t.nextBeat = t.now.Mono + jittered(t.Settings.Heartbeat, t.Identity, "heartbeat", t.beatN)
	}
	t.waiting = false
	if !t.Linked || t.writing != nil || t.Seen == nil {
		return
	}
	want := t.Document(t.now.Wall)
	patch := diff(t.known, want)
	switch {
	case t.now.Mono < t.again:
		t.waiting = t.beat || telling(patch)
		return
	case t.beat: // whole: what a hub refused behind edgeHub's back is mended
		patch = merge(patch, want)
		for key, value := range diff(t.known, want) {
			if value == nil {
				patch[key] = nil
			}
		}
	case !telling(patch):
		t.urgent = false
		return
	case !t.urgent:
		b := t.bucket()
		ok := b.take(t.now.Mono, writePeriod, writeBurst)
		t.tokens, t.tokensAt = b.level, b.at
		if !ok {
			t.waiting = true
			return
		}
	}
	body, err := json.Marshal(map[string]any{Section: patch})
	if err != nil {
		return // cannot be: it was JSON before
	}
	t.patchID++
	t.writing = &writing{t.patchID, patch, t.beat}
	t.beat, t.urgent = false, false
	t.do(Patch{t.patchID, body})
}

func (t *turn) patchDone(e PatchDone) {
	w := t.writing
	if w == nil || w.id != e.ID {
		return
	}
	t.writing = nil
	if e.Err != nil {
		t.note(Warning, "the twin was not written: %s", e.Err)
		t.again, t.beat = t.now.Mono+writeRetry, t.beat || w.beat
		return
	}
	t.known = merge(t.known, w.patch)
	t.Counts.Writes++
	if w.beat {
		t.Counts.Beats++
	}
}

// writeAt is when a write that had to wait may be tried, 0 for none.
func (s *State) writeAt() time.Duration {
	if !s.waiting {
		return 0
	}
	if s.last.Mono < s.again {
		return s.again
	}
	b := s.bucket()
	return s.last.Mono + max(time.Millisecond, b.wait(writePeriod))
}

// send sends the oldest transition that edgeHub has not taken, once it is on the disk.
func (t *turn) send() {
	if !t.Settings.Telemetry {
		if t.Acked < t.Seq {
			t.Acked, t.dirty = t.Seq, true
		}
		return
	}
	next := t.unsent()
	if next == nil || t.sending != 0 || t.now.Mono < t.resend {
		return
	}
	t.sending = next.Seq
	t.do(Send{*next})
}

// unsent is the transition that is to go next, nil where none can.
func (s *State) unsent() *Transition {
	if !s.Linked {
		return nil
	}
	for i := range s.Log {
		if n := s.Log[i].Seq; n > s.Acked {
			if n > s.durable {
				return nil
			}
			return &s.Log[i]
		}
	}
	return nil
}

func (t *turn) sendDone(e SendDone) {
	if e.Seq != t.sending {
		return
	}
	t.sending = 0
	if e.Err != nil {
		t.note(Warning, "transition %d was not sent: %s", e.Seq, e.Err)
		t.resend = t.now.Mono + sendRetry
		return
	}
	t.Counts.Sent++
	if e.Seq > t.Acked {
		t.Acked, t.dirty = e.Seq, true
	}
}

// sendAt is when a transition that had to wait may be tried, 0 for none.
func (s *State) sendAt() time.Duration {
	if s.Settings.Telemetry && s.sending == 0 && s.unsent() != nil {
		return max(s.resend, s.last.Mono+time.Millisecond)
	}
	return 0
}
