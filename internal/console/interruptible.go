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
	own   []byte
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
	i.own = append(i.own[:0], p...) // the writing may outlive the call, and nothing is written after it then
	own := i.own
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
