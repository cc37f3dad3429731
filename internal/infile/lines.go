package infile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"edgenet/internal/exit"
	"edgenet/report"
)

// Lines hands every line of a file to each, one after the other, however long the file is;
// the bound is of one line. Empty lines are left out, and so is a byte order mark. The line
// is each's only until it returns; whole is false where the file ends without a line feed,
// as one does whose writer was killed.
func (r Reader) Lines(ctx context.Context, path string, each func(n int, line []byte, whole bool) error) error {
	err := r.lines(ctx, path, each)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", exit.ErrInterrupted, ctx.Err())
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{Path: report.Clean(path, 200), Err: err}
}

func (r Reader) lines(ctx context.Context, path string, each func(int, []byte, bool) error) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("is a folder: expected a file")
	case !info.Mode().IsRegular():
		return errors.New("is no regular file: expected one")
	}
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	in := bufio.NewReaderSize(&awaited{ctx: ctx, f: f}, 64<<10)
	if head, _ := in.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3)
	}
	var long []byte
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, whole, err := r.line(in, &long)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("line %d: %w", n, err)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := each(n, line, whole); err != nil {
			return err
		}
	}
}

// line reads up to a line feed or the end, in pieces where it is longer than the buffer.
func (r Reader) line(in *bufio.Reader, long *[]byte) (line []byte, whole bool, err error) {
	*long = (*long)[:0]
	for {
		piece, err := in.ReadSlice('\n')
		if len(*long) == 0 && err == nil {
			return piece, true, nil
		}
		if *long = append(*long, piece...); int64(len(*long)) > r.limit() {
			return nil, false, TooLargeError{r.limit()}
		}
		switch {
		case err == nil:
			return *long, true, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(*long) > 0:
			return *long, false, nil
		default:
			return nil, false, err
		}
	}
}
