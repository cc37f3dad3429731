package supportbundle_test

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/supportbundle"
)

func open(t *testing.T, files map[string]string) *supportbundle.Bundle {
	t.Helper()
	name := filepath.Join(t.TempDir(), "support_bundle_2024_11_05_10_30_00_UTC.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for n, text := range files {
		w, err := z.Create(n)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := supportbundle.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// TestDocuments: of a folder's files only what the engine says, whole, bounded; a name that
// leads out of the archive is a name.
func TestDocuments(t *testing.T) {
	t.Parallel()
	b := open(t, map[string]string{
		"b/inspect/edgeHub.json": "{}", "inspect/x_err.json": "no", "inspect/x.txt": "no",
		"../../inspect/up.json": "1",
		"inspect/long.json":     strings.Repeat("x", 5<<20), `inspect\edgeAgent.json`: "2",
		"network/bridge.json": "[]",
	})
	list, unread := b.Documents(supportbundle.Inspect)
	got := map[string]string{}
	for _, d := range list {
		got[d.Name] = string(d.Text)
	}
	if len(got) != 3 || got["edgeHub"] != "{}" || got["up"] != "1" || got["edgeAgent"] != "2" {
		t.Errorf("got %v", got)
	}
	if len(unread) != 1 || !strings.Contains(unread[0].Error(), "long.json") {
		t.Errorf("unread %v", unread)
	}
	if list, _ := b.Documents(supportbundle.Network); len(list) != 1 || list[0].Name != "bridge" {
		t.Errorf("networks %v", list)
	}
	if text, err := b.Check(); text != nil || err != nil {
		t.Errorf("a check that is not there: %q, %v", text, err)
	}
	if b.Made.Format("2006-01-02 15:04") != "2024-11-05 10:30" {
		t.Errorf("made %v", b.Made)
	}
}

// TestManyDocuments: small files without end are not read without end.
func TestManyDocuments(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 20 {
		files[fmt.Sprintf("inspect/%d.json", i)] = strings.Repeat(" ", 2<<20)
	}
	list, unread := open(t, files).Documents(supportbundle.Inspect)
	if len(list) != 8 || len(unread) != 1 || !strings.Contains(unread[0].Error(), "larger") {
		t.Errorf("%d read, %v", len(list), unread)
	}
}

// TestTail: the end of a log, whatever its length.
func TestTail(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 9, 10, 11, 25, 64 << 10, 200<<10 + 7} {
		text := strings.Repeat("0123456789\n", size/11+1)[:size]
		e, ok := open(t, map[string]string{"logs/edgeHub_log.txt": text}).Log("edgeHub")
		if !ok {
			t.Fatal("no log")
		}
		got, err := e.Tail(10)
		if want := text[max(0, size-10):]; err != nil || string(got) != want {
			t.Errorf("%d bytes: %q, %v; want %q", size, got, err, want)
		}
	}
}
