//go:build unix

package outfile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func umask() fs.FileMode {
	old := syscall.Umask(0o077)
	syscall.Umask(old)
	return fs.FileMode(old)
}

// TestMode is not parallel: the umask is the process' own.
func TestMode(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("report"), "x", Options{})
	put(t, at("secret"), "x", Options{Private: true})
	if got, want := mode(t, at("report")), 0o644&^umask(); got != want {
		t.Errorf("a report: %v, want %v", got, want)
	}
	if got := mode(t, at("secret")); got != 0o600 {
		t.Errorf("a secret: %v", got)
	}
	for _, m := range []fs.FileMode{0o600, 0o640, 0o604, 0o755, 0o666} {
		for o, want := range map[Options]fs.FileMode{{}: m, {Private: true}: m,
			{Private: true, Closed: true}: m & 0o700} {
			path := at("there")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, m); err != nil {
				t.Fatal(err)
			}
			put(t, path, "x", o)
			if got := mode(t, path); got != want {
				t.Errorf("%v, %+v: %v", m, o, got)
			}
			holds(t, path, "x")
		}
	}
}

func TestOwnerStays(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "one", Options{})
	if err := os.Chown(path, 1234, 5678); err != nil {
		t.Fatal(err)
	}
	put(t, path, "two", Options{})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if o := ownerOf(info); o.uid != 1234 || o.gid != 5678 {
		t.Errorf("got %+v", o)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Mkdir(at("below"), 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"link": "real", "dangling": "below/made", "chain": "link", "loop": "loop",
		"nowhere": "none/f", "folder": "below"} {
		if err := os.Symlink(to, at(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"link", "dangling", "chain"} {
		put(t, at(name), name, Options{})
		if mode(t, at(name))&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more", name)
		}
	}
	holds(t, at("real"), "chain")
	holds(t, at("below/made"), "dangling")
	for _, name := range []string{"loop", "nowhere", "folder"} {
		if Check(at(name)) == nil || Write(context.Background(), at(name), Options{}, Text("x")) == nil {
			t.Errorf("%s is let through", name)
		}
	}
}

// TestForeignLink: whoever may make files in a folder for everybody does not choose what
// of ours is written over.
func TestForeignLink(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root makes links of other people")
	}
	dir := t.TempDir()
	shared, victim := filepath.Join(dir, "tmp"), filepath.Join(dir, "passwd")
	if err := os.WriteFile(victim, []byte("root"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(shared, "report.json")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(link, 1234, 1234); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{Check(link), Write(context.Background(), link, Options{}, Text("x")),
		Append(context.Background(), link, Text("x"))} {
		if err == nil || !strings.Contains(err.Error(), "is not followed") {
			t.Errorf("got %v", err)
		}
	}
	holds(t, victim, "root")
}

func TestPipeAndDevice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "p")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Check(path); err != nil { // somebody may come
		t.Error(err)
	}
	if err := Write(ctx, path, Options{}, Text("x")); err == nil || !strings.Contains(err.Error(), "nobody reads") {
		t.Errorf("got %v", err)
	}
	read := make(chan string, 1)
	go func() {
		b, _ := os.ReadFile(path)
		read <- string(b)
	}()
	put(t, path, "through", Options{})
	if got := <-read; got != "through" {
		t.Errorf("got %q", got)
	}
	put(t, os.DevNull, "x", Options{})
	if _, err := os.Stat("/dev/full"); err == nil {
		if err := Write(context.Background(), "/dev/full", Options{}, Text("x")); err == nil {
			t.Error("a full device takes it")
		}
	}
}

// TestSweep: what a killed run left where it had to name its file goes with the next one,
// and what another process writes stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	left, err := os.Create(temporaryName(path))
	if err != nil {
		t.Fatal(err)
	}
	hold(left)
	put(t, path, "x", Options{})
	alone(t, dir, filepath.Base(left.Name()), "f")
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, path, "x", Options{})
	alone(t, dir, "f")
}

// TestNamed: where files have a name from the beginning, they are placed and taken away
// the same.
func TestNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, text := range []string{"one", "two"} {
		f, err := os.Create(temporaryName(path))
		if err != nil {
			t.Fatal(err)
		}
		n := &temporary{file: f, name: f.Name()}
		if err := errors.Join(Text(text)(f), n.place(path, text == "two")); err != nil {
			t.Fatal(err)
		}
		n.discard()
		holds(t, path, text)
	}
	f, err := os.Create(temporaryName(path))
	if err != nil {
		t.Fatal(err)
	}
	(&temporary{file: f, name: f.Name()}).discard()
	alone(t, dir, "f")
}

// TestKilled: SIGKILL at many moments leaves the old or the new text, whole, and on Linux
// nothing beside it. What is left elsewhere goes with the next writing.
func TestKilled(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("OUTFILE_WRITES_IN"); dir != "" {
		writeForEver(dir)
	}
	dir := t.TempDir()
	left, kills := 0, 60
	if os.Getenv("EDGENET_HOSTILE") != "" {
		kills = 300
	}
	for range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "OUTFILE_WRITES_IN="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		for _, name := range []string{"report", "secret", "inplace", "lines"} {
			n := 0
			ok := false
			// what was under way in place goes on for a moment after the process
			for end := time.Now().Add(20 * time.Second); !ok && time.Now().Before(end); time.Sleep(time.Millisecond) {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if n, ok = len(text), err == nil && wholeFile(name, string(text)); name != "inplace" {
					break
				}
			}
			if !ok {
				t.Fatalf("%s: %d bytes", name, n)
			}
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		left = max(left, len(entries)-4)
	}
	for _, name := range []string{"report", "secret"} {
		put(t, filepath.Join(dir, name), "x", Options{})
	}
	alone(t, dir, "inplace", "lines", "report", "secret")
	if left > 2 {
		t.Errorf("%d files at once were left", left)
	}
}

// TestKilledBetweenLines: SIGKILL at many moments leaves whole lines, short ones and such as are
// written over many pages.
func TestKilledBetweenLines(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a process of its own for a write is Linux's")
	}
	short, long := strings.Repeat("s", 99)+"\n", strings.Repeat("l", 999_999)+"\n"
	if path := os.Getenv("OUTFILE_ADDS_TO"); path != "" {
		err := addLine(path, short)
		for fmt.Println("begun"); err == nil; {
			err = errors.Join(addLine(path, long), addLine(path, short))
		}
		fmt.Println(err)
		os.Exit(1)
	}
	dir := t.TempDir()
	for i := range 20 {
		path := filepath.Join(dir, strconv.Itoa(i))
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledBetweenLines$")
		cmd.Env = append(os.Environ(), "OUTFILE_ADDS_TO="+path)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err == nil {
			_, err = bufio.NewReader(out).ReadString('\n')
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		text := ""
		// what was under way goes on for a moment after the process
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			read, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = strings.ReplaceAll(strings.ReplaceAll(string(read), long, ""), short, "")
			if text == "" || !time.Now().Before(end) {
				break
			}
		}
		if text != "" {
			t.Fatalf("%d bytes are of no whole line", len(text))
		}
	}
}

// wholeFile tells whether a text is one that writeForEver wrote: one line again and again; in
// place it is now longer and now shorter.
func wholeFile(name, text string) bool {
	if len(text) < 7 {
		return false
	}
	if name == "lines" {
		return len(text)%7 == 0 && text[len(text)-1] == '\n'
	}
	return text == strings.Repeat(text[:7], len(text)/7) && (len(text) == 7*40000 || name == "inplace" &&
		len(text) == 7*13000)
}

func writeForEver(dir string) {
	for i := 0; ; i++ {
		text := strings.Repeat(fmt.Sprintf("%06d\n", i%1000000), 40000)
		for name, o := range map[string]Options{"report": {}, "secret": {Private: true}} {
			if err := Write(context.Background(), filepath.Join(dir, name), o, Text(text)); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
		if i%2 == 1 {
			text = text[:7*13000]
		}
		inPlace := filepath.Join(dir, "inplace")
		if i == 0 {
			put := Write(context.Background(), inPlace, Options{}, Text(text))
			if put != nil {
				os.Exit(1)
			}
		}
		p, err := find(inPlace)
		if err == nil {
			err = over(p, Options{}, Text(text))
		}
		if err == nil {
			err = addLine(filepath.Join(dir, "lines"), fmt.Sprintf("%06d\n", i%1000000))
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if i == 0 {
			fmt.Println("begun")
		}
	}
}

func addLine(path, line string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(Add(f, line), f.Close())
}

// TestOver: a file that is written over in place has the new text alone, or, where that
// fails, the old one.
func TestOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	for _, text := range []string{"long and old", "short", "", "longer than all before"} {
		if err := os.WriteFile(path, []byte("what was there"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := find(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := over(p, Options{}, Text(text)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, text)
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := overInSteps(f, "in steps", []byte(text)); err != nil {
			t.Error(err)
		}
		_ = f.Close()
		holds(t, path, "in steps")
		if f, err = os.Open(path); err != nil { // cannot be written
			t.Fatal(err)
		}
		if overInSteps(f, "x", []byte("in steps")) == nil || overWhole(f, "x") == nil {
			t.Error("written without the right to")
		}
		_ = f.Close()
		holds(t, path, "in steps")
	}
}

// TestOverFull: where there is no room for the new text, the old one stays. The limit on a file's
// size is the process' own: it is another one.
func TestOverFull(t *testing.T) {
	t.Parallel()
	const size = 8192
	if path := os.Getenv("OUTFILE_WRITES_OVER"); path != "" {
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: 2 * size, Max: 2 * size}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		p, err := find(path)
		if err == nil {
			err = over(p, Options{}, Text(strings.Repeat("n", 3*size)))
		}
		fmt.Println(err != nil)
		os.Exit(0)
	}
	path := filepath.Join(t.TempDir(), "f")
	was := strings.Repeat("o", size)
	if err := os.WriteFile(path, []byte(was), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestOverFull$")
	cmd.Env = append(os.Environ(), "OUTFILE_WRITES_OVER="+path)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "true" {
		t.Errorf("%v, %s", err, out)
	}
	holds(t, path, was)
}
