package infile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/exit"
	"edgenet/report"
)

// Limit is how large a file may be where nothing else is said.
const Limit = 4 << 20

// How long a named pipe is waited for: until somebody opens it for writing, and from one
// piece to the next.
const (
	appearWithin = 3 * time.Second
	silence      = 30 * time.Second
)

// Reader reads files whole. The zero value works.
type Reader struct {
	Stdin  io.Reader     // is read for "-"; nil means that there is none
	Limit  int64         // in bytes; zero means Limit
	Appear time.Duration // how long somebody may take to open a named pipe for writing; zero means 3 s
}

// Error says what is wrong with a file. It holds the path, and nothing of what is in the file.
type Error struct {
	Path string // as a person may see it
	Err  error
}

func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// TooLargeError is what a file of more than the limit gives.
type TooLargeError struct{ Limit int64 }

func (e TooLargeError) Error() string {
	if e.Limit%(1<<20) == 0 {
		return fmt.Sprintf("larger than %d MiB", e.Limit>>20)
	}
	return fmt.Sprintf("larger than %d KiB", e.Limit>>10)
}

// Read reads a file, or standard input for "-". Its error is an *Error, or holds
// exit.ErrInterrupted and the context's.
func (r Reader) Read(ctx context.Context, path string) ([]byte, error) {
	text, err := r.read(ctx, path)
	if err == nil {
		return text, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", exit.ErrInterrupted, ctx.Err())
	}
	name := report.Clean(path, 200)
	if path == "-" {
		name = "standard input"
	}
	return nil, &Error{Path: name, Err: bare(err)}
}

// bare takes the path out of an error: it stands before it anyway.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func (r Reader) limit() int64 {
	if r.Limit > 0 {
		return r.Limit
	}
	return Limit
}

// stream are the names by which a process calls what it was given already.
var stream = lazyregexp.New(`^/(dev/stdin|dev/fd/\d+|proc/self/fd/\d+)$`)

func (r Reader) read(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		if r.Stdin == nil {
			return nil, errors.New("there is none")
		}
		return await(ctx, func() ([]byte, error) { return r.all(r.Stdin) })
	}
	pipe, err := kind(path)
	switch {
	case err != nil:
		return nil, err
	case pipe:
		return r.pipe(ctx, path)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > r.limit() {
		return nil, TooLargeError{r.limit()}
	}
	return await(ctx, func() ([]byte, error) {
		f, err := os.Open(path) //nolint:gosec // the user names it
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		return r.all(f)
	})
}

// kind tells a named pipe from a file, and refuses what is neither.
func kind(path string) (pipe bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return false, errors.New("is a folder: expected a file")
	case mode&fs.ModeSocket != 0:
		return false, errors.New("is a socket: expected a file")
	case stream().MatchString(path) || path == os.DevNull || mode.IsRegular():
		return false, nil
	case mode&fs.ModeNamedPipe != 0:
		return true, nil
	}
	return false, errors.New("is a device: expected a file")
}

// all reads to the end, and one byte more than the limit at most, which tells.
func (r Reader) all(in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, r.limit()+1))
	if err == nil && int64(len(b)) > r.limit() {
		return nil, TooLargeError{r.limit()}
	}
	return b, err
}

// await ends with the context, even where the reading does not: a file system that hangs
// cannot be told to stop, and its goroutine ends with the process.
func await(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type answer struct {
		text []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
