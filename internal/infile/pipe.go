package infile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"edgenet/internal/exit"
)

// pipe reads a named pipe, which shells make of <(COMMAND): its writer may be slow, and
// may never come.
func (r Reader) pipe(ctx context.Context, path string) ([]byte, error) {
	f, err := r.openPipe(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Now()) })
	defer stop()
	text, err := r.all(patient{ctx, f})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("nothing came through this pipe for %s", silence)
	}
	return text, err
}

// patient gives a pipe its time anew with each piece.
type patient struct {
	ctx context.Context
	f   *os.File
}

func (p patient) Read(b []byte) (int, error) {
	_ = p.f.SetReadDeadline(time.Now().Add(silence)) // what has no deadlines is read without
	if p.ctx.Err() != nil {                          // it may have ended before the line above
		return 0, exit.ErrInterrupted
	}
	n, err := p.f.Read(b)
	if err != nil && p.ctx.Err() != nil {
		err = exit.ErrInterrupted
	}
	return n, err
}

// openPipe waits for a writer, which is what opening a pipe does.
func (r Reader) openPipe(ctx context.Context, path string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(path) //nolint:gosec // the user names it
		done <- opened{f, err}
	}()
	patience := cmp.Or(r.Appear, appearWithin)
	var why error
	select {
	case o := <-done:
		return o.f, o.err
	case <-ctx.Done():
		why = ctx.Err()
	case <-time.After(patience):
		why = fmt.Errorf("is a pipe that nobody wrote to within %s: expected a file", patience)
	}
	// A writer that goes at once frees who waits above.
	if w, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil { //nolint:gosec // as above
		_ = w.Close()
		if o := <-done; o.f != nil {
			_ = o.f.Close()
		}
	}
	return nil, why
}
