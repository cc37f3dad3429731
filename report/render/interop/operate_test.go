//go:build interop

package interop

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/verify/blackbox"
)

// TestBrowserOperates uses the pages in Chromium as somebody would: copies with the buttons and
// pastes, with the clipboard interface and without it, filters by typing, and goes through
// everything by keyboard alone.
func TestBrowserOperates(t *testing.T) {
	blackbox.Need(t, "chromium")
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	// a page in which nothing does what it says shows that the checks see it
	bad := filepath.Join(t.TempDir(), "bad.html")
	text := `<!DOCTYPE html><title>bad</title><style>a:focus { outline: none }</style><pre id="x">text</pre>
<button data-copy="x">Copied</button><a href="#y" class="cell">a</a><button tabindex="-1">never</button>`
	if err := os.WriteFile(bad, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, file := range pages(t) { // one of each kind: the others have the same parts
		switch filepath.Base(file) {
		case "all-ok.html", "nothing.html", "mismatch.html", "markup.html", "ticket.html", "empty.html":
			files = append(files, file)
		}
	}
	if len(files) != 6 {
		t.Fatalf("%v", files)
	}
	out, err := node(t, "operate.mjs", append([]string{chromium, bad}, files...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(files)+1 {
		t.Fatalf("%d pages were used, want %d", len(lines), len(files)+1)
	}
	copied, filtered, cells := 0, 0, 0
	for i, line := range lines {
		var said struct {
			File                             string
			Console, Copy, Filter, Keyboard  []any
			Copied, Filtered, Reached, Cells int
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if len(said.Copy) != 2 || len(said.Keyboard) < 3 {
				t.Errorf("the checks are blind: %s", line)
			}
			continue
		}
		if len(said.Console)+len(said.Copy)+len(said.Filter)+len(said.Keyboard) > 0 {
			t.Errorf("%s", line)
		}
		copied, filtered, cells = copied+said.Copied, filtered+said.Filtered, cells+said.Cells
	}
	if copied < 6 || filtered < 3 || cells < 15 {
		t.Errorf("%d buttons, %d filters and %d cells were used", copied, filtered, cells)
	}
}
