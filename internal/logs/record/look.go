package record

import "bytes"

// look is what the beginning of a log tells of all of it.
type look struct {
	lf, cr    bool // what ends its lines
	entities  bool
	order     string
	tac       bool // line by line the other way round, causes before their heads
	zone      int
	zoneKnown bool
	year      int
}

// sampleLines is how many lines are looked at.
const sampleLines = 4000

func lookAt(p []byte) look {
	l := look{lf: bytes.IndexByte(p, '\n') >= 0, order: Unordered}
	l.cr = !l.lf && bytes.IndexByte(p, '\r') >= 0
	for _, e := range [...]string{"&lt;", "&gt;", "&quot;", "&#34;", "&amp;lt;"} {
		l.entities = l.entities || bytes.Contains(p, []byte(e))
	}
	end := []byte("\n")
	if l.cr {
		end = []byte("\r")
	}
	s := &sample{peel: peeler{entities: l.entities}, prior: map[string]int64{}}
	for n := 0; len(p) > 0 && n < sampleLines; n++ {
		line, rest, _ := bytes.Cut(p, end)
		s.line(bytes.TrimSuffix(line, []byte("\r")), &l)
		p = rest
	}
	s.conclude(&l)
	return l
}

// sample counts in which direction the moments run, and where causes stand.
type sample struct {
	peel             peeler
	prior            map[string]int64
	up, down         int
	heads            int
	run              int  // lines without a head since the last one
	first, last      kind // of the run
	orphans          bool // the log begins with such lines
	backward, onward int  // runs that end, and that begin, with what was thrown
	verbose          bool // entries of several lines, with a field each
	entries          int  // lines with a moment of their own around them
}

func (s *sample) line(line []byte, l *look) {
	tidied := entry{body: line}
	s.peel.tidy(&tidied)
	if at, ok := verboseHead(tidied.body); ok {
		s.endRun()
		s.verbose = true
		s.compare([]byte("verbose"), at.ms)
		return
	}
	if s.verbose {
		return // its fields say nothing of the order
	}
	e := s.peel.peel(line)
	if e.hasAt {
		s.entries++
	}
	if !e.hasHead {
		s.tail(e.body, e.depth > 0)
		if e.hasAt && e.at.dated {
			s.compare(append([]byte("wall "), e.tag...), e.at.ms)
		}
		return
	}
	s.endRun()
	s.heads++
	h := e.head
	if !h.hasAt {
		return
	}
	s.compare(e.tag, h.at.ms)
	if h.at.zoned && e.hasAt && !e.at.zoned {
		if z, ok := zoneBetween(e.at, h.at.ms); ok && !l.zoneKnown {
			l.zone, l.zoneKnown = z, true
		}
	}
	if l.year == 0 && h.at.yeared {
		l.year = yearOf(h.at.ms)
	}
}

// kind is what a line without a head may be.
type kind int

const (
	other  kind = iota
	frame       // of a stack
	cause       // an error within another one
	thrown      // what begins the tail of a record
)

func kindOf(t []byte) kind {
	switch {
	case bytes.HasPrefix(t, []byte("at ")), bytes.HasPrefix(t, []byte("--- End of")):
		return frame
	case bytes.HasPrefix(t, []byte("--->")):
		return cause
	case bytes.Contains(t, []byte("Exception")), bytes.HasPrefix(t, []byte("Caused by")):
		return thrown
	}
	return other
}

// tail looks at a line without a head.
func (s *sample) tail(body []byte, wrapped bool) {
	t := bytes.TrimLeft(body, " \t")
	if len(t) == 0 {
		return
	}
	k := kindOf(t)
	if s.heads == 0 && s.run == 0 && (k != other || wrapped) {
		s.orphans = true
	}
	if s.run == 0 {
		s.first = k
	}
	s.last = k
	s.run++
}

// endRun judges the lines since the last head: what was thrown stands first in a record,
// and last in one that was turned round line by line.
func (s *sample) endRun() {
	switch {
	case s.run == 0:
	case s.first == thrown && (s.run == 1 || s.last != thrown):
		if s.run > 1 {
			s.onward++
		}
	case s.last == thrown, s.first == cause && s.last != cause, s.first == frame && s.last != frame:
		s.backward++
	}
	s.run = 0
}

func (s *sample) compare(tag []byte, ms int64) {
	prior, ok := s.prior[string(tag)]
	switch {
	case ok && ms > prior:
		s.up++
	case ok && ms < prior:
		s.down++
	}
	if len(s.prior) < maxStreams || ok {
		s.prior[string(tag)] = ms
	}
}

func (s *sample) conclude(l *look) {
	s.endRun()
	switch all := s.up + s.down; {
	case all == 0:
		return
	case s.down*10 > all*6:
		l.order = Descending
	case s.down*10 > all:
		l.order = Mixed
	default:
		l.order = Ascending
	}
	// where every line is an entry by itself, it is entries that were turned round
	alone := s.entries > s.heads/2
	l.tac = l.order == Descending && (s.backward > s.onward || s.backward == s.onward && (s.orphans || alone))
}

// zoneBetween gives the zone of a clock on the wall from the moment in UTC of the same
// line, to a quarter of an hour.
func zoneBetween(wall stamp, utc int64) (minutes int, ok bool) {
	const day = 86400000
	if !wall.dated {
		return 0, false
	}
	off := wall.ms - utc
	if !wall.yeared {
		y := yearOf(utc)
		off = wall.ms + daysOf(y, 1, 1)*day - utc
		if leap := daysOf(y, 12, 31)-daysOf(y, 1, 1) == 365; leap && wall.ms >= 59*day {
			off += day
		}
		for off > 180*day { // the turn of the year lies between
			off -= 365 * day
		}
		for off < -180*day {
			off += 365 * day
		}
	}
	quarter := int64(15 * 60000)
	z := (off + quarter/2) / quarter
	if off < 0 {
		z = (off - quarter/2) / quarter
	}
	if z < -14*4 || z > 14*4 || abs(off-z*quarter) > 60_000 {
		return 0, false
	}
	return int(z * 15), true
}

// yearOf gives the year of a moment.
func yearOf(ms int64) int {
	days := ms / 86400000
	y := 1970 + int(days*400/146097)
	for daysOf(y+1, 1, 1) <= days {
		y++
	}
	for daysOf(y, 1, 1) > days {
		y--
	}
	return y
}
