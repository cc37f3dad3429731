package service

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func read(text string) (string, error) {
	var got []string
	err := Rows(iotest.OneByteReader(strings.NewReader(text)), func(row []byte) error {
		if !json.Valid(row) {
			return errors.New("no JSON: " + string(row))
		}
		got = append(got, string(row))
		return nil
	})
	return strings.Join(got, "|"), err
}

// wide writes a text as PowerShell does.
func wide(text string, big bool) string {
	var out []byte
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

// TestRows has a row for every form in which people keep rows.
func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want, bad string }{
		{"an array", `[{"a":1},{"b":"]}\"["}]`, `{"a":1}|{"b":"]}\"["}`, ""},
		{"an array over lines", "[\n  {\n\"a\":[{}]}\n,{}\n]\n", "{\n\"a\":[{}]}|{}", ""},
		{"lines", "{\"a\":1}\n{\"b\":2}\r\n\n{}", `{"a":1}|{"b":2}|{}`, ""},
		{"items", `{"items":[{"a":1},{"b":2}],"x":{"y":["}"]}}`, `{"a":1}|{"b":2}`, ""},
		{"items last", `{"continuationToken":"a\"b","count":2,"items": [ {"a":1} ]}`, `{"a":1}`, ""},
		{"value", `{"value":[{"a":1}]}`, `{"a":1}`, ""},
		{"several arrays", "[{\"a\":1}]\n[{\"b\":2}]", `{"a":1}|{"b":2}`, ""},
		{"a row that looks like a wrapper inside", `[{"x":{"items":[1]}}]`, `{"x":{"items":[1]}}`, ""},
		{"a byte order mark", "\xef\xbb\xbf[{}]", "{}", ""},
		{"UTF-16", wide(`[{"a":"é😀"}]`, false), `{"a":"é😀"}`, ""},
		{"UTF-16 the other way", wide(`[{"a":"é😀"}]`, true), `{"a":"é😀"}`, ""},
		{"backslashes", `[{"a":"\\\\\""},{"b":"\\"}]`, `{"a":"\\\\\""}|{"b":"\\"}`, ""},
		{"nothing", "", "", ""},
		{"an empty array", "[]", "", ""},
		{"cut in a row", `[{"a":1},{"b":`, `{"a":1}`, "row 2"},
		{"cut in an escape", `[{"a":"\`, "", "row 1"},
		{"cut behind a row", `[{"a":1}`, `{"a":1}`, "row 2"},
		{"cut behind items", `{"items":[{"a":1}]`, `{"a":1}`, "row 2"},
		{"numbers", `[1,2]`, "", "row 1"},
		{"a text", "hello", "", "row 1"},
	} {
		got, err := read(c.text)
		var at *RowError
		if got != c.want || c.bad == "" && err != nil || c.bad != "" && (!errors.As(err, &at) ||
			!strings.HasPrefix(err.Error(), c.bad)) {
			t.Errorf("%s: %q, %v; want %q, %q", c.name, got, err, c.want, c.bad)
		}
	}
	long := `[{"a":"` + strings.Repeat("x", MaxRow) + `"}]`
	if err := Rows(strings.NewReader(long), func([]byte) error { return nil }); err == nil {
		t.Error("a row of any length is taken")
	}
	broken := errors.New("broken")
	if err := Rows(io.MultiReader(strings.NewReader(`[{"a":`), iotest.ErrReader(broken)),
		func([]byte) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("a reader's own error: %v", err)
	}
}

// FuzzRows: what is handed on is what stands there, whatever the chunks.
func FuzzRows(f *testing.F) {
	for _, s := range []string{`[{"a":1}]`, `{"items":[{}]}`, "{}\n{}", `[{"a":"\\"}]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		collect := func(in io.Reader) string {
			var b strings.Builder
			err := Rows(in, func(row []byte) error {
				b.Write(row)
				b.WriteByte(0)
				return nil
			})
			if err != nil {
				b.WriteString("!")
			}
			return b.String()
		}
		if a, b := collect(strings.NewReader(text)), collect(iotest.OneByteReader(strings.NewReader(text))); a != b {
			t.Errorf("%q in one piece, %q byte by byte", a, b)
		}
	})
}
