package infile

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
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
		return f, nil
	}
	f, err := r.openPipe(ctx, path)
	if err != nil {
		return nil, bare(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Now()) })
	return &openedPipe{patient{ctx, f}, stop}, nil
}

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
