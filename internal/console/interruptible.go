package console

import (
	"context"
	"io"
	"sync"
	"time"

	"edgenet/internal/exit"
)

// stuckWithin is how long a write may last once somebody has interrupted the program.
const stuckWithin = time.Second

// Interruptible is a writer that gives up what nobody takes (a pipe whose reader sleeps,
// a terminal that is stopped) once ctx has ended.
func Interruptible(ctx context.Context, w io.Writer) io.Writer {
	return &interruptible{ctx: ctx, w: w}
}

type interruptible struct {
	ctx   context.Context
	w     io.Writer
	mu    sync.Mutex
	stuck bool
}

func (i *interruptible) Write(p []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stuck {
		return 0, exit.ErrInterrupted
	}
	type answer struct {
		n   int
		err error
	}
	done := make(chan answer, 1)
	own := append([]byte(nil), p...) // the writing may outlive the call
	go func() {
		n, err := i.w.Write(own)
		done <- answer{n, err}
	}()
	select {
	case a := <-done:
		return a.n, a.err
	case <-i.ctx.Done():
	}
	select {
	case a := <-done:
		return a.n, a.err
	case <-time.After(stuckWithin):
		i.stuck = true
		return 0, exit.ErrInterrupted
	}
}
