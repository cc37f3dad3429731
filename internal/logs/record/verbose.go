package record

import (
	"bytes"
	"strconv"
)

// maxFields bounds the fields of one entry.
const maxFields = 512

// verbose is an entry of `journalctl -o verbose` under way: a line with its moment and its cursor, and below it a
// field a line, indented. What goes on below a field is indented more.
type verbose struct {
	open   bool
	at     stamp
	hasAt  bool
	indent int // of the fields
	last   string
	count  int
	line   int // of the text
	fields map[string]string
	text   []byte // of MESSAGE
}

// verboseHead tells whether a line begins such an entry, and when it was: the cursor has the moment in microseconds.
func verboseHead(line []byte) (at stamp, ok bool) {
	open := bytes.Index(line[:min(len(line), 64)], []byte(" [s="))
	if open < 0 || !bytes.HasSuffix(line, []byte("]")) {
		return stamp{}, false
	}
	_, rest, found := bytes.Cut(line[open:], []byte(";t="))
	hex, _, ended := bytes.Cut(rest, []byte(";"))
	if !found || !ended {
		return stamp{}, false
	}
	us, err := strconv.ParseInt(string(hex), 16, 64)
	if err != nil {
		return stamp{}, false
	}
	return stamp{ms: us / 1000, zoned: true, dated: true, yeared: true}, true
}

// verboseField cuts "    NAME=value" into its parts; the journal's names are of capitals, digits and underscores.
func verboseField(line []byte) (indent int, name, value []byte, ok bool) {
	text := bytes.TrimLeft(line, " \t")
	name, value, ok = bytes.Cut(text, []byte("="))
	if !ok || len(name) == 0 || len(name) > 64 || len(text) == len(line) {
		return 0, nil, nil, false
	}
	for _, c := range name {
		if c != '_' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return 0, nil, nil, false
		}
	}
	return len(line) - len(text), name, value, true
}

// verbose takes a line of such an entry; false where it is none.
func (r *reader) verbose(raw []byte) bool {
	if !r.v.open && !bytes.Contains(raw[:min(len(raw), 128)], []byte("[s=")) {
		return false // as nearly every line of the world
	}
	e := entry{body: raw}
	r.peel.scratch = r.peel.scratch[:0]
	r.peel.tidy(&e)
	if at, ok := verboseHead(e.body); ok {
		r.closeVerbose()
		r.sum.met("journald-verbose")
		r.v = verbose{open: true, at: at, hasAt: true, indent: -1, line: r.lines.n, fields: map[string]string{}}
		return true
	}
	if !r.v.open {
		return false
	}
	indent, name, value, ok := verboseField(e.body)
	switch {
	case ok && (r.v.indent < 0 || indent <= r.v.indent):
		r.v.field(indent, string(name), string(value), r.lines.n)
	case r.v.indent >= 0 && len(e.body) > r.v.indent && len(bytes.TrimLeft(e.body[:r.v.indent+1], " ")) == 0:
		r.v.more(e.body)
	case len(bytes.TrimSpace(e.body)) > 0:
		r.closeVerbose()
		return false
	}
	return true
}

// kept are the fields that tell something here.
func kept(name string) bool {
	if name == "_PID" {
		return true
	}
	for _, s := range senders {
		if s == name {
			return true
		}
	}
	return false
}

func (v *verbose) field(indent int, name, value string, line int) {
	if v.indent < 0 {
		v.indent = indent
	}
	if v.count++; v.count > maxFields {
		return
	}
	if v.last = name; name == "MESSAGE" && len(v.text) == 0 {
		v.line, v.text = line, []byte(value)
		return
	}
	if kept(name) && v.fields[name] == "" {
		v.fields[name] = value
	}
}

// more puts a further line to the text, without the room that the field's name takes.
func (v *verbose) more(line []byte) {
	if v.last != "MESSAGE" || len(v.text) > maxMoreSize {
		return
	}
	room := v.indent + len("MESSAGE=")
	for i := 0; i < room && len(line) > 0 && line[0] == ' '; i++ {
		line = line[1:]
	}
	v.text = append(append(v.text, '\n'), line...)
}

// closeVerbose hands the entry under way on.
func (r *reader) closeVerbose() {
	if !r.v.open {
		return
	}
	v := r.v
	r.v = verbose{}
	e := entry{sure: true, at: v.at, hasAt: v.hasAt, pid: []byte(v.fields["_PID"]), body: v.text}
	e.wrap("journald-verbose")
	e.lost = isBlob(e.body)
	for _, name := range senders {
		if s := v.fields[name]; s != "" && s != "init.scope" &&
			(s != "docker.service" || v.fields["CONTAINER_NAME"] == "") {
			e.tag = []byte(s)
			break
		}
	}
	first, _, _ := bytes.Cut(e.body, []byte("\n"))
	inner := r.peel.peel(first)
	e.head, e.hasHead = inner.head, inner.hasHead
	now := r.lines.n
	r.lines.n = v.line
	r.take(&e)
	r.lines.n = now
}

// isBlob tells what journalctl prints, without --all, of a text that is not printable.
func isBlob(text []byte) bool {
	size, ok := bytes.CutSuffix(text, []byte("B blob data]"))
	return ok && bytes.HasPrefix(size, []byte("[")) && len(bytes.Trim(size[1:], "0123456789.KMG")) == 0
}
