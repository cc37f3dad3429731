package service

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
)

// MaxRow bounds one row: twins are at most some 72 KB, and people add to them.
const MaxRow = 1 << 20

// RowError says where rows stop being readable.
type RowError struct {
	Row  int   // from 1
	At   int64 // byte of the input
	Says string
}

func (e *RowError) Error() string {
	return fmt.Sprintf("row %d, byte %d: %s", e.Row, e.At, e.Says)
}

// Rows hands every row of a stream to each, one after the other, in constant memory. It
// reads what the hub answers and what people keep of it: a JSON array, several of them, an
// object that holds one as items or value, and JSON lines; UTF-16, as PowerShell writes
// files, too. The row is each's only until it returns.
func Rows(in io.Reader, each func(row []byte) error) error {
	r := &rowReader{in: bufio.NewReaderSize(in, 64<<10), each: each}
	if head, _ := r.in.Peek(2); len(head) == 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe &&
		head[1] == 0xff) {
		r.in = bufio.NewReaderSize(&utf16Reader{in: r.in}, 64<<10)
	}
	if head, _ := r.in.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = r.in.Discard(3)
	}
	return r.all()
}

type rowReader struct {
	in   *bufio.Reader
	each func([]byte) error
	row  []byte
	n    int
	at   int64
}

func (r *rowReader) fail(says string) error { return &RowError{r.n + 1, r.at, says} }

// all reads one value after the other until the end.
func (r *rowReader) all() error {
	for {
		c, err := r.skip(" \t\r\n,")
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case c == '[':
			err = r.array()
		case c == '{' && r.wrapper():
			err = r.array()
			if err == nil {
				err = r.rest()
			}
		case c == '{':
			err = r.object()
		default:
			return r.fail("expected a JSON array of rows, or a row a line")
		}
		if err != nil {
			return err
		}
	}
}

// skip gives the next byte that is none of those, unread if it begins an object.
func (r *rowReader) skip(set string) (byte, error) {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return 0, err
		}
		r.at++
		if bytes.IndexByte([]byte(set), c) < 0 {
			if c == '{' {
				r.at--
				return c, r.in.UnreadByte()
			}
			return c, nil
		}
	}
}

// array reads rows up to the bracket that closes.
func (r *rowReader) array() error {
	for {
		c, err := r.skip(" \t\r\n,")
		switch {
		case errors.Is(err, io.EOF):
			return r.fail("the end comes before the array's: the file is cut")
		case err != nil:
			return err
		case c == ']':
			return nil
		case c == '{':
			err = r.object()
		default:
			return r.fail("expected an object, which a row is")
		}
		if err != nil {
			return err
		}
	}
}

// object collects one object by its braces, outside of strings, and hands it on.
func (r *rowReader) object() error {
	r.row = r.row[:0]
	depth, inside := 0, false
	for {
		chunk, err := r.in.Peek(max(r.in.Buffered(), 1))
		if len(chunk) == 0 {
			if errors.Is(err, io.EOF) {
				return r.fail("the end comes in the middle of a row: the file is cut")
			}
			return err
		}
		used, done := len(chunk), false
		for i := 0; i < len(chunk) && !done; i++ {
			switch c := chunk[i]; {
			case inside && c == '\\':
				if i+1 == len(chunk) { // what it escapes comes with the next chunk
					used = i
					i = len(chunk)
					break
				}
				i++
			case c == '"':
				inside = !inside
			case inside:
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					used, done = i+1, true
				}
			}
		}
		if used == 0 { // a lone backslash: read it with what follows
			if chunk, _ = r.in.Peek(2); len(chunk) < 2 { // its error comes again
				return r.fail("the end comes in the middle of a row: the file is cut")
			}
			used = 2
		}
		if len(r.row)+used > MaxRow {
			return r.fail(fmt.Sprintf("a row of more than %d bytes", MaxRow))
		}
		r.row = append(r.row, chunk[:used]...)
		_, _ = r.in.Discard(used)
		r.at += int64(used)
		if done {
			if err := r.each(r.row); err != nil {
				return err
			}
			r.n++
			return nil
		}
	}
}

// wrapper tells whether an object holds the rows as items or value, and if so goes to
// behind the bracket that opens them. It looks at what is in the buffer alone.
func (r *rowReader) wrapper() bool {
	head, _ := r.in.Peek(4096)
	at := wrapped(head)
	if at == 0 {
		return false
	}
	_, _ = r.in.Discard(at)
	r.at += int64(at)
	return true
}

// wrapped gives how far it is to behind the bracket, 0 where there is none. Keys with
// plain values may stand before.
func wrapped(head []byte) int {
	key, depth := "", 0
	for i := 0; i < len(head); i++ {
		switch c := head[i]; c {
		case '"':
			end := i + 1
			for end < len(head) && head[end] != '"' {
				if head[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(head) {
				return 0
			}
			rest := bytes.TrimLeft(head[end+1:], " \t\r\n")
			if len(rest) > 0 && rest[0] == ':' {
				key = string(head[i+1 : end])
			}
			i = end
		case '{':
			if depth++; depth > 1 {
				return 0
			}
		case '[':
			if key == "items" || key == "value" {
				return i + 1
			}
			return 0
		case '}':
			return 0
		}
	}
	return 0
}

// rest skips what a wrapping object holds behind its rows.
func (r *rowReader) rest() error {
	depth, inside := 1, false
	for depth > 0 {
		c, err := r.in.ReadByte()
		if err != nil {
			return r.fail("the end comes before that of the object around the rows: the file is cut")
		}
		r.at++
		switch {
		case inside && c == '\\':
			_, _ = r.in.ReadByte()
			r.at++
		case c == '"':
			inside = !inside
		case inside:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// utf16Reader turns UTF-16 with a byte order mark into UTF-8.
type utf16Reader struct {
	in   *bufio.Reader
	big  bool
	seen bool
	out  []byte
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		c, err := u.unit()
		if err != nil {
			return 0, err
		}
		if !u.seen {
			u.seen = true
			u.big = c == 0xfffe // it was read as little-endian
			continue
		}
		r := rune(c)
		if utf16.IsSurrogate(r) {
			low, err := u.unit()
			if err != nil {
				return 0, err
			}
			r = utf16.DecodeRune(r, rune(low))
		}
		u.out = append(u.out[:0], string(r)...)
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) unit() (uint16, error) {
	a, err := u.in.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.in.ReadByte()
	if err != nil {
		return 0, io.EOF
	}
	if u.big {
		a, b = b, a
	}
	return uint16(a) | uint16(b)<<8, nil
}
