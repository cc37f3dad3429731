package outfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"edgenet/report"
)

// Options say how a file is written. The zero value is a new file for everybody, as far
// as the umask lets it, and one that was there as it was.
type Options struct {
	// Private is for what can hold a secret: a new file is its owner's alone.
	Private bool
	// Closed takes a file that was there away from everybody but its owner, too.
	Closed bool
	// Plain refuses a link in place of the file, whoever laid it.
	Plain bool
}

// Error says which file, and what is wrong with it.
type Error struct {
	Path string // as a person may see it
	Err  error
}

func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

var errNotPlain = errors.New("not a regular file (links are not followed)")

func wrong(path string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return &Error{Path: report.Clean(path, 200), Err: err}
}

// place is where a file will be, once links are followed.
type place struct {
	path string
	info fs.FileInfo // of what is there; nil where nothing is
	own  owner
	open bool // a file that this process has open already, by a name such as /dev/stdout
}

func (p place) regular() bool { return p.info == nil || p.info.Mode().IsRegular() && !p.open }

// find follows links by hand: the last name need not exist, and each link is judged.
func find(path string) (place, error) {
	for range 40 { // as many as Linux follows
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return place{path: path}, folder(filepath.Dir(path))
		case err != nil:
			return place{}, err
		case info.Mode()&fs.ModeSymlink == 0:
			return place{path: path, info: info, own: ownerOf(info)}, usable(info)
		}
		if foreignLink(filepath.Dir(path), info) {
			return place{}, errors.New(
				"is a link that somebody else made in a folder that everybody can write to: it is not followed",
			)
		}
		to, err := os.Readlink(path)
		if err != nil {
			return place{}, err
		}
		if special(path, to) { // /dev/stdout leads to a pipe that has no path
			info, err := os.Stat(path)
			if err != nil {
				return place{}, err
			}
			return place{path: path, info: info, open: true}, usable(info)
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return place{}, errors.New("too many links, one to the other")
}

// special tells of links of /proc, whose text is no path: they are opened as they are.
func special(path, to string) bool {
	return strings.HasPrefix(path, "/proc/") || strings.HasPrefix(to, "/proc/self/fd/") && filepath.Dir(path) == "/dev"
}

func folder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s: make it first", report.Clean(dir, 200))
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", report.Clean(dir, 200))
	}
	return nil
}

func usable(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return errors.New("is a folder: expected the name of a file")
	case mode&fs.ModeSocket != 0:
		return errors.New("is a socket: expected the name of a file")
	}
	return nil
}

// Check tells, before anything is done, whether a file can be written. It changes
// nothing, and takes away what a killed run left.
func Check(path string) error { return wrong(path, check(path)) }

func check(path string) error {
	p, err := find(path)
	if err != nil {
		return err
	}
	if p.info != nil {
		if !p.regular() { // opening a pipe would end it for who reads it
			return allowed(p.path)
		}
		f, err := os.OpenFile(p.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	sweep(p.path)
	err = tryFolder(p.path)
	if err != nil && p.info != nil {
		return nil // the file itself is written over then
	}
	return err
}

// Write puts a file in place of another in one move.
func Write(ctx context.Context, path string, o Options, write func(io.Writer) error) error {
	return wrong(path, writeTo(ctx, path, o, write))
}

func writeTo(ctx context.Context, path string, o Options, write func(io.Writer) error) error {
	p, err := find(path)
	if err != nil {
		return err
	}
	if o.Plain && (p.path != path || !p.regular()) {
		return errNotPlain
	}
	if !p.regular() {
		return writeInto(ctx, p.path, write)
	}
	sweep(p.path)
	mode := fs.FileMode(0o644)
	if o.Private {
		mode = 0o600
	}
	t, err := newTemporary(p.path, mode)
	if err != nil {
		if p.info != nil && errors.Is(err, fs.ErrPermission) { // the folder is not ours, the file is
			return over(p, o, write)
		}
		return err
	}
	defer t.discard()
	if p.info != nil {
		if err := p.own.give(t.file); err != nil {
			return over(p, o, write) // better the file in two moves than the file of another owner
		}
		if err := t.file.Chmod(o.kept(p.info.Mode().Perm())); err != nil {
			return err
		}
	}
	if err := write(t.file); err != nil {
		return err
	}
	if err := t.file.Sync(); err != nil {
		return err
	}
	err = t.place(p.path, p.info != nil)
	if p.info != nil && errors.Is(err, fs.ErrPermission) { // of another user, in a folder for everybody
		return over(p, o, write)
	}
	return err
}

// kept is the mode of a file that was there.
func (o Options) kept(mode fs.FileMode) fs.FileMode {
	if o.Closed {
		return mode & 0o700
	}
	return mode
}

// over writes over a file in place, which keeps all that belongs to it. The text is whole
// before the file is touched, and on Linux no SIGKILL leaves a part of it; whoever reads the file in
// that very moment may see both.
func over(p place, o Options, write func(io.Writer) error) error {
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	f, err := os.OpenFile(p.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) { // it may be written and not read
		f, err = os.OpenFile(p.path, os.O_WRONLY, 0)
	}
	if err != nil {
		return err
	}
	if o.Closed {
		err = f.Chmod(o.kept(p.info.Mode().Perm()))
	}
	if err == nil {
		err = overWhole(f, text.String())
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// overInSteps writes over what is there and puts it back where that fails.
func overInSteps(f *os.File, text string, before []byte) error {
	_, err := f.WriteAt([]byte(text), 0)
	if err == nil {
		return f.Truncate(int64(len(text)))
	}
	if before == nil {
		return err
	}
	_, again := f.WriteAt(before, 0)
	return errors.Join(err, again, f.Truncate(int64(len(before))))
}

// mostBefore bounds what is kept of a file while it is written over, to be put back.
const mostBefore = 64 << 20

// before is what a file holds; nil where it cannot be read, or is larger.
func before(f *os.File) []byte {
	text, err := io.ReadAll(io.LimitReader(f, mostBefore+1))
	if err != nil || len(text) > mostBefore {
		return nil
	}
	return text
}

// Append adds to a file in one write, so that a reader sees whole lines. A file that is not
// there is made.
func Append(ctx context.Context, path string, write func(io.Writer) error) error {
	return wrong(path, appendTo(ctx, path, write))
}

func appendTo(ctx context.Context, path string, write func(io.Writer) error) error {
	p, err := find(path)
	if err != nil {
		return err
	}
	if !p.regular() {
		return writeInto(ctx, p.path, write)
	}
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	f, err := os.OpenFile(p.path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // a report holds no secrets
	if err != nil {
		return err
	}
	return errors.Join(appendWhole(f, text.String()), f.Close())
}

// appendWhole takes back a line that came in part: a full disk leaves whole lines. What
// another process left without an end is ended first.
func appendWhole(f *os.File, text string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	last := []byte{'\n'}
	if size > 0 {
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
	}
	if last[0] != '\n' {
		text = "\n" + text
	}
	if err := addWhole(f, text); err != nil {
		return errors.Join(err, f.Truncate(size))
	}
	return nil
}

// Text is a text that is there already, to be written.
func Text(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// PutAside gives a file another name, in place of the one that had it.
func PutAside(path, other string) error {
	p, err := find(path)
	if err == nil && !p.regular() {
		err = errors.New("is no file that could be put aside")
	}
	if err != nil {
		return wrong(path, err)
	}
	if info, err := os.Lstat(other); err == nil && !info.Mode().IsRegular() {
		return wrong(other, errors.New("is in the way: expected a file, or nothing"))
	}
	return wrong(path, os.Rename(p.path, filepath.Join(filepath.Dir(p.path), filepath.Base(other))))
}
