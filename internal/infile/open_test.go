package infile

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestOpen: what is too long to be read at once is opened with the same care as what is not.
func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Reader{}.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(f); string(text) != "text" || err != nil || f.Close() != nil {
		t.Errorf("%q, %v", text, err)
	}
	for name, want := range map[string]string{dir: "folder", filepath.Join(dir, "none"): "no such file"} {
		if runtime.GOOS == "windows" && want != "folder" {
			continue // other words
		}
		if _, err := (Reader{}).Open(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
		if err := Regular(name); err == nil || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Regular(path); err != nil {
		t.Error(err)
	}
}

// TestOpenPipe: a pipe that nobody writes to is given up, and one whose writer sleeps ends with the context.
func TestOpenPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "p")
	if mkfifo(path) != nil {
		t.Skip("no named pipes here")
	}
	if err := Regular(path); err == nil {
		t.Error("a pipe is called regular")
	}
	if _, err := (Reader{Appear: 50 * time.Millisecond}).Open(t.Context(), path); err == nil ||
		!strings.Contains(err.Error(), "nobody wrote") {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := (Reader{Appear: time.Minute}).Open(ended, path); err == nil {
		t.Error("it opens without a writer")
	}
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	f, err := Reader{}.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("one"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 8)
	if n, err := f.Read(b); string(b[:n]) != "one" || err != nil {
		t.Errorf("%q, %v", b[:n], err)
	}
	time.AfterFunc(50*time.Millisecond, stop)
	if _, err := f.Read(b); err == nil {
		t.Error("it goes on reading")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
