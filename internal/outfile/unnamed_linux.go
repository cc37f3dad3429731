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

// link names a file that has no name.
func link(f *os.File, path string) error {
	from := "/proc/self/fd/" + strconv.FormatUint(uint64(f.Fd()), 10)
	if err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW); err != nil {
		return &os.LinkError{Op: "link", Old: from, New: path, Err: err}
	}
	return nil
}

// replace names a file that has no name, and puts it in place of another.
func replace(f *os.File, name, path string) error {
	if err := link(f, name); err != nil {
		return err
	}
	if err := unix.Rename(name, path); err != nil {
		_ = unix.Unlink(name)
		return &os.LinkError{Op: "rename", Old: name, New: path, Err: err}
	}
	return nil
}
