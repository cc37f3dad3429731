package record

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// The bounds of one record.
const (
	maxMore     = 400 // lines
	maxMoreSize = 64 << 10
	maxJumps    = 32
)

// stream is what one sender says, line by line.
type stream struct {
	key, tag, pid string
	used          int
	rec           *Record // under way; nil where it is not kept
	open          bool    // a head was seen: what has none belongs to it
	wall          int64   // of the record under way
	size          int
	frames        uint   // kinds of frames that the branch under way has
	partial       []byte // of a text in several entries
	before        []string
	prior, first  int64 // moments of heads
	firstHash     uint64
	headText      []byte // of the head before
	headAt        int64
}

// line is where the record under way begins.
func (s *stream) line() int {
	if s.rec == nil {
		return 0
	}
	return s.rec.Line
}

// single takes one line of a stream.
func (r *reader) single(s *stream, e *entry) {
	if e.hasHead {
		r.headed(s, e)
		return
	}
	text := bytes.TrimRight(e.body, " \t\r\x00")
	if len(bytes.TrimLeft(text, " \t")) == 0 {
		return
	}
	wall, walled := int64(0), false
	if e.hasAt {
		wall, _ = e.at.complete(r.clues)
		walled = true
	}
	bare := bytes.TrimLeft(text, " \t")
	if r.o.Keep(s.tag, FormNone, LevelNone, bare) {
		r.flush(s)
		r.begin(s, e, head{text: bare}, wall, walled)
		r.sum.Records++
		r.seen(wall, walled)
		return
	}
	if r.look.tac {
		s.hold(string(text))
		return
	}
	apart := walled && s.wall != 0 && abs(wall-s.wall) > between.Milliseconds()
	switch {
	case !s.open && r.sum.Records == 0:
		r.sum.Truncated = r.sum.Truncated || looksCut(bare)
	case s.rec != nil && !apart:
		r.add(s, text)
		if walled && kindOf(bare) != other { // a slow writer's next line is as near to this one
			s.wall = wall
		}
	}
}

// looksCut tells whether a first line without a head is the rest of something.
func looksCut(p []byte) bool {
	return bytes.HasPrefix(p, []byte("at ")) || bytes.HasPrefix(p, []byte("---")) ||
		bytes.Contains(p, []byte("Exception")) || bytes.HasPrefix(p, []byte("caused by"))
}

func (s *stream) hold(text string) {
	if len(s.before) < maxMore {
		s.before = append(s.before, strings.ToValidUTF8(text, "·"))
	}
}

func (r *reader) headed(s *stream, e *entry) {
	h := &e.head
	text := bytes.TrimLeft(h.text, " \t")
	if (h.form == FormRust || h.form == FormWin) && bytes.HasPrefix(bytes.TrimPrefix(text, []byte("!!! ")),
		[]byte("caused by")) {
		if r.look.order == Descending {
			s.hold(string(text))
			return
		}
		if s.open {
			if s.rec != nil {
				r.add(s, text)
			}
			return
		}
	}
	if r.doubled(s, h, text) {
		return
	}
	r.flush(s)
	r.sum.Records++
	if h.form != r.form {
		r.form = h.form
		r.sum.met(string(h.form))
	}
	at, timed := r.momentOf(s, e)
	if h.level == LevelDebug {
		r.sum.Debug = true
	}
	if r.o.Keep(s.tag, h.form, h.level, text) {
		hh := *h
		hh.text = text
		r.begin(s, e, hh, at, timed)
	} else {
		s.open, s.rec, s.before, s.wall = true, nil, s.before[:0], 0
	}
	if e.hasAt {
		s.wall, _ = e.at.complete(r.clues)
	}
}

// doubled tells whether a head comes a second time at once: every line of the log is there
// twice, and what belongs to the record comes after both, or before both in a log that was turned round.
func (r *reader) doubled(s *stream, h *head, text []byte) bool {
	bare := s.rec == nil || len(s.rec.More) == 0 || r.look.order == Descending && len(s.before) == 0
	again := s.open && h.hasAt && h.at.ms == s.headAt && bare && bytes.Equal(text, s.headText)
	s.headText, s.headAt = append(s.headText[:0], text...), h.at.ms
	if again {
		r.sum.Repeated = true
	}
	return again
}

// momentOf gives the moment of a head, learns from it what the wrapping leaves open, and
// looks for clocks that moved.
func (r *reader) momentOf(s *stream, e *entry) (int64, bool) {
	h := &e.head
	if !h.hasAt {
		return 0, false
	}
	at, _ := h.at.complete(r.clues)
	if h.at.zoned {
		if r.sum.Zone == "" && h.form == FormNET {
			r.sum.Zone = zoneText(h.at.zone)
		}
		if e.hasAt && !r.clues.typedYear {
			r.clues.year = time.UnixMilli(at).UTC().Year()
		}
		if e.hasAt && !e.at.zoned && r.o.Zone == nil {
			if z, ok := zoneBetween(e.at, at); ok {
				r.clues.zone, r.clues.zoneKnown = z, true
			}
		}
	}
	r.jumps(s, e, at)
	r.seen(at, true)
	return at, true
}

func (r *reader) jumps(s *stream, e *entry, at int64) {
	const limit = 60_000
	if e.hasAt && e.sure && e.head.at.zoned && len(s.partial) == 0 {
		wall, uncertain := e.at.complete(r.clues)
		if off := at - wall; uncertain == "" && abs(off) > limit {
			r.jump(Jump{Line: r.lines.n, At: at, By: time.Duration(off) * time.Millisecond, Tag: s.tag, Sure: true})
		}
		s.prior = at
		return
	}
	if s.first == 0 {
		s.first, s.firstHash = at, hashOf(e.head.text)
	}
	back := s.prior - at
	if r.look.order == Descending {
		back = -back
	}
	if s.prior != 0 && back > limit {
		if at == s.first && hashOf(e.head.text) == s.firstHash {
			r.sum.Repeated = true
		} else {
			r.jump(Jump{Line: r.lines.n, At: at, By: -time.Duration(back) * time.Millisecond, Tag: s.tag})
		}
	}
	s.prior = at
}

// hashOf is FNV-1a.
func hashOf(p []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range p {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// jump keeps one that tells something new, and counts those that tell the same.
func (r *reader) jump(j Jump) {
	j.Count = 1
	for i := range r.sum.Jumps {
		if o := &r.sum.Jumps[i]; j.Sure && o.Sure && o.Tag == j.Tag && absD(o.By-j.By) < 30*time.Second {
			o.Count++
			return
		}
	}
	if len(r.sum.Jumps) < maxJumps {
		r.sum.Jumps = append(r.sum.Jumps, j)
	}
}

func absD(d time.Duration) time.Duration { return max(d, -d) }
func abs(n int64) int64                  { return max(n, -n) }

func (r *reader) seen(at int64, timed bool) {
	if !timed {
		return
	}
	if r.sum.First == 0 || at < r.sum.First {
		r.sum.First = at
	}
	r.sum.Last = max(r.sum.Last, at)
}

// begin starts a record that is kept.
func (r *reader) begin(s *stream, e *entry, h head, at int64, timed bool) {
	rec := &Record{Line: r.lines.n, At: at, Timed: timed, Form: h.form, Level: h.level, Tag: s.tag, PID: s.pid,
		Context: strings.ToValidUTF8(string(h.context), "·"), Said: strings.ToValidUTF8(string(h.text), "·"),
		Cut: r.lines.cut}
	switch {
	case h.hasAt:
		_, rec.Uncertain = h.at.complete(r.clues)
	case e.hasAt:
		_, rec.Uncertain = e.at.complete(r.clues)
	}
	slices.Reverse(s.before)
	s.rec, s.open, s.size, s.frames, s.wall = rec, true, len(rec.Said), 0, 0
	for _, line := range s.before {
		r.add(s, []byte(line))
	}
	s.before = s.before[:0]
	if h.form == FormNone {
		s.wall = at
	}
}

// frameSigns are what of a stack tells at what an exception happened.
var frameSigns = [...]string{"SslStream", "TlsTransport", "WebSocket", "EstablishProxyTunnel", "TcpTransport", "Cbs",
	"HttpConnection", "Socket.", "Mqtt", "AmqpConnection", "HttpUdsMessageHandler", "GetCreateOptions"}

// add puts a line to the record under way. Of stacks only the frames stay that tell
// something, once in each branch.
func (r *reader) add(s *stream, text []byte) {
	trimmed := bytes.TrimLeft(text, " \t")
	if bytes.HasPrefix(trimmed, []byte("at ")) {
		sign := -1
		for i, f := range frameSigns {
			if s.frames&(1<<i) == 0 && bytes.Contains(trimmed, []byte(f)) {
				sign = i
				break
			}
		}
		if sign < 0 {
			return
		}
		s.frames |= 1 << sign
	} else if bytes.Contains(trimmed, []byte("(Inner Exception #")) {
		s.frames = 0
	} else if bytes.HasPrefix(trimmed, []byte("--- End of")) {
		return
	}
	if len(s.rec.More) >= maxMore || s.size+len(text) > maxMoreSize {
		s.rec.Cut = true
		return
	}
	s.size += len(text)
	s.rec.More = append(s.rec.More, strings.ToValidUTF8(string(text), "·"))
}

// flush hands the record under way on.
func (r *reader) flush(s *stream) {
	if s.rec != nil {
		if s.rec.Form == FormWin && len(s.rec.More) > 0 { // the console wrapped it
			s.rec.Said += " " + strings.Join(s.rec.More, " ")
		}
		r.emit(s.rec)
	}
	s.rec, s.open = nil, false
}
