package record

import (
	"bytes"
	"slices"
)

// Form is the grammar of a line's head.
type Form string

// The forms.
const (
	FormNone  Form = ""
	FormNET   Form = "dotnet"      // edgeAgent, edgeHub
	FormOld   Form = "dotnet-old"  // the same up to 1.0.7
	FormBoot  Form = "dotnet-boot" // the start script, Main
	FormRust  Form = "rust"        // the daemons
	FormWin   Form = "win"         // Get-IoTEdgeLog
	FormEntry Form = "logfmt"      // dockerd
)

// Level is how serious a line takes itself.
type Level byte

// The levels; the zero one is not known.
const (
	LevelNone  Level = 0
	LevelDebug Level = 'D'
	LevelInfo  Level = 'I'
	LevelWarn  Level = 'W'
	LevelError Level = 'E'
	LevelFatal Level = 'C'
)

// head is what stands before the text of a record.
type head struct {
	form    Form
	level   Level
	at      stamp
	hasAt   bool
	context []byte // SourceContext, or the target of a daemon's line
	text    []byte
}

// readHead reads the head of a line; false where it has none. Blanks before it do no harm.
func readHead(p []byte) (h head, ok bool) {
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		p = p[1:]
	}
	if len(p) < 16 {
		return h, false
	}
	switch c := p[0]; {
	case c == '<':
		return angleHead(p)
	case c >= '0' && c <= '9':
		return dateHead(p)
	case c == '[':
		return bracketHead(p)
	case c == 't' && bytes.HasPrefix(p, []byte(`time="`)):
		return logfmtHead(p)
	}
	return h, false
}

// angleHead reads <6> 2006-… of .NET and <6>2006-…T of the daemons.
func angleHead(p []byte) (head, bool) {
	if p[2] != '>' || p[1] < '0' || p[1] > '7' {
		return head{}, false
	}
	if p[3] == ' ' {
		return netHead(p[4:], FormNET)
	}
	return rustHead(p[3:])
}

func dateHead(p []byte) (head, bool) {
	if len(p) > 10 && p[10] == 'T' {
		return rustHead(p)
	}
	if h, ok := netHead(p, FormOld); ok {
		return h, true
	}
	return winHead(p)
}

// levels3 are .NET's levels.
var levels3 = map[string]Level{"VRB": LevelDebug, "DBG": LevelDebug, "INF": LevelInfo, "WRN": LevelWarn,
	"ERR": LevelError, "FTL": LevelFatal}

func netHead(p []byte, form Form) (h head, ok bool) {
	at, n, ok := isoStamp(p, ' ')
	if !ok {
		return h, false
	}
	h = head{form: form, at: at, hasAt: true}
	if !at.zoned { // previews wrote no zone, and meant UTC
		h.at.zoned = true
	}
	rest := bytes.TrimLeft(p[n:], " ")
	if len(rest) < 5 || rest[0] != '[' || rest[4] != ']' {
		if boot := bootText(rest); boot != nil {
			h.form, h.level, h.text = FormBoot, LevelInfo, boot
			return h, true
		}
		return h, false
	}
	if h.level, ok = levels3[string(rest[1:4])]; !ok {
		return h, false
	}
	rest = rest[5:]
	if len(rest) > 2 && rest[1] == '[' { // the source, where debug lines are on
		if end := bytes.IndexByte(rest, ']'); end > 0 && bytes.HasPrefix(rest[end:], []byte("] - ")) {
			h.context, rest = rest[2:end], rest[end+1:]
		}
	}
	h.text = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte(" ")), []byte("- "))
	return h, true
}

// bootText gives the text of a start script's line; nil where it is none.
func bootText(p []byte) []byte {
	for _, sign := range [...]string{"Starting Edge ", "Edge Agent Main()", "Edge Hub Main()", "Changing ownership",
		"Completed necessary setup"} {
		if bytes.HasPrefix(p, []byte(sign)) {
			return p
		}
	}
	return nil
}

// levels4 are the daemons' levels.
var levels4 = map[string]Level{"INFO": LevelInfo, "WARN": LevelWarn, "ERR!": LevelError, "DBUG": LevelDebug,
	"TRCE": LevelDebug, "ERRO": LevelError}

func rustHead(p []byte) (h head, ok bool) {
	at, n, ok := isoStamp(p, 'T')
	if !ok || !at.zoned {
		return h, false
	}
	rest := bytes.TrimLeft(p[n:], " ")
	if len(rest) < 6 || rest[0] != '[' || rest[5] != ']' {
		return h, false
	}
	level, ok := levels4[string(rest[1:5])]
	if !ok {
		return h, false
	}
	h = head{form: FormRust, level: level, at: at, hasAt: true}
	rest = bytes.TrimPrefix(bytes.TrimPrefix(rest[6:], []byte(" ")), []byte("-"))
	if len(rest) > 0 && rest[0] == ' ' { // one blank: more are an indent
		rest = rest[1:]
	}
	if len(rest) > 1 && rest[0] == '[' {
		if end := bytes.Index(rest, []byte("] ")); end > 0 && bytes.Contains(rest[:end], []byte("::")) {
			h.context, rest = rest[1:end], rest[end+2:]
		}
	}
	h.text = rest
	return h, true
}

// bracketHead reads [02/16/2019 07:07:57.630 AM] and [2018-10-02 16:34:07 : of old starts.
func bracketHead(p []byte) (h head, ok bool) {
	h = head{form: FormBoot, level: LevelInfo}
	if at, n, ok := isoStamp(p[1:], ' '); ok {
		at.zoned = true
		h.at, h.hasAt, h.text = at, true, bytes.Trim(p[1+n:], " :]")
		return h, bootText(h.text) != nil
	}
	end := bytes.IndexByte(p, ']')
	if end < 0 || end > 40 {
		return h, false
	}
	at, _, ok := slashStamp(p[1:end])
	if !ok {
		return h, false
	}
	at.zoned = true
	h.at, h.hasAt, h.text = at, true, bytes.TrimLeft(p[end+1:], " ")
	return h, bootText(h.text) != nil
}

// slashStamp reads a date of Windows with its time. Which of day and month comes first
// cannot always be told: dots put the day first, slashes the month, unless it is past 12.
func slashStamp(p []byte) (s stamp, n int, ok bool) {
	var part [3]int
	sep := byte(0)
	for i := range part {
		start := n
		for n < len(p) && p[n] >= '0' && p[n] <= '9' && n-start < 4 {
			part[i] = part[i]*10 + int(p[n]-'0')
			n++
		}
		if n == start || n >= len(p) {
			return s, 0, false
		}
		if i < 2 {
			if p[n] != '/' && p[n] != '.' && p[n] != '-' || sep != 0 && p[n] != sep {
				return s, 0, false
			}
			sep = p[n]
			n++
		}
	}
	month, day, year := part[0], part[1], part[2]
	if sep == '.' || month > 12 {
		month, day = day, month
	}
	if month < 1 || month > 12 || day < 1 || day > 31 || year < 1970 || p[n] != ' ' {
		return s, 0, false
	}
	rest := p[n+1:]
	pad := append([]byte(nil), rest[:min(len(rest), 16)]...)
	if len(pad) > 1 && pad[1] == ':' {
		pad = append([]byte{'0'}, pad...)
	}
	ms, used, ok := clock(pad)
	if !ok {
		return s, 0, false
	}
	used -= len(pad) - min(len(rest), 16)
	n += 1 + used
	switch h := ms / 3600000; {
	case bytes.HasPrefix(p[n:], []byte(" PM")):
		n += 3
		if h < 12 {
			ms += 12 * 3600000
		}
	case bytes.HasPrefix(p[n:], []byte(" AM")):
		n += 3
		if h == 12 {
			ms -= 12 * 3600000
		}
	}
	return stamp{ms: daysOf(year, month, day)*86400000 + ms, dated: true, yeared: true}, n, true
}

// levelsWin are the words of Get-IoTEdgeLog.
var levelsWin = map[string]Level{"info": LevelInfo, "warn": LevelWarn, "warning": LevelWarn, "error": LevelError,
	"err!": LevelError, "debug": LevelDebug, "information": LevelInfo}

func winHead(p []byte) (h head, ok bool) {
	at, n, ok := slashStamp(p)
	if !ok {
		return h, false
	}
	word, rest, ok := bytes.Cut(bytes.TrimLeft(p[n:], " "), []byte(": "))
	if !ok || len(word) > 12 {
		return h, false
	}
	level, ok := levelsWin[string(bytes.ToLower(word))]
	if !ok {
		return h, false
	}
	h = head{form: FormWin, level: level, at: at, hasAt: true, text: rest}
	if target, text, ok := bytes.Cut(rest, []byte(" -- ")); ok {
		h.context, h.text = target, text
	}
	return h, true
}

// logfmtHead reads time="…" level=error msg="…" of dockerd.
func logfmtHead(p []byte) (h head, ok bool) {
	at, n, ok := isoStamp(p[6:], 'T')
	if !ok {
		return h, false
	}
	h = head{form: FormEntry, at: at, hasAt: true}
	rest := p[6+n:]
	if i := bytes.Index(rest, []byte("level=")); i >= 0 {
		word, _, _ := bytes.Cut(rest[i+6:], []byte(" "))
		h.level = levelsWin[string(word)]
		if string(word) == "fatal" || string(word) == "panic" {
			h.level = LevelFatal
		}
	}
	i := bytes.Index(rest, []byte("msg="))
	if i < 0 {
		return h, false
	}
	h.text = rest[i+4:]
	if len(h.text) > 0 && h.text[0] == '"' {
		h.text = unquoted(h.text[1:])
	}
	if i := bytes.LastIndex(rest, []byte(` error="`)); i > 0 { // a field of its own in newer releases
		h.text = slices.Concat(h.text, []byte(": "), unquoted(rest[i+8:]))
	}
	return h, true
}
