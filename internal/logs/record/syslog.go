package record

import "bytes"

// months are the beginnings of the names of months in the languages that were met; the
// first three bytes in lower case, more where they would not do.
var months = map[string]int{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
	"nov": 11, "dec": 12,
	"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, // German
	"jän": 1, "janv": 1, "fév": 2, "févr": 2, "mars": 3, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "déc": 12, // French
	"ene": 1, "abr": 4, "ago": 8, "dic": 12, // Spanish
	"gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10, // Italian
	"fev": 2, "out": 10, // Portuguese
	"mrt": 3, "mei": 5, // Dutch
	"maj":   5, // Swedish, Danish, Polish
	"tammi": 1, "helmi": 2, "maalis": 3, "huhti": 4, "touko": 5, "kesä": 6, "heinä": 7, "elo": 8, "syys": 9, "loka": 10,
	"marras": 11, "joulu": 12, // Finnish
	"sty": 1, "lut": 2, "kwi": 4, "cze": 6, "lip": 7, "sie": 8, "wrz": 9, "paź": 10, "lis": 11, "gru": 12, // Polish
}

// monthOf reads a month's name, abbreviated or not; 0 where it is none that is known.
func monthOf(name []byte) int {
	if m, ok := numbered(name); ok {
		return m
	}
	w := bytes.ToLower(bytes.TrimRight(name, "."))
	for n := min(len(w), 6); n >= 3; n-- {
		if m, ok := months[string(w[:n])]; ok {
			return m
		}
	}
	return 0
}

// numbered reads a month that has a number for its name: 10月 in Chinese and Japanese, 10월 in Korean.
func numbered(name []byte) (m int, ok bool) {
	n := 0
	for n < len(name) && n < 2 && name[n] >= '0' && name[n] <= '9' {
		m = m*10 + int(name[n]-'0')
		n++
	}
	word := string(name[n:])
	return m, m >= 1 && m <= 12 && (word == "月" || word == "월")
}

// shortStamp reads "Nov  5 11:30:42" in any language.
func shortStamp(b []byte) (s stamp, n int, ok bool) {
	sp := bytes.IndexByte(b[:min(len(b), 20)], ' ')
	if sp < 2 {
		return s, 0, false
	}
	n = sp
	for n < len(b) && b[n] == ' ' {
		n++
	}
	day, start := 0, n
	for n < len(b) && b[n] >= '0' && b[n] <= '9' && n-start < 2 {
		day = day*10 + int(b[n]-'0')
		n++
	}
	for n < len(b) && (b[n] == '.' || b[n] == ' ') && n-start < 5 {
		n++
	}
	if day < 1 || day > 31 || n >= len(b) {
		return s, 0, false
	}
	ms, used, ok := clock(b[n:])
	if !ok {
		return s, 0, false
	}
	s.ms = ms
	if m := monthOf(b[:sp]); m > 0 {
		s.ms, s.dated = daysOf(1970, m, day)*86400000+ms, true
	}
	return s, n + used, true
}

// shortEnvelope reads journald's short form and syslog's file.
func shortEnvelope(e *entry, b []byte) bool {
	if c := b[0]; c >= '0' && c <= '9' {
		if name, _, _ := bytes.Cut(b[:min(len(b), 8)], []byte(" ")); monthOf(name) == 0 {
			return false
		}
	} else if c < 'A' || c > 'z' && c < 0x80 || c > 'Z' && c < 'a' {
		return false
	}
	at, n, ok := shortStamp(b)
	if !ok || n >= len(b) || b[n] != ' ' {
		return false
	}
	name, pid, text, ok := hostAndIdent(b[n+1:])
	if !ok {
		return false
	}
	if at.dated {
		e.moment(at, true)
	}
	e.wrap("journald-short")
	e.tag, e.pid, e.body = name, pid, text
	return true
}

// weekdayEnvelope reads journald's short-full: Tue 2024-11-05 11:30:42 CET host ident[pid]: text.
func weekdayEnvelope(e *entry, b []byte) bool {
	sp := bytes.IndexByte(b[:min(len(b), 12)], ' ')
	if sp < 2 || sp+21 > len(b) {
		return false
	}
	rest := b[sp+1:]
	at, n, ok := isoStamp(rest, ' ')
	if !ok || n >= len(rest) || rest[n] != ' ' {
		return false
	}
	rest = rest[n+1:]
	word, after, _ := bytes.Cut(rest, []byte(" "))
	if len(word) <= 5 && len(word) > 0 && word[0] >= 'A' && word[0] <= 'Z' {
		at.zoned = at.zoned || string(word) == "UTC" || string(word) == "GMT"
		rest = after
	}
	name, pid, text, ok := hostAndIdent(rest)
	if !ok {
		return false
	}
	e.moment(at, true)
	e.wrap("journald-short-full")
	e.tag, e.pid, e.body = name, pid, text
	return true
}

// syslog reads <30>Nov  5 … (RFC 3164) and <30>1 2024-… (RFC 5424).
func syslog(e *entry, b []byte) bool {
	end := bytes.IndexByte(b[:min(len(b), 6)], '>')
	if end < 2 || len(bytes.Trim(b[1:end], "0123456789")) > 0 {
		return false
	}
	rest := b[end+1:]
	if bytes.HasPrefix(rest, []byte("1 ")) {
		return syslog5424(e, rest[2:])
	}
	if len(rest) > 3 && shortEnvelope(e, rest) || isoEnvelope(e, rest) {
		e.kinds[e.depth-1] = "syslog-3164"
		return true
	}
	return false
}

func syslog5424(e *entry, b []byte) bool {
	at, n, ok := isoStamp(b, 'T')
	if !ok || n+1 >= len(b) {
		return false
	}
	part := bytes.SplitN(b[n+1:], []byte(" "), 5) // host, app, process, message's id, the rest
	if len(part) < 5 {
		return false
	}
	text := part[4]
	if len(text) > 0 && text[0] == '-' {
		text = bytes.TrimPrefix(text[1:], []byte(" "))
	} else if len(text) > 0 && text[0] == '[' {
		i := bytes.Index(text, []byte("] "))
		if i < 0 {
			return false
		}
		text = text[i+2:]
	}
	e.moment(at, true)
	e.wrap("syslog-5424")
	e.tag, e.pid, e.body = part[1], part[2], bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return true
}
