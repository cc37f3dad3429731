package amqpwire

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"edgenet/internal/neterr"
	"edgenet/internal/verify/testkit"
)

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	f()
	runtime.ReadMemStats(&b)
	return b.TotalAlloc - a.TotalAlloc
}

var frames = []string{
	"\x00\x00\x00\x19\x02\x01\x00\x00\x00\x53\x40\xc0\x0c\x01\xa3\x09ANONYMOUS",
	"\x00\x00\x00\x3c\x02\x01\x00\x00\x00S\x40\xc0\x2f\x01\xf0\x00\x00\x00\x29\x00\x00\x00\x03\xb3\x00\x00\x00\x08EXTERNAL\x00\x00\x00\x07MSSBCBS\x00\x00\x00\x09ANONYMOUS",
	"\x00\x00\x00\x10\x02\x01\x00\x00\x00\x53\x44\xc0\x03\x01\x50\x00",
	"\x00\x00\x00\x08\x02\x00\x00\x00",
	"\x00\x00\x00\x2e\x02\x00\x00\x00\x00\x53\x18\xc0\x21\x01\x00\x53\x1d\xc0\x1b\x02\xa3\x10amqp:not-allowed\xa1\x06nobody",
	"\x00\x00\x00\x1d\x02\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x10\xd0\x00\x00\x00\x06\x00\x00\x00\x02\x40A",
	"\xff\xff\xff\xff\x02\x00\x00\x00",
	"\x00\x00\x00\x14\x02\x01\x00\x00\x00\x53\x40\xf0\x00\x00\x00\x05\x7f\xff\xff\xff\x40",
}

func FuzzFrame(f *testing.F) {
	for _, s := range frames {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		var x Performative
		var err error
		n := allocated(func() { x, err = Read(bytes.NewReader(p)) })
		if n > 64<<10+4<<20 { // what others allocate beside is in it
			t.Errorf("%d bytes for %d", n, len(p))
		}
		if err != nil {
			testkit.Printable(t, neterr.Text(err))
			return
		}
		condition, description, _ := x.Problem()
		testkit.Printable(t, append(x.Mechanisms(), x.Text(0), x.Text(1), condition, description)...)
		x.Number(2)
	})
}

func FuzzValue(f *testing.F) {
	for _, s := range frames {
		if len(s) > 8 {
			f.Add([]byte(s[8:]))
		}
	}
	f.Add(bytes.Repeat([]byte{0xc0, 0xff, 1}, 50))
	f.Add(bytes.Repeat([]byte{0}, 50))
	f.Fuzz(func(t *testing.T, p []byte) {
		d := &decoder{rest: p}
		d.value(0)
		if d.count > maxElements+1 && d.err == nil {
			t.Errorf("%d values", d.count)
		}
		if _, err := Parse(p); err != nil {
			testkit.Printable(t, neterr.Text(err))
		}
	})
}

// TestFrameMemory: a frame that claims much costs no more than what may be one.
func TestFrameMemory(t *testing.T) {
	for name, p := range map[string][]byte{
		"a count of 2^31": append([]byte(
			"\x00\x01\x00\x00\x02\x01\x00\x00\x00\x53\x40\xf0\x00\x00\xff\xf0\x7f\xff\xff\xff\x40"),
			make([]byte, 1<<16)...),
		"a size of 4 GiB": []byte("\xff\xff\xff\xff\x02\x01\x00\x00"),
		"nested lists": append([]byte("\x00\x00\x10\x00\x02\x01\x00\x00"),
			bytes.Repeat([]byte("\xd0\x00\x00\x0f\x00\x00\x00\x00\x01"), 455)...),
	} {
		var err error
		if n := allocated(func() { _, err = Read(bytes.NewReader(p)) }); n > 512<<10 {
			t.Errorf("%s: %d bytes", name, n)
		}
		if err == nil {
			t.Errorf("%s is a frame", name)
		}
	}
}

// TestDecoder: every width of the specification's table, and what is past its end.
func TestDecoder(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]any{
		"\x40": nil, "\x41": true, "\x42": false, "\x43": uint64(0), "\x44": uint64(0), "\x56\x01": true,
		"\x56\x00": false,
		"\x50\x07": uint64(7), "\x52\x07": uint64(7), "\x53\x07": uint64(7), "\x60\x01\x02": uint64(258),
		"\x70\x01\x00\x00\x02":                 uint64(1<<24 + 2),
		"\x80\x01\x00\x00\x00\x00\x00\x00\x02": uint64(1<<56 + 2), "\xa1\x02hi": "hi", "\xa3\x02hi": "hi",
		"\xb1\x00\x00\x00\x02hi": "hi", "\xb3\x00\x00\x00\x02hi": "hi",
	} {
		d := &decoder{rest: []byte(in + "\x41")}
		if got := d.value(0); got != want || d.err != nil || len(d.rest) != 1 {
			t.Errorf("%x: %v, %v, %d left", in, got, d.err, len(d.rest))
		}
	}
	for in, left := range map[string]int{
		"\x51\x01": 0, "\x54\x01": 0, "\x55\x01": 0, "\x61\x01\x02": 0, "\x71\x01\x02\x03\x04": 0,
		"\x72\x01\x02\x03\x04": 0, "\x81\x01\x02\x03\x04\x05\x06\x07\x08": 0,
		"\x98" + strings.Repeat("u", 16): 0, "\xa0\x02xy": 0, "\xb0\x00\x00\x00\x02xy": 0, "\x45": 0, "\xc0\x01\x00": 0,
		"\xc1\x05\x02\x41\x42\x00\x00": 0, "\xd1\x00\x00\x00\x06\x00\x00\x00\x02\x41\x42": 0,
		"\xe0\x04\x02\x50\x01\x02": 0, "\xf0\x00\x00\x00\x07\x00\x00\x00\x02\x50\x01\x02": 0, "\x00\x41\x42": 0,
	} {
		d := &decoder{rest: []byte(in)}
		if d.value(0); d.err != nil || len(d.rest) != left {
			t.Errorf("%x: %v, %d left", in, d.err, len(d.rest))
		}
	}
	for _, in := range []string{"", "\x50", "\x60\x01", "\x70\x01\x02\x03", "\x80\x01", "\xa1\x03hi",
		"\xb1\x00\x00\x00\x03hi", "\xb1\xff\xff\xff\xff", "\x98short", "\x10", "\x20", "\x30", "\xff", "\xc0\x00",
		"\xc0\x03\x01",
		"\xc0\x01\x01", "\xd0\x00\x00\x00\x03\x00\x00\x00", "\xe0\x01\x00", "\xe0\x02\x01\x00", "\xe0\x03\x02\x50\x01",
		"\xf0\x00\x00\x00\x04\x00\x00\x00\x01", "\x00", "\x00\x41", strings.Repeat("\x00", 20), "\xe0\x02\x01\x10"} {
		d := &decoder{rest: []byte(in)}
		if v := d.value(0); d.err == nil {
			t.Errorf("%x is %v", in, v)
		}
	}
	deep := func(n int) []byte { // described values: each is one level deeper
		return append(bytes.Repeat([]byte{0, 0x41}, n), 0x41)
	}
	for n, good := range map[int]bool{maxDepth: true, maxDepth + 1: false} {
		d := &decoder{rest: deep(n)}
		if d.value(0); (d.err == nil) != good {
			t.Errorf("depth %d: %v", n, d.err)
		}
	}
	many := func(n int) []byte {
		b := binary.BigEndian.AppendUint32([]byte{0xd0}, uint32(n+4))
		return append(binary.BigEndian.AppendUint32(b, uint32(n)), bytes.Repeat([]byte{0x41}, n)...)
	}
	array := func(n int) []byte {
		b := binary.BigEndian.AppendUint32([]byte{0xf0}, uint32(n+5))
		return append(append(binary.BigEndian.AppendUint32(b, uint32(n)), 0x50), bytes.Repeat([]byte{1}, n)...)
	}
	for n, good := range map[int]bool{maxElements - 1: true, maxElements: false} { // the list itself counts
		for _, b := range [][]byte{many(n), array(n)} {
			d := &decoder{rest: b}
			if d.value(0); (d.err == nil) != good {
				t.Errorf("%d values: %v", n, d.err)
			}
		}
	}
}

// TestFrames: what the greeting reads out of them.
func TestFrames(t *testing.T) {
	t.Parallel()
	read := func(s string) Performative {
		t.Helper()
		f, err := Read(strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := read(frames[1]); f.Code != CodeSASLMechanisms ||
		strings.Join(f.Mechanisms(), " ") != "EXTERNAL MSSBCBS ANONYMOUS" {
		t.Errorf("%+v", f)
	}
	if f := read(frames[0]); f.Code != CodeSASLMechanisms || strings.Join(f.Mechanisms(), " ") != "ANONYMOUS" {
		t.Errorf("%+v", f)
	}
	if f := read(frames[3]); f.Code != 0 || f.fields != nil || f.Field(0) != nil {
		t.Errorf("%+v", f)
	}
	condition, description, ok := read(frames[4]).Problem()
	if condition != "amqp:not-allowed" || description != "nobody" || !ok {
		t.Error(condition, description, ok)
	}
	if _, _, ok := read(frames[2]).Problem(); ok {
		t.Error("an outcome is no problem")
	}
	if f := read("\x00\x00\x00\x14\x03\x00\x00\x00skip\x00\x53\x44\xc0\x03\x01\x50\x02"); f.Code != CodeSASLOutcome {
		t.Errorf("an extended header: %+v", f)
	} else if n, ok := f.Number(0); n != 2 || !ok {
		t.Errorf("outcome %d", n)
	}
	if n, ok := read(frames[0]).Number(0); ok {
		t.Errorf("a symbol is the number %d", n)
	}
	many := Performative{fields: []any{make([]any, 0)}}
	for range 20 {
		many.fields[0] = append(many.fields[0].([]any), "X", uint64(1))
	}
	if n := len(many.Mechanisms()); n != 16 {
		t.Errorf("%d mechanisms", n)
	}
	for _, bad := range []string{"\x00\x00\x00\x07\x02\x00\x00\x00", "\x00\x00\x00\x08\x01\x00\x00\x00",
		"\x00\x00\x00\x08\x03\x00\x00\x00", "\x00\x01\x00\x01\x02\x00\x00\x00", "\x00\x00\x00\x09\x02\x00\x00\x00\x41",
		"\x00\x00\x00\x0b\x02\x00\x00\x00\x00\x41\x42", "\x00\x00\x00\x09\x02\x00\x00\x00\xff"} {
		if f, err := Read(strings.NewReader(bad + strings.Repeat("\x00", 1<<17))); err == nil {
			t.Errorf("%x is the frame %+v", bad, f)
		}
	}
	for _, short := range []string{"", "\x00\x00", "\x00\x00\x00\x0a\x02\x00\x00\x00\x00"} {
		if _, err := Read(strings.NewReader(short)); err != io.EOF &&
			err != io.ErrUnexpectedEOF { //nolint:errorlint // bare
			t.Errorf("%x: %v", short, err)
		}
	}
}

// TestWhatIsSent, byte by byte.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]string{
		"sasl-init": {string(SASLInit()), "\x00\x00\x00\x1f\x02\x01\x00\x00\x00\x53\x41\xd0\x00\x00\x00\x0f\x00\x00\x00\x01\xa3\x09ANONYMOUS"},
		"open": {string(Open("me", "hub")),
			"\x00\x00\x00\x22\x02\x00\x00\x00\x00\x53\x10\xd0\x00\x00\x00\x12\x00\x00\x00\x03\xa1\x02me\xa1\x03hub\x70\x00\x01\x00\x00"},
		"close": {string(Close()), "\x00\x00\x00\x14\x02\x00\x00\x00\x00\x53\x18\xd0\x00\x00\x00\x04\x00\x00\x00\x00"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %x\nwant %x", name, pair[0], pair[1])
		}
	}
	if s := str8(0xa1, strings.Repeat("x", 300)); len(s) != 257 || s[1] != 255 {
		t.Errorf("%d bytes", len(s))
	}
}
