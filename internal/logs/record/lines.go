package record

import (
	"bytes"
	"errors"
	"io"
)

// The bounds of one line: what is longer is cut, and the rest of it is let go.
const (
	bufferSize = 256 << 10
	maxLine    = 64 << 10
)

// lines cuts a stream into lines without copying them. A line is good until the next one
// is asked for.
type lines struct {
	r          io.Reader
	buf        []byte
	start, end int
	err        error
	cr         bool // a lone carriage return ends a line
	n          int  // of the line that was given last
	cut        bool // it was longer than maxLine
	unended    bool // it is the last one, and nothing ends it
}

func newLines(r io.Reader) *lines { return &lines{r: r, buf: make([]byte, bufferSize)} }

// fill moves what is left to the front and reads more; false at the end.
func (l *lines) fill() bool {
	if l.err != nil {
		return false
	}
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.start, l.end = 0, l.end-l.start
	}
	for tries := 0; l.end < len(l.buf); tries++ {
		n, err := l.r.Read(l.buf[l.end:])
		l.end += n
		if err != nil {
			l.err = err
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
		if tries > 100 {
			l.err = io.ErrNoProgress
		}
	}
	return false
}

// peek gives what the buffer can hold of the beginning.
func (l *lines) peek() []byte {
	for l.end-l.start < len(l.buf) && l.fill() {
	}
	return l.buf[l.start:l.end]
}

// next gives the next line without what ends it; false at the end of the stream.
func (l *lines) next() ([]byte, bool) {
	l.cut, l.unended = false, false
	from := l.start
	for {
		if i := l.index(l.buf[from:l.end]); i >= 0 {
			line := l.buf[l.start : from+i]
			l.start = from + i + 1
			l.n++
			return bytes.TrimSuffix(line, []byte{'\r'}), true
		}
		if l.end-l.start >= maxLine {
			return l.long(), true
		}
		searched := l.end - l.start
		if !l.fill() {
			break
		}
		from = l.start + searched
	}
	if l.start == l.end {
		return nil, false
	}
	line := l.buf[l.start:l.end]
	l.start, l.unended = l.end, true
	l.n++
	return bytes.TrimSuffix(line, []byte{'\r'}), true
}

func (l *lines) index(p []byte) int {
	if l.cr {
		return bytes.IndexAny(p, "\r\n")
	}
	return bytes.IndexByte(p, '\n')
}

// long gives the beginning of a line without end and passes over the rest of it.
func (l *lines) long() []byte {
	line := append([]byte(nil), l.buf[l.start:l.start+maxLine]...)
	l.start, l.cut = l.start+maxLine, true
	l.n++
	for {
		if i := l.index(l.buf[l.start:l.end]); i >= 0 {
			l.start += i + 1
			return line
		}
		l.start = l.end
		if !l.fill() {
			return line
		}
	}
}

// raw gives the next n bytes whatever they are, at most maxLine of them, and passes over
// the rest.
func (l *lines) raw(n int64) []byte {
	var out []byte
	for n > 0 {
		if l.start == l.end && !l.fill() {
			return out
		}
		take := int(min(n, int64(l.end-l.start)))
		if room := maxLine - len(out); room > 0 {
			out = append(out, l.buf[l.start:l.start+min(take, room)]...)
		}
		l.start += take
		n -= int64(take)
	}
	return out
}

// failed is what ended the stream, where that was no proper end.
func (l *lines) failed() error {
	if l.err == nil || errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}
