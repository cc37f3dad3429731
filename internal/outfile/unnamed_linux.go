package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// unnamed opens a file of a folder that has no name; errors.ErrUnsupported where the file
// system knows none (NFS, FAT, overlays of old kernels).
func unnamed(dir string, mode fs.FileMode) (*os.File, error) {
	if _, err := os.Stat("/proc/self/fd"); err != nil { // it takes /proc to name it later
		return nil, errors.ErrUnsupported
	}
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, uint32(mode.Perm()))
	switch {
	case errors.Is(err, unix.EOPNOTSUPP),
		errors.Is(err, unix.EISDIR),
		errors.Is(err, unix.EINVAL),
		errors.Is(err, unix.ENOENT):
		return nil, fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	case err != nil:
		return nil, &fs.PathError{Op: "create", Path: dir, Err: err}
	}
	return os.NewFile(uintptr(fd), dir), nil
}

// nameless is the path of an open file, whether it has a name or not.
func nameless(f *os.File) string { return "/proc/self/fd/" + strconv.FormatUint(uint64(f.Fd()), 10) }

// link names a file that has no name.
func link(f *os.File, path string) error {
	from := nameless(f)
	if err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW); err != nil {
		return &os.LinkError{Op: "link", Old: from, New: path, Err: err}
	}
	return nil
}

// replace names a file that has no name, and puts it in place of another. Between the two
// calls it has a name beside the other: a process of its own goes from one to the other,
// so that no SIGKILL to this one ends between them. Where there can be none, two calls
// have to do.
func replace(f *os.File, name, path string) error {
	err := moved(nameless(f), name, path)
	if err == nil {
		return nil
	}
	if !errors.Is(err, errAlone) && !errors.Is(err, unix.ENOSYS) {
		return &os.LinkError{Op: "rename", Old: name, New: path, Err: err}
	}
	if err := link(f, name); err != nil {
		return err
	}
	if err := unix.Rename(name, path); err != nil {
		_ = unix.Unlink(name)
		return &os.LinkError{Op: "rename", Old: name, New: path, Err: err}
	}
	return nil
}

// page is the smallest that Linux keeps files in.
const page = 4096

// addWhole appends a text so that no SIGKILL leaves a part of it. The kernel looks for one
// between two pages of a write, and never within a page (mm/filemap.c, generic_perform_write):
// what ends in the page that it begins in needs no process of its own, which a line a minute of a
// watch, or many of them at once, would pay for.
func addWhole(f *os.File, text string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size()%page+int64(len(text)) <= page {
		_, err = f.WriteString(text)
		return err
	}
	switch err := added(int(f.Fd()), []byte(text)); {
	case err == nil:
		return nil
	case errors.Is(err, errShort): // once more, for the reason
		_, back := f.Seek(info.Size(), 0)
		if err := errors.Join(f.Truncate(info.Size()), back); err != nil {
			return err
		}
	}
	_, err = f.WriteString(text)
	return err
}

// overWhole writes over a file so that no SIGKILL leaves a part of the one and the other.
func overWhole(f *os.File, text string) error {
	old := before(f)
	err := rewritten(int(f.Fd()), []byte(text), old)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errShort), errors.Is(err, errAlone), errors.Is(err, unix.ENOSYS): // once more, for the reason
		return overInSteps(f, text, old)
	}
	return &fs.PathError{Op: "write", Path: f.Name(), Err: err}
}
