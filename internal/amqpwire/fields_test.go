package amqpwire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// The first fields of what was cut behind them are read all the same.
func TestFieldsOfABeginning(t *testing.T) {
	t.Parallel()
	open := Open("me", "hub")[FrameHeader:]
	for cut, want := range map[int]string{len(open): "me hub 65536", len(open) - 1: "me hub bad",
		len(open) - 5: "me hub bad", len(open) - 6: "me bad", 14: "bad", 11: "no start"} {
		code, f, err := Start(open[:cut])
		got := "no start"
		if err == nil {
			if code != CodeOpen {
				t.Errorf("cut to %d: code %#x", cut, code)
			}
			got = told(f)
		}
		if got != want {
			t.Errorf("cut to %d: %s, want %s", cut, got, want)
		}
	}
}

// told is what an OPEN's first three fields say.
func told(f *Fields) string {
	var out []string
	for range 2 {
		s, _ := f.Next().(string)
		if f.Err() != nil {
			return strings.TrimSpace(strings.Join(out, " ") + " bad")
		}
		out = append(out, s)
	}
	n, _ := f.Uint()
	if f.Err() != nil {
		return strings.Join(out, " ") + " bad"
	}
	return fmt.Sprint(strings.Join(out, " "), " ", n)
}

func TestFieldsOfOtherTypes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, list string
		read       func(f *Fields) string
		want       string
		bad        bool
	}{
		{"numbers of each width", "\xc0\x0c\x04\x43\x52\x07\x60\x01\x02\x70\x00\x01\x00\x00", numbers(4),
			"0 7 258 65536", false},
		{"an absent number", "\xc0\x02\x01\x40", numbers(1), "-", false},
		{"beyond the list's end", "\x45", numbers(2), "- -", false},
		{"a number of 64 bits", "\xc0\x0a\x01\x80\x00\x00\x00\x01\x00\x00\x00\x00", numbers(1), "-", true},
		{"a text for a number", "\xc0\x04\x01\xa1\x01x", numbers(1), "-", true},
		{"truths", "\xc0\x06\x05\x41\x42\x56\x01\x40", truths(4), "true false true false", false},
		{"any byte but zero is true", "\xc0\x03\x01\x56\x02", truths(1), "true", false},
		{"a number for a truth", "\xc0\x03\x01\x52\x01", truths(1), "false", true},
		{"nothing after a fault", "\xc0\x05\x02\xff\x52\x01", numbers(2), "- -", true},
		{"skipped", "\xc0\x04\x03\x43\x40\x52\x05", func(f *Fields) string { f.Skip(2); return numbers(1)(f) }, "5",
			false},
	} {
		_, f, err := Start([]byte("\x00\x53\x14" + row.list))
		if err != nil {
			t.Fatal(row.name, err)
		}
		if got := row.read(f); got != row.want || (f.Err() != nil) != row.bad ||
			row.bad && !errors.Is(f.Err(), ErrMalformed) {
			t.Errorf("%s: %s, %v", row.name, got, f.Err())
		}
	}
}

func numbers(n int) func(*Fields) string {
	return func(f *Fields) string {
		var out []string
		for range n {
			s := "-"
			if v, there := f.Uint(); there {
				s = fmt.Sprint(v)
			}
			out = append(out, s)
		}
		return strings.Join(out, " ")
	}
}

func truths(n int) func(*Fields) string {
	return func(f *Fields) string {
		var out []string
		for range n {
			out = append(out, fmt.Sprint(f.Bool()))
		}
		return strings.Join(out, " ")
	}
}

func TestNoStart(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "\x00", "\x01\x53\x10\x45", "\x00\x41\x45", "\x00\x53\x10", "\x00\x53\x10\x41",
		"\x00\x53\x10\xc1\x01\x00", "\x00\x53\x10\xc0\x00", "\x00\x53\x10\xc0\x01",
		"\x00\x53\x10\xd0\x00\x00\x00\x03\x00\x00\x00\x00"} {
		if code, _, err := Start([]byte(bad)); !errors.Is(err, ErrMalformed) || code != 0 {
			t.Errorf("%x starts %#x, %v", bad, code, err)
		}
	}
	for p, good := range map[string]bool{"\x00\x01\x00\x00\x02": false, "\x00\x01\x00\x00\x02\x00\x00\x00": true,
		"\x00\x01\x00\x01\x02\x00\x00\x00": false} {
		if _, err := ParseHeader([]byte(p)); (err == nil) != good {
			t.Errorf("header %x: %v", p, err)
		}
	}
}

// FuzzFields: whoever reads field by field reads what the whole holds, and never more of
// them than bytes came.
func FuzzFields(f *testing.F) {
	f.Add([]byte("\x00\x53\x14\xc0\x06\x02\x43\x52\x07\x41"))
	f.Add(Open("me", "hub")[FrameHeader:])
	f.Fuzz(func(t *testing.T, p []byte) {
		whole, err := Parse(p)
		if len(p) == 0 || err != nil {
			return
		}
		code, each, err := Start(p)
		if err != nil || code != whole.Code || len(whole.fields) > len(p) {
			t.Fatalf("%#x, %v, %d fields", code, err, len(whole.fields))
		}
		for i := range len(whole.fields) {
			if got, want := fmt.Sprintf("%#v", each.Next()), fmt.Sprintf("%#v", whole.Field(i)); got != want {
				t.Errorf("field %d is %s, want %s", i, got, want)
			}
		}
		if each.Err() != nil || each.Next() != nil {
			t.Errorf("%v after all fields", each.Err())
		}
	})
}
