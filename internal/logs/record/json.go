package record

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// json takes off the engine's json-file, journald's json, and what collectors make of both.
func (p *peeler) json(e *entry, b []byte) bool {
	if bytes.HasPrefix(b, []byte(`{"log":"`)) {
		text, rest, whole := p.unescape(b[len(`{"log":"`):])
		if bytes.Contains(rest, []byte(`"kubernetes"`)) {
			return p.fields(e, b)
		}
		e.wrap("docker-json-file")
		e.partial = whole && !bytes.HasSuffix(text, []byte("\n"))
		e.body = bytes.TrimRight(text, "\r\n")
		if i := bytes.Index(rest, []byte(`"time":"`)); i >= 0 {
			if at, _, ok := isoStamp(rest[i+8:], 'T'); ok {
				e.moment(at, true)
			}
		}
		return true
	}
	return p.fields(e, b)
}

// fields reads any other object that has a text in it.
func (p *peeler) fields(e *entry, b []byte) bool {
	var fields map[string]json.RawMessage
	b = b[:bytes.LastIndexByte(b, '}')+1] // a comma of a list, or what a copy left behind it
	if json.Unmarshal(b, &fields) != nil {
		return false
	}
	for _, name := range [...]string{"MESSAGE", "log", "message", "msg", "LogEntry", "LogMessage", "line"} {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		text, ok := textOf(raw)
		e.wrap(jsonKind(name, fields))
		e.lost = !ok
		e.body = bytes.TrimRight(text, "\r\n")
		e.tag = []byte(sender(fields))
		e.pid, _ = textOf(fields["_PID"])
		fieldTime(e, fields)
		return true
	}
	return false
}

func jsonKind(name string, fields map[string]json.RawMessage) string {
	switch {
	case name == "MESSAGE":
		return "journald-json"
	case name == "log" && fields["stream"] != nil:
		return "docker-json-file"
	case name == "LogEntry" || name == "LogMessage" || name == "line":
		return "export"
	}
	return "json"
}

// textOf reads a string, or journald's array of bytes; false where there is none.
func textOf(raw json.RawMessage) ([]byte, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil && len(raw) > 0 && raw[0] == '"' {
		return []byte(s), true
	}
	var list []int
	if json.Unmarshal(raw, &list) != nil || list == nil {
		return nil, false
	}
	out := make([]byte, len(list))
	for i, c := range list {
		out[i] = byte(c) //nolint:gosec // what is no byte is no text either
	}
	return out, true
}

// senders are the fields that name who spoke, the surest first.
var senders = [...]string{"CONTAINER_NAME", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "container_name", "container",
	"unit", "_COMM", "ContainerName"}

func sender(fields map[string]json.RawMessage) string {
	for _, name := range senders {
		t, ok := textOf(fields[name])
		if !ok || len(t) == 0 {
			continue
		}
		if name == "_SYSTEMD_UNIT" && (string(t) == "init.scope" || string(t) == "docker.service" &&
			fields["CONTAINER_NAME"] != nil) {
			continue
		}
		return string(t)
	}
	var pod struct {
		Name      string `json:"container_name"`
		Container string `json:"container"`
	}
	for _, name := range [...]string{"kubernetes", "labels"} {
		if json.Unmarshal(fields[name], &pod) == nil && pod.Name+pod.Container != "" {
			return pod.Name + pod.Container
		}
	}
	return ""
}

func fieldTime(e *entry, fields map[string]json.RawMessage) {
	for _, name := range [...]string{"__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP"} {
		t, ok := textOf(fields[name])
		if !ok {
			continue
		}
		if us, err := strconv.ParseInt(string(t), 10, 64); err == nil {
			e.moment(stamp{ms: us / 1000, zoned: true, dated: true, yeared: true}, true)
			return
		}
	}
	for _, name := range [...]string{"time", "@timestamp", "timestamp", "ts", "TimeGenerated"} {
		if t, ok := textOf(fields[name]); ok {
			if at, _, ok := isoStamp(t, 'T'); ok { // a platform's moment is when the entry came to it
				e.moment(at, name != "TimeGenerated" && fields["line"] == nil)
				return
			}
		}
	}
}

// unescape reads a JSON string up to its end quote into scratch; whole tells whether the
// quote came.
func (p *peeler) unescape(b []byte) (text, rest []byte, whole bool) {
	from := len(p.scratch)
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && b[j] != '"' && b[j] != '\\' {
			j++
		}
		p.scratch = append(p.scratch, b[i:j]...)
		if j >= len(b) {
			break
		}
		if b[j] == '"' {
			return p.scratch[from:], b[j+1:], true
		}
		if j+1 >= len(b) {
			break
		}
		i = j + 2
		switch c := b[j+1]; c {
		case 'n':
			p.scratch = append(p.scratch, '\n')
		case 't':
			p.scratch = append(p.scratch, '\t')
		case 'r':
			p.scratch = append(p.scratch, '\r')
		case 'b', 'f':
		case 'u':
			var r rune
			if r, i = escaped(b, j); i > len(b) {
				return p.scratch[from:], nil, false
			}
			p.scratch = utf8.AppendRune(p.scratch, r)
		default:
			p.scratch = append(p.scratch, c)
		}
	}
	return p.scratch[from:], nil, false
}

// escaped reads \uXXXX at j, both halves of a pair, and gives where it ends.
func escaped(b []byte, j int) (rune, int) {
	if j+6 > len(b) {
		return utf8.RuneError, len(b) + 1
	}
	n, err := strconv.ParseUint(string(b[j+2:j+6]), 16, 16)
	if err != nil {
		return utf8.RuneError, j + 6
	}
	r, end := rune(n), j+6
	if utf16.IsSurrogate(r) && end+6 <= len(b) && b[end] == '\\' && b[end+1] == 'u' {
		if low, err := strconv.ParseUint(string(b[end+2:end+6]), 16, 16); err == nil {
			if both := utf16.DecodeRune(r, rune(low)); both != utf8.RuneError {
				return both, end + 6
			}
		}
	}
	return r, end
}

// unquoted reads a quoted text of logfmt.
func unquoted(b []byte) []byte {
	if end := bytes.IndexByte(b, '"'); end >= 0 && bytes.IndexByte(b[:end], '\\') < 0 {
		return b[:end]
	}
	var p peeler
	text, _, _ := p.unescape(b)
	return text
}
