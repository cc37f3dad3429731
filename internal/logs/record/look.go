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
	l.entities = bytes.Contains(p, []byte("&lt;")) || bytes.Contains(p, []byte("&gt;"))
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
	framesFirst      bool // of the run: a frame before what was thrown
	thrownFirst      bool
	orphans          bool // the log begins with such lines
	backward, onward int  // runs that end, and that begin, with what was thrown
}

func (s *sample) line(line []byte, l *look) {
	e := s.peel.peel(line)
	if !e.hasHead {
		s.tail(e.body)
		if e.hasAt && e.at.zoned {
			s.compare(e.tag, e.at.ms)
		} else if e.hasAt && e.at.dated {
			s.compare(e.tag, e.at.ms)
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

// tail looks at a line without a head.
func (s *sample) tail(body []byte) {
	t := bytes.TrimLeft(body, " \t")
	if len(t) == 0 {
		return
	}
	frame := bytes.HasPrefix(t, []byte("at ")) || bytes.HasPrefix(t, []byte("--- End of"))
	thrown := !frame && (bytes.Contains(t, []byte("Exception")) || bytes.Contains(t, []byte("Caused by")))
	if s.heads == 0 && s.run == 0 && (frame || thrown) {
		s.orphans = true
	}
	s.run++
	switch {
	case frame && !s.thrownFirst:
		s.framesFirst = true
	case thrown && !s.framesFirst:
		s.thrownFirst = true
	}
}

func (s *sample) endRun() {
	switch {
	case s.run > 0 && s.framesFirst:
		s.backward++
	case s.run > 0 && s.thrownFirst:
		s.onward++
	}
	s.run, s.framesFirst, s.thrownFirst = 0, false, false
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
	l.tac = l.order == Descending && (s.backward > s.onward || s.backward == s.onward && s.orphans)
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
