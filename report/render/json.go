package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf8"

	"edgenet/report"
)

// JSON writes the report indented, with a line feed at the end.
func JSON(w io.Writer, r *report.Report) error { return encode(w, r.Plain(), "  ") }

// JSONL writes the report as one line, with a line feed at the end.
func JSONL(w io.Writer, r *report.Report) error { return encode(w, r.Plain(), "") }

// buffers are used again: many reports are written one after the other.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func encode(w io.Writer, r any, indent string) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(escapeUnprintable(b.Bytes()))
	return err
}

// plainASCII tells whether there is nothing but printable ASCII and line feeds, as in most reports:
// one look at a byte does for that.
func plainASCII(p []byte) bool {
	for _, b := range p {
		if b != '\n' && (b < ' ' || b > '~') {
			return false
		}
	}
	return true
}

// escapeUnprintable writes what a terminal might obey (C1 controls, bidirectional
// overrides) as \u escapes. Outside strings JSON is ASCII, so that the value stays
// the same.
func escapeUnprintable(p []byte) []byte {
	if plainASCII(p) || !bytes.ContainsFunc(p, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		return p // as nearly all are: nothing is copied
	}
	out := make([]byte, 0, len(p))
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = append(out, p[:n]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		p = p[n:]
	}
	return out
}
