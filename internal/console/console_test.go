package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"edgenet/internal/exit"
)

// TestInterruptible: a write that nobody takes ends with the context, and so does every
// one after it; what is taken is written, interrupted or not.
func TestInterruptible(t *testing.T) {
	t.Parallel()
	var taken bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	good := Interruptible(ctx, &taken)
	r, w := io.Pipe()
	defer func() { _ = r.Close() }() // frees the goroutine that writes
	stuck := Interruptible(ctx, w)
	if n, err := io.WriteString(good, "one "); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	cancel()
	if n, err := io.WriteString(good, "two"); n != 3 || err != nil || taken.String() != "one two" {
		t.Errorf("%d, %v, %q", n, err, taken.String())
	}
	began := time.Now()
	for range 3 {
		if _, err := io.WriteString(stuck, "x"); !errors.Is(err, exit.ErrInterrupted) {
			t.Errorf("got %v", err)
		}
	}
	if took := time.Since(began); took > 10*stuckWithin {
		t.Errorf("it took %s", took)
	}
}

func TestTextOptions(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	c := &Console{Getenv: func(name string) string { return env[name] }, Width: func() int { return 80 }}
	if o := c.TextOptions(true, false); !o.Color || o.Unicode || o.Width != 80 || !o.Verbose {
		t.Errorf("got %+v", o)
	}
	env["NO_COLOR"], env["LANG"] = "1", "de_DE.UTF-8"
	if o := c.TextOptions(false, true); o.Color || !o.Unicode || !o.Quiet {
		t.Errorf("got %+v", o)
	}
	env["LC_ALL"], env["NO_COLOR"], env["TERM"] = "C", "", "dumb"
	if o := c.TextOptions(false, false); o.Color || o.Unicode || !c.Plain() {
		t.Errorf("got %+v", o)
	}
	c.Width = nil
	if o := c.TextOptions(false, false); o.Width != 100 || c.OutWidth() != 0 || c.ErrorWidth() != 0 {
		t.Errorf("got %+v", o)
	}
}
