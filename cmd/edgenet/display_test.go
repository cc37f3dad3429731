package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/lab"
)

// terminal runs the program with terminals of so many columns behind its outputs; 0 is
// none. Ctrl-C is pressed when a next round is announced.
func terminal(t *testing.T, ctx context.Context, out, errs int, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return watchedTerminal(t, ctx, out, errs, "next at", cancel, args...)
}

// watchedTerminal calls seen, once, when one of the outputs says something.
func watchedTerminal(
	t *testing.T,
	ctx context.Context,
	out, errs int,
	what string,
	seen func(),
	args ...string,
) (code int, stdout, stderr string) {
	t.Helper()
	once := sync.OnceFunc(seen)
	o, e := watched{what: what, seen: once}, watched{what: what, seen: once}
	a := &app{
		Console: &console.Console{
			Stdin:    strings.NewReader(""),
			Stdout:   &o,
			Stderr:   &e,
			Getenv:   func(name string) string { return map[string]string{"LANG": "C.UTF-8"}[name] },
			Width:    func() int { return out },
			ErrWidth: func() int { return errs },
			Root:     t.TempDir(),
		},
	}
	code = run(ctx, args, a)
	return code, o.String(), e.String()
}

// watched is an output that somebody reads.
type watched struct {
	text bytes.Buffer // not embedded: WriteString would pass by
	what string
	seen func()
}

func (w *watched) String() string { return w.text.String() }

func (w *watched) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.what)) {
		w.seen()
	}
	return w.text.Write(p)
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
	if _, out, errs := terminal(t, ctx, 80, 80, "check", "--lab"); errs != "" || !strings.Contains(out, "everything") ||
		!strings.Contains(out, "\x1b[?25h") {
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
	if code != 130 || ctx.Err() != nil {
		t.Errorf("exit code %d, %v", code, ctx.Err())
	}
	if !strings.Contains(errs, "checked at ") || !strings.Contains(errs, ", next at ") ||
		!strings.Contains(errs, "\r\x1b[Kedgenet: watched ") ||
		!strings.HasSuffix(errs, ", 1 round: 100.00 % available, no outage\n") {
		t.Errorf("%q", errs)
	}
	if !strings.Contains(out, "UpstreamProtocol Amqp.") {
		t.Errorf("%q", out)
	}
}

// TestWaitOnATerminal: the row that is tried again keeps what it met, and the result
// stands in place of the rows when it turns good.
func TestWaitOnATerminal(t *testing.T) {
	t.Parallel()
	for _, screen := range [][2]int{{80, 80}, {0, 80}, {0, 0}} {
		l, err := lab.Start(context.Background(),
			lab.Options{Faults: []lab.Fault{{Place: "https", Name: "block-page"}}})
		if err != nil {
			t.Fatal(err)
		}
		i := l.Info()
		args := []string{"check", "--hub", i.Hub, "--ca-file", i.CAFile, "--wait", "5m"}
		for _, c := range i.ConnectTo[:3] {
			args = append(args, "--connect-to", c)
		}
		mend := func() {
			if err := l.ClearFault("https"); err != nil {
				t.Error(err)
			}
		}
		code, out, errs := watchedTerminal(t, context.Background(), screen[0], screen[1], "trying again", mend, args...)
		if code != 0 || !strings.Contains(out, "UpstreamProtocol Amqp.") {
			t.Errorf("%v: exit code %d, and the result is\n%q", screen, code, out)
		}
		if lines := strings.Split(strings.TrimSpace(errs), "\n"); !strings.Contains(lines[len(lines)-1],
			"good after ") {
			t.Errorf("%v: the last line is %q", screen, lines[len(lines)-1])
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
