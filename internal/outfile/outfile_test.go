package outfile

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, path, text string, o Options) {
	t.Helper()
	if err := Check(path); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), path, o, Text(text)); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s: %q, %v, want %q", path, got, err, want)
	}
}

// alone fails where a folder holds anything but the names.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(names) {
		t.Errorf("%v, %v: want %v", entries, err, names)
	}
}

func TestNewAndReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put(t, path, "one", Options{})
	holds(t, path, "one")
	put(t, path, "two", Options{})
	holds(t, path, "two")
	alone(t, dir, "f")
}

// TestFailureLeavesWhatWasThere: and nothing beside it.
func TestFailureLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	half := func(w io.Writer) error { return errors.Join(Text("half")(w), errors.New("no more")) }
	if err := Write(context.Background(), path, Options{}, half); err == nil ||
		!strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("got %v", err)
	}
	alone(t, dir)
	put(t, path, "whole", Options{})
	if err := Write(context.Background(), path, Options{}, half); err == nil {
		t.Error("no error")
	}
	holds(t, path, "whole")
	alone(t, dir, "f")
}

func TestRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir: "is a folder: expected the name of a file", filepath.Join(dir, "none", "f"): "there is no folder",
		filepath.Join(dir, "file", "f"): "file",
	} {
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{Check(path), Write(context.Background(), path, Options{}, Text("x")),
			Append(context.Background(), path, Text("x"))} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", path, err, want)
			}
		}
	}
	alone(t, dir, "file")
}

func TestAppend(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	for _, line := range []string{"a\n", "b\n"} {
		if err := Append(context.Background(), path, Text(line)); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, path, "a\nb\n")
	if err := os.WriteFile(path, []byte("a\nhal"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Append(context.Background(), path, Text("c\n")); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "a\nhal\nc\n")
}
