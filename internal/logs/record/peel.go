package record

import (
	"bytes"
	"time"
)

// entry is a line without what it was wrapped in.
type entry struct {
	at      stamp // of the wrapping
	hasAt   bool
	sure    bool   // its clock is the machine's own at that moment: journald, the engine
	tag     []byte // who spoke: an identifier, a unit, a container
	pid     []byte
	body    []byte
	partial bool // the text goes on in the next entry of the sender
	lost    bool // the text was not kept
	head    head
	hasHead bool
	kinds   [maxDepth]string
	depth   int
}

const maxDepth = 4

func (e *entry) wrap(kind string) {
	if e.depth < maxDepth {
		e.kinds[e.depth] = kind
		e.depth++
	}
}

// moment keeps the time of the innermost wrapping that has one.
func (e *entry) moment(s stamp, sure bool) {
	if !e.hasAt || s.zoned {
		e.at, e.hasAt, e.sure = s, true, sure
	}
}

// peeler takes wrappings off. Scratch is where texts are unescaped to.
type peeler struct {
	scratch  []byte
	entities bool // the file has &lt; in it
}

// peel gives what a line holds. The slices in it are good until the next call.
func (p *peeler) peel(line []byte) (e entry) {
	e.body = line
	p.scratch = p.scratch[:0]
	p.tidy(&e)
	for range maxDepth {
		if e.head, e.hasHead = readHead(e.body); e.hasHead {
			return e
		}
		if !p.layer(&e) {
			return e
		}
	}
	e.head, e.hasHead = readHead(e.body)
	return e
}

// tidy takes off what a chat, a terminal or a browser leaves around a line.
func (p *peeler) tidy(e *entry) {
	if bytes.IndexByte(e.body, 0x1b) >= 0 {
		e.body = p.keep(withoutANSI(e.body))
	}
	if quote := bytes.TrimLeft(e.body, " \t"); bytes.HasPrefix(quote, []byte("> ")) {
		e.body = quote // a quotation that was indented
	}
	for len(e.body) > 0 && (e.body[0] == '>' || e.body[0] == 0x1e) {
		if e.body[0] == '>' && len(e.body) > 1 && e.body[1] != ' ' && e.body[1] != '>' {
			break
		}
		e.body = bytes.TrimPrefix(e.body[1:], []byte{' '})
	}
	for range 2 { // what is quoted may have been quoted before
		if p.entities && bytes.IndexByte(e.body, '&') >= 0 {
			e.body = p.keep(withoutEntities(e.body))
		}
	}
}

func (p *peeler) keep(b []byte) []byte { return b }

func withoutANSI(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != 0x1b {
			out = append(out, b[i])
			continue
		}
		if i+1 < len(b) && b[i+1] == '[' {
			for i += 2; i < len(b) && (b[i] < 0x40 || b[i] > 0x7e); i++ {
			}
		}
	}
	return out
}

func withoutEntities(b []byte) []byte {
	for _, pair := range [...][2]string{{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", `"`}, {"&#39;", "'"},
		{"&#34;", `"`},
		{"&amp;", "&"}} {
		if bytes.Contains(b, []byte(pair[0])) {
			b = bytes.ReplaceAll(b, []byte(pair[0]), []byte(pair[1]))
		}
	}
	if quote := bytes.TrimLeft(b, " \t"); bytes.HasPrefix(quote, []byte("> ")) {
		b = quote
	}
	for len(b) > 0 && b[0] == '>' { // the quotation itself was an entity
		b = bytes.TrimPrefix(b[1:], []byte{' '})
	}
	return b
}

// layer takes one wrapping off; false where there is none that is known.
func (p *peeler) layer(e *entry) bool {
	b := bytes.TrimLeft(e.body, " \t")
	if len(b) < 3 {
		return false
	}
	switch c := b[0]; {
	case c == '{':
		return p.json(e, b)
	case c == '<':
		return syslog(e, b)
	case c >= '0' && c <= '9':
		return isoEnvelope(e, b) || unixEnvelope(e, b) || shortEnvelope(e, b)
	case c == '[':
		return podEnvelope(e, b) || monotonicEnvelope(e, b) || kernelEnvelope(e, b)
	default:
		return shortEnvelope(e, b) || weekdayEnvelope(e, b) || composeEnvelope(e, b)
	}
}

// isoEnvelope reads what begins with a date as 2006-01-02T15:04:05: journald's short-iso,
// rsyslog's file, the engine's -t, a container runtime's file.
func isoEnvelope(e *entry, b []byte) bool {
	at, n, ok := isoStamp(b, 'T')
	if !ok || n >= len(b) || b[n] != ' ' {
		return false
	}
	rest := b[n+1:]
	if s := bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte("stdout ")), []byte("stderr ")); len(s) < len(rest) &&
		len(s) > 1 && s[1] == ' ' && (s[0] == 'F' || s[0] == 'P') {
		e.moment(at, true)
		e.wrap("cri")
		e.partial, e.body = s[0] == 'P', s[2:]
		return true
	}
	indented := len(rest) > 0 && (rest[0] == '\t' || rest[0] == ' ') // the rest of a record: no host begins so
	if name, pid, text, ok := hostAndIdent(rest); ok && !indented {
		e.moment(at, true)
		e.wrap("journald-short-iso")
		e.tag, e.pid, e.body = name, pid, text
		return true
	}
	if name, pid, text, ok := identAlone(rest); ok && !indented { // snap logs names no host
		e.moment(at, true)
		e.wrap("snap-logs")
		e.tag, e.pid, e.body = name, pid, text
		return true
	}
	e.moment(at, true)
	e.wrap("docker-timestamps")
	e.body = rest
	return true
}

// unixEnvelope reads journald's short-unix: 1730802642.123456 host ident[pid]: text.
func unixEnvelope(e *entry, b []byte) bool {
	s, ok := digits(b, 0, 10)
	if !ok || len(b) < 19 || b[10] != '.' {
		return false
	}
	us, ok := digits(b, 11, 6)
	if !ok || b[17] != ' ' {
		return false
	}
	name, pid, text, ok := hostAndIdent(b[18:])
	if !ok {
		return false
	}
	e.moment(stamp{ms: int64(s)*1000 + int64(us)/1000, zoned: true, dated: true, yeared: true}, true)
	e.wrap("journald-short-unix")
	e.tag, e.pid, e.body = name, pid, text
	return true
}

// monotonicEnvelope reads [  123.456789] host ident[pid]: text.
func monotonicEnvelope(e *entry, b []byte) bool {
	end := bytes.IndexByte(b, ']')
	if end < 0 || end > 20 || end+2 > len(b) || len(bytes.Trim(b[1:end], " .0123456789")) > 0 {
		return false
	}
	name, pid, text, ok := hostAndIdent(b[end+2:])
	if !ok || len(pid) == 0 && string(name) != "kernel" { // the kernel's own "usb 1-1: text" looks like that
		return false
	}
	e.wrap("journald-short-monotonic")
	e.tag, e.pid, e.body = name, pid, text
	return true
}

// kernelEnvelope reads dmesg's [  123.456789] text, and [Tue Nov  5 11:30:42 2024] text of dmesg -T, whose time is the
// wall's and may be off after a sleep.
func kernelEnvelope(e *entry, b []byte) bool {
	end := bytes.Index(b[:min(len(b), 28)], []byte("] "))
	if end < 8 {
		return false
	}
	if b[end-7] != '.' || len(bytes.Trim(b[1:end], " .0123456789")) > 0 {
		year, yeared := digits(b, 21, 4)
		at, n, ok := shortStamp(b[min(5, end):end])
		if end != 25 || !yeared || !ok || n != 15 || !at.dated {
			return false
		}
		day := time.UnixMilli(at.ms).UTC()
		at.ms, at.yeared = daysOf(year, int(day.Month()), day.Day())*86400000+at.ms%86400000, true
		e.moment(at, false)
	}
	e.wrap("dmesg")
	e.tag, e.body = []byte("kernel"), b[end+2:]
	return true
}

// podEnvelope reads [pod/name/container] text of kubectl.
func podEnvelope(e *entry, b []byte) bool {
	end := bytes.IndexByte(b, ']')
	if !bytes.HasPrefix(b, []byte("[pod/")) || end < 0 || end+2 > len(b) {
		return false
	}
	e.wrap("kubectl-prefix")
	path := b[5:end]
	e.tag, e.body = path[bytes.LastIndexByte(path, '/')+1:], b[end+2:]
	return true
}

// identAlone reads "ident[pid]: text", with a number for the process.
func identAlone(b []byte) (ident, pid, text []byte, ok bool) {
	if ident, pid, text, ok = identOf(b); ok && len(pid) > 0 && len(bytes.Trim(pid, "0123456789")) == 0 {
		return ident, pid, text, true
	}
	return nil, nil, nil, false
}

// severities are syslog's, as some write them in front of the sender, with the facility: daemon:info, local0.warn.
var severities = [...]string{"debug", "info", "notice", "warn", "warning", "err", "error", "crit", "alert", "emerg"}

// withoutFacility takes "daemon:info " off.
func withoutFacility(b []byte) []byte {
	word, _, ok := bytes.Cut(b[:min(len(b), 24)], []byte(" "))
	i := bytes.IndexAny(word, ":.")
	if !ok || i <= 0 {
		return b
	}
	for _, s := range severities {
		if string(word[i+1:]) == s {
			return b[len(word)+1:]
		}
	}
	return b
}

// hostAndIdent reads "host ident[pid]: text"; the text may be empty.
func hostAndIdent(b []byte) (ident, pid, text []byte, ok bool) {
	sp := bytes.IndexByte(b[:min(len(b), 256)], ' ')
	if sp <= 0 {
		return nil, nil, nil, false
	}
	return identOf(withoutFacility(b[sp+1:]))
}

// identOf reads "ident[pid]: text".
func identOf(rest []byte) (ident, pid, text []byte, ok bool) {
	for i := 0; i < len(rest) && i < 200; i++ {
		switch c := rest[i]; {
		case c == ' ':
			return nil, nil, nil, false
		case c == ':' && i > 0 && (i+1 == len(rest) || rest[i+1] == ' '):
			ident = rest[:i]
			if text = rest[i+1:]; len(text) > 0 {
				text = text[1:]
			}
			if open := bytes.LastIndexByte(ident, '['); open > 0 && ident[len(ident)-1] == ']' {
				ident, pid = ident[:open], ident[open+1:len(ident)-1]
			}
			return ident, pid, text, true
		}
	}
	return nil, nil, nil, false
}

// composeEnvelope reads "name   | text" of compose and iotedgehubdev.
func composeEnvelope(e *entry, b []byte) bool {
	for i := 0; i < len(b) && i < 64; i++ {
		switch c := b[i]; {
		case c == ' ':
			rest := bytes.TrimLeft(b[i:], " ")
			if i == 0 || len(rest) < 2 || rest[0] != '|' || rest[1] != ' ' {
				return false
			}
			e.wrap("compose")
			e.tag, e.body = b[:i], rest[2:]
			return true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return false
}
