package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"", 0, ""},
		{"plain", 0, "plain"},
		{"  a \t\r\n b  ", 0, "a b"},
		{"\x1b[31mred\x1b]0;title\x07", 0, "·[31mred·]0;title·"},
		{"a\u202eb\u200bc\u00adfeff\ufeff", 0, "a·b·c·feff·"},
		{"\u009b31m", 0, "·31m"},
		{"a\u00a0b\u2028c", 0, "a b c"},
		{"bad\xff\xfe", 0, "bad··"},
		{"z\u0301\u0489", 0, "z··"},
		{"\u3164\u2800", 0, "··"},
		{"日本", 0, "日本"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abc…"},
		{"日本語", 8, "日…"},
		{"abcd", 3, "…"},
		{"abcd", 1, ""},
		{strings.Repeat("x", 300), 0, strings.Repeat("x", 197) + "…"},
	} {
		if got := Clean(c.in, c.max); got != c.want {
			t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

func TestCleanBytes(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"HTTP/1.1 200 OK\r\n", 0, `HTTP/1.1 200 OK\r\n`},
		{"\x16\x03\x01\x1b\\\x7f\xff", 0, `\x16\x03\x01\x1b\x5c\x7f\xff`},
		{strings.Repeat("a", 100), 0, strings.Repeat("a", 64)},
		{"abc", 2, "ab"},
	} {
		if got := CleanBytes([]byte(c.in), c.max); got != c.want {
			t.Errorf("CleanBytes(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

// fit fails the test unless s can go to a terminal as it is.
func fit(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("invalid UTF-8: %q", s)
	}
	for _, r := range s {
		if r != ' ' && !unicode.IsPrint(r) || unicode.In(r, unicode.Bidi_Control, unicode.Mn, unicode.Me, unicode.Cf) {
			t.Errorf("%U in %q", r, s)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[2J\u202e\xff日本", 7)
	f.Add(strings.Repeat(" ", 5000)+"x", 3)
	f.Fuzz(func(t *testing.T, s string, max int) {
		max %= 2000
		got := Clean(s, max)
		fit(t, got)
		limit := max
		if limit <= 0 {
			limit = 200
		}
		if len(got) > limit {
			t.Errorf("%d bytes, limit %d", len(got), limit)
		}
		if again := Clean(got, max); again != got {
			t.Errorf("cleaning %q again gives %q", got, again)
		}
	})
}

func TestFirstLine(t *testing.T) {
	for in, want := range map[string]string{
		"HTTP/1.1 400 Bad\r\nServer: x\r\n": "HTTP/1.1 400 Bad", "\n\r\n <html>\n": "<html>", "one": "one", "": "",
		"\r\n": "", `C:\new\reg`: `C:\x5cnew\x5creg`, "\x1b[2J\nx": `\x1b[2J`,
	} {
		if got := FirstLine(CleanBytes([]byte(in), 0)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanBytes(f *testing.F) {
	f.Add([]byte("\x15\x03\x01\r\n\x1b[m"), 0)
	f.Fuzz(func(t *testing.T, p []byte, max int) {
		max %= 2000
		got := CleanBytes(p, max)
		fit(t, got)
		limit := max
		if limit <= 0 {
			limit = 64
		}
		if len(got) > 4*limit {
			t.Errorf("%d bytes, limit %d", len(got), 4*limit)
		}
	})
}
