package outfile

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// How long a pipe's reader may take to come, and to take what is written.
const (
	readerWithin = 5 * time.Second
	stalled      = 30 * time.Second
)

// writeInto writes to what is no file (a pipe, a terminal) as it is.
func writeInto(ctx context.Context, path string, write func(io.Writer) error) error {
	f, err := OpenStream(ctx, path)
	if err != nil {
		return err
	}
	_ = f.SetWriteDeadline(time.Now().Add(stalled)) // what has no deadlines is written without
	stop := context.AfterFunc(ctx, func() { _ = f.SetWriteDeadline(time.Now().Add(time.Second)) })
	defer stop()
	err = write(f)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errors.New("nobody reads what is written to it")
	}
	return errors.Join(err, f.Close())
}

// OpenStream opens what is no file without waiting: a pipe that nobody reads yet is tried again for
// a moment, until the context ends.
func OpenStream(ctx context.Context, path string) (*os.File, error) {
	for end := time.Now().Add(readerWithin); ; {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK, 0) //nolint:gosec // the user names it
		switch {
		case err == nil || !errors.Is(err, noReader):
			return f, err
		case time.Now().After(end) || ctx.Err() != nil:
			return nil, errors.New("is a pipe that nobody reads")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
