package record

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrBinary is what is no text at all.
var ErrBinary = errors.New("not a text")

// decoded takes off what stands below the lines: UTF-16, marks of byte order, the frames
// in which an engine's API sends what a container writes.
func decoded(r io.Reader) (io.Reader, string, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(4096)
	if err != nil && len(head) == 0 && !errors.Is(err, io.EOF) {
		return nil, "", err // else it comes again, behind what there is
	}
	switch {
	case len(head) >= 3 && string(head[:3]) == "\xef\xbb\xbf":
		_, _ = b.Discard(3) // it was peeked
		return b, "", nil
	case len(head) >= 2 && head[0] == 0xff && head[1] == 0xfe:
		_, _ = b.Discard(2) // it was peeked
		return &utf16Reader{r: b, order: binary.LittleEndian}, "utf-16", nil
	case len(head) >= 2 && head[0] == 0xfe && head[1] == 0xff:
		_, _ = b.Discard(2) // it was peeked
		return &utf16Reader{r: b, order: binary.BigEndian}, "utf-16", nil
	case isFrame(head):
		return &frameReader{r: b}, "docker-stream", nil
	}
	odd, even := nulls(head)
	switch {
	case len(head) >= 16 && odd*2 > len(head)/2 && even == 0:
		return &utf16Reader{r: b, order: binary.LittleEndian}, "utf-16", nil
	case len(head) >= 16 && even*2 > len(head)/2 && odd == 0:
		return &utf16Reader{r: b, order: binary.BigEndian}, "utf-16", nil
	case unprintable(head)*10 > len(head):
		return nil, "", fmt.Errorf("%w: %d of its first %d bytes are no characters", ErrBinary,
			unprintable(head), len(head))
	}
	return b, "", nil
}

func nulls(p []byte) (odd, even int) {
	for i, c := range p {
		if c == 0 && i%2 == 1 {
			odd++
		} else if c == 0 {
			even++
		}
	}
	return odd, even
}

func unprintable(p []byte) (n int) {
	for _, c := range p {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != 0x1b && c != 0x1e {
			n++
		}
	}
	return n
}

// utf16Reader turns UTF-16 into UTF-8.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	out   [4]byte
	left  []byte
}

func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.left) > 0 {
			c := copy(p[n:], u.left)
			n, u.left = n+c, u.left[c:]
			continue
		}
		r, err := u.char()
		if err != nil {
			if n > 0 {
				err = nil
			}
			return n, err
		}
		u.left = u.out[:utf8.EncodeRune(u.out[:], r)]
	}
	return n, nil
}

func (u *utf16Reader) char() (rune, error) {
	first, err := u.unit()
	if err != nil || !utf16.IsSurrogate(rune(first)) {
		return rune(first), err
	}
	second, err := u.unit()
	if err != nil {
		return utf8.RuneError, nil //nolint:nilerr // the end comes with the next one
	}
	return utf16.DecodeRune(rune(first), rune(second)), nil
}

func (u *utf16Reader) unit() (uint16, error) {
	var b [2]byte
	for i := range b {
		c, err := u.r.ReadByte()
		if err != nil {
			return 0, err
		}
		b[i] = c
	}
	return u.order.Uint16(b[:]), nil
}

// isFrame tells whether it begins as a frame of a container's output: which stream, three
// zeros, a length.
func isFrame(p []byte) bool {
	return len(p) >= 8 && p[0] <= 2 && p[1] == 0 && p[2] == 0 && p[3] == 0 && binary.BigEndian.Uint32(p[4:]) < 1<<24
}

// frameReader gives what the frames hold. From where no frame is it gives the bytes as
// they are.
type frameReader struct {
	r     *bufio.Reader
	left  int64
	plain bool
}

func (f *frameReader) Read(p []byte) (int, error) {
	for f.left == 0 && !f.plain {
		head, err := f.r.Peek(8)
		if len(head) == 0 {
			return 0, err
		}
		if !isFrame(head) {
			f.plain = true
			break
		}
		f.left = int64(binary.BigEndian.Uint32(head[4:]))
		_, _ = f.r.Discard(8) // it was peeked
	}
	if f.plain {
		return f.r.Read(p)
	}
	n, err := f.r.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	return n, err
}
