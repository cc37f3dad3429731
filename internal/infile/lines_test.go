package infile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := strings.Repeat("x", 200<<10)
	for _, row := range []struct {
		name, text string
		limit      int64
		want       []string
		last       bool // the last one is whole
		says       string
	}{
		{"three", "a\n\nb\r\n c \n", 0, []string{"a", "b", "c"}, true, ""},
		{"cut", "a\nb", 0, []string{"a", "b"}, false, ""},
		{"mark", "\xef\xbb\xbfa\n", 0, []string{"a"}, true, ""},
		{"long", "a\n" + long + "\nc\n", 0, []string{"a", long, "c"}, true, ""},
		{"too long", "a\n" + long + "\n", 100 << 10, []string{"a"}, true, "line 2: larger than 100 KiB"},
		{"empty", "", 0, nil, false, ""},
	} {
		path := filepath.Join(dir, row.name)
		if err := os.WriteFile(path, []byte(row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var got []string
		last := false
		err := Reader{Limit: row.limit}.Lines(t.Context(), path, func(_ int, line []byte, whole bool) error {
			got, last = append(got, string(line)), whole
			return nil
		})
		if strings.Join(got, "|") != strings.Join(row.want, "|") || last != row.last {
			t.Errorf("%s: %d lines, whole %v", row.name, len(got), last)
		}
		if row.says == "" && err != nil || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	if err := (Reader{}).Lines(t.Context(), filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := (Reader{}).Lines(t.Context(), dir, nil); err == nil {
		t.Error("a folder was read")
	}
}
