package infile

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"edgenet/internal/exit"
)

// Open opens what may be too long to be read at once: a file, or a named pipe, whose reading ends
// with the context. Folders, sockets and devices are refused. Its errors have no path.
func (r Reader) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	pipe, err := kind(path)
	if err != nil {
		return nil, bare(err)
	}
	if !pipe {
		f, err := os.Open(path) //nolint:gosec // the user names it
		if err != nil {
			return nil, bare(err)
		}
		return &awaited{ctx: ctx, f: f}, nil
	}
	f, err := r.openPipe(ctx, path)
	if err != nil {
		return nil, bare(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Now()) })
	return &openedPipe{patient{ctx, f}, stop}, nil
}

// awaited is a file whose reading ends with the context, even where a system call does not: not every
// file that says that it is a regular one has its bytes there (/proc/kmsg), and a file system may hang.
type awaited struct {
	ctx context.Context
	f   *os.File
	buf [32 << 10]byte // a call that is left behind writes into nobody's memory
}

func (a *awaited) Read(b []byte) (int, error) {
	text, err := await(a.ctx, func() ([]byte, error) {
		n, err := a.f.Read(a.buf[:min(len(b), len(a.buf))])
		return a.buf[:n], err
	})
	if err != nil && a.ctx.Err() != nil {
		err = exit.ErrInterrupted
	}
	return copy(b, text), err
}

func (a *awaited) Close() error { return a.f.Close() }

// openedPipe is a named pipe, which is given its time anew with each piece.
type openedPipe struct {
	patient
	stop func() bool
}

// Close lets go of the pipe.
func (p *openedPipe) Close() error {
	p.stop()
	return p.f.Close()
}

// Regular refuses all but regular files, for whoever reads one more than once.
func Regular(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return bare(err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("is no regular file: expected one")
	}
	return nil
}
