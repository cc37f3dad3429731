package record

import "time"

// stamp is a moment as it was written.
type stamp struct {
	ms   int64 // UTC where zoned, else as the clock on the wall there
	zone int   // minutes east of UTC
	// zoned and dated tell what was written; a time without them has to be completed.
	zoned, dated, yeared bool
}

func digits(p []byte, from, n int) (int, bool) {
	if len(p) < from+n {
		return 0, false
	}
	v := 0
	for _, c := range p[from : from+n] {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// daysOf counts the days since 1970 (Howard Hinnant's days_from_civil).
func daysOf(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	mp := (m + 9) % 12
	doe := yoe*365 + yoe/4 - yoe/100 + (153*mp+2)/5 + d - 1
	return int64(era)*146097 + int64(doe) - 719468
}

// isoDate reads 2006-01-02 or 2006/01/02.
func isoDate(p []byte) (days int64, ok bool) {
	if len(p) < 10 || p[4] != p[7] || p[4] != '-' && p[4] != '/' {
		return 0, false
	}
	y, ok1 := digits(p, 0, 4)
	m, ok2 := digits(p, 5, 2)
	d, ok3 := digits(p, 8, 2)
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	return daysOf(y, m, d), true
}

// clock reads 15:04:05 with what follows of fractions, and gives how long it is.
func clock(p []byte) (ms int64, n int, ok bool) {
	if len(p) < 8 || p[2] != ':' || p[5] != ':' {
		return 0, 0, false
	}
	h, ok1 := digits(p, 0, 2)
	m, ok2 := digits(p, 3, 2)
	s, ok3 := digits(p, 6, 2)
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 60 {
		return 0, 0, false
	}
	ms, n = int64(h*3600+m*60+s)*1000, 8
	if len(p) > 9 && (p[8] == '.' || p[8] == ',') {
		scale := int64(100)
		for n = 9; n < len(p) && p[n] >= '0' && p[n] <= '9'; n++ {
			ms += int64(p[n]-'0') * scale
			scale /= 10
		}
	}
	return ms, n, true
}

// zone reads Z, +hh:mm, -hh:mm, +hhmm.
func zone(p []byte) (minutes, n int, ok bool) {
	if len(p) > 0 && p[0] == 'Z' {
		return 0, 1, true
	}
	if len(p) < 5 || p[0] != '+' && p[0] != '-' {
		return 0, 0, false
	}
	at := 3
	if p[3] == ':' {
		at = 4
	}
	h, ok1 := digits(p, 1, 2)
	m, ok2 := digits(p, at, 2)
	if !ok1 || !ok2 || h > 15 || m > 59 {
		return 0, 0, false
	}
	if minutes = h*60 + m; p[0] == '-' {
		minutes = -minutes
	}
	return minutes, at + 2, true
}

// isoStamp reads a date, the given separator, a time, and a zone right behind it or after a blank.
func isoStamp(p []byte, sep byte) (s stamp, n int, ok bool) {
	days, ok := isoDate(p)
	if !ok || len(p) < 19 || p[10] != sep {
		return s, 0, false
	}
	ms, used, ok := clock(p[11:])
	if !ok {
		return s, 0, false
	}
	s, n = stamp{ms: days*86400000 + ms, dated: true, yeared: true}, 11+used
	rest := p[n:]
	skip := 0
	if len(rest) > 0 && rest[0] == ' ' {
		skip = 1
	}
	if z, zn, ok := zone(rest[skip:]); ok {
		s.zone, s.zoned, n = z, true, n+skip+zn
		s.ms -= int64(z) * 60000
	}
	return s, n, true
}

// complete makes a moment of a stamp with what is known besides: the host's zone in
// minutes, and a day near which it must lie. Uncertain says what was guessed.
func (s stamp) complete(c clues) (ms int64, uncertain string) {
	ms = s.ms
	if !s.yeared {
		year := c.year
		if year == 0 {
			year, uncertain = 1970, "year"
		}
		ms += daysOf(year, 1, 1) * 86400000
		t := time.UnixMilli(s.ms).UTC() // in 1970, which has no leap day
		ms = daysOf(year, int(t.Month()), t.Day())*86400000 + s.ms%86400000
		if c.near != 0 && c.year != 0 && !c.typedYear && ms > c.near+2*86400000 {
			ms = daysOf(year-1, int(t.Month()), t.Day())*86400000 + s.ms%86400000
		}
	}
	if s.zoned {
		return ms, uncertain
	}
	if !c.zoneKnown {
		if uncertain == "" {
			uncertain = "zone"
		}
		return ms, uncertain
	}
	return ms - int64(c.zone)*60000, uncertain
}

// clues complete what stamps leave open.
type clues struct {
	zone      int // minutes east of UTC
	zoneKnown bool
	year      int
	typedYear bool
	near      int64 // the log ends before this moment; 0 means unknown
}
