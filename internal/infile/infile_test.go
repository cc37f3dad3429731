package infile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLimit: what is too large is refused and never cut, whatever it comes from.
func TestLimit(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 10, 11, 100} {
		text := strings.Repeat("x", size)
		r := Reader{Limit: 10, Stdin: strings.NewReader(text)}
		for _, path := range []string{file(t, text), "-"} {
			got, err := r.Read(context.Background(), path)
			var large TooLargeError
			if size > 10 != errors.As(err, &large) || size <= 10 && string(got) != text {
				t.Errorf("%s, %d bytes: %q, %v", path, size, got, err)
			}
		}
	}
	big := file(t, "")
	if err := os.Truncate(big, Limit+1); err != nil {
		t.Fatal(err)
	}
	if _, err := (Reader{}).Read(context.Background(), big); err == nil || err.Error() != big+": larger than 4 MiB" {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cases := map[string]string{
		dir:                            "is a folder",
		filepath.Join(dir, "no\x1bne"): "no·ne: no such file",
		"-":                            "standard input: there is none",
	}
	if runtime.GOOS == "linux" {
		cases["/dev/zero"], cases["/dev/tty0"] = "is a device", "tty0"
	}
	for path, want := range cases {
		_, err := Reader{}.Read(context.Background(), path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", path, err, want)
		}
	}
	if _, err := (Reader{}).Read(context.Background(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if text, err := (Reader{}).Read(context.Background(), os.DevNull); err != nil || len(text) > 0 {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestStandardInputEndsWithTheContext: the first signal ends who waits for a person.
func TestStandardInputEndsWithTheContext(t *testing.T) {
	t.Parallel()
	in, w := io.Pipe()
	defer func() { _ = w.Close() }() // frees the goroutine that reads
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Reader{Stdin: in}).Read(ctx, "-"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p")
	if err := mkfifo(path); err != nil {
		t.Skip(err)
	}
	return path
}

func TestPipe(t *testing.T) {
	t.Parallel()
	path := fifo(t)
	done := make(chan error, 1)
	go func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			_, err = io.WriteString(w, "first ")
			time.Sleep(30 * time.Millisecond)
			_, err2 := io.WriteString(w, "second")
			err = errors.Join(err, err2, w.Close())
		}
		done <- err
	}()
	text, err := Reader{}.Read(context.Background(), path)
	if err = errors.Join(err, <-done); err != nil || string(text) != "first second" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestPipeThatNobodyWritesTo(t *testing.T) {
	t.Parallel()
	path := fifo(t)
	if _, err := (Reader{Appear: 50 * time.Millisecond}).Read(context.Background(), path); err == nil ||
		!strings.Contains(err.Error(), "is a pipe that nobody wrote to within 50ms: expected a file") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Reader{}).Read(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("before it is opened: %v", err)
	}
	w, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0) // a writer that says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	ctx2, cancel2 := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel2()
	if _, err := (Reader{}).Read(ctx2, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after it was opened: %v", err)
	}
}

func TestBoundJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("[", 200_000), strings.Repeat("{", 200_000),
		"[" + strings.Repeat("0,", 200_000)} {
		if _, err := BoundJSON([]byte(text)); err == nil {
			t.Errorf("%.10s: let through", text)
		}
	}
	if line, err := BoundJSON([]byte("{\n" + strings.Repeat(",", 200_000))); line != 2 || err == nil ||
		err.Error() != "expected at most 100000 values" {
		t.Errorf("line %d, %v", line, err)
	}
	if line, err := BoundJSON([]byte("{" + strings.Repeat(`"a":0,`, 90_000))); err != nil {
		t.Errorf("line %d, %v", line, err)
	}
}
