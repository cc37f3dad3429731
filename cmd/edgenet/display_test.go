package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// terminal runs the program with terminals of so many columns behind its outputs; 0 is
// none.
func terminal(t *testing.T, ctx context.Context, out, errs int, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var o bytes.Buffer
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := watched{seen: cancel}
	a := &app{stdin: strings.NewReader(""), stdout: &o, stderr: &e, getenv: func(name string) string { return map[string]string{"LANG": "C.UTF-8"}[name] },
		width: func() int { return out }, errWidth: func() int { return errs }, root: t.TempDir()}
	code = run(ctx, args, a)
	return code, o.String(), e.String()
}

// watched is a terminal that presses Ctrl-C when the next round is announced.
type watched struct {
	bytes.Buffer
	seen func()
}

func (w *watched) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("next at")) {
		w.seen()
	}
	return w.Buffer.Write(p)
}

// TestRowsStandWhereAPersonLooks: on standard error where the result goes to a file.
func TestRowsStandWhereAPersonLooks(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	code, out, errs := terminal(t, ctx, 0, 80, "check", "--lab", "-f", "json")
	if code != 0 || !json.Valid([]byte(out)) {
		t.Errorf("exit code %d: %s", code, out)
	}
	if !strings.Contains(errs, "AMQPWS") || !strings.HasSuffix(errs, "\x1b[?25h") {
		t.Errorf("no rows, or they stay: %q", errs)
	}
	for _, args := range [][]string{{"-f", "json", "-q"}, {"-q"}} {
		if _, _, errs := terminal(t, ctx, 0, 80, append([]string{"check", "--lab"}, args...)...); errs != "" {
			t.Errorf("%v: %q", args, errs)
		}
	}
	if _, out, errs := terminal(t, ctx, 80, 80, "check", "--lab"); errs != "" || !strings.Contains(out, "everything") || !strings.Contains(out, "\x1b[?25h") {
		t.Errorf("both are terminals: %q %q", out, errs)
	}
	if _, out, errs := terminal(t, ctx, 0, 0, "check", "--lab"); errs != "" || strings.Contains(out, "\x1b") {
		t.Errorf("neither is one: %q %q", out, errs)
	}
}

// TestEveryOnATerminal: a line says when the next round is, and goes before anything
// else is written.
func TestEveryOnATerminal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	code, out, errs := terminal(t, ctx, 80, 80, "check", "--lab", "--every", "1h")
	if code != 0 || ctx.Err() != nil {
		t.Errorf("exit code %d, %v", code, ctx.Err())
	}
	if !strings.Contains(errs, "checked at ") || !strings.Contains(errs, ", next at ") || !strings.HasSuffix(errs, "\r\x1b[K") {
		t.Errorf("%q", errs)
	}
	if !strings.Contains(out, "UpstreamProtocol: ") {
		t.Errorf("%q", out)
	}
}

func TestWorse(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{{0, 0, 0}, {0, 3, 3}, {3, 1, 1}, {1, 130, 130}, {130, 2, 2}, {2, 0, 2}, {3, 3, 3}} {
		if got := worse(c[0], c[1]); got != c[2] {
			t.Errorf("%d and %d: %d, want %d", c[0], c[1], got, c[2])
		}
		if got := worse(c[1], c[0]); got != c[2] {
			t.Errorf("%d and %d: %d, want %d", c[1], c[0], got, c[2])
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"check", "diff", "explain", "lab", "version", "tcp.refused", "dns.refused"}
	for in, want := range map[string]string{"chekc": "check", "chec": "check", "dif": "diff", "exlpain": "explain", "x": "", "": "", "zzzzzzz": "", "VERSION": "version", "tcp.refuse": "tcp.refused", "lba": "lab"} {
		if got := strings.Join(nearest(in, known), " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		n    int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}, {"ca", "abc", 3}} {
		if got := distance(c.a, c.b); got != c.n {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.n)
		}
	}
}
