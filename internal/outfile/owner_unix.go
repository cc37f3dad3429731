//go:build unix

package outfile

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// owner is whose a file is.
type owner struct {
	uid, gid int
	known    bool
}

func ownerOf(info fs.FileInfo) owner {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}
	}
	return owner{int(s.Uid), int(s.Gid), true}
}

// give makes a new file that owner's, as far as it is not already.
func (o owner) give(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !o.known || ownerOf(info) == o {
		return err
	}
	return f.Chown(o.uid, o.gid)
}

// foreignLink tells of a link that somebody else laid in a folder where everybody may: the
// rule of Linux' protected_symlinks, which not every system keeps.
func foreignLink(dir string, link fs.FileInfo) bool {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o002 == 0 {
		return false
	}
	of := ownerOf(link)
	return of.known && of.uid != os.Geteuid() && of.uid != ownerOf(info).uid
}

// allowed asks the system whether this process may write to it.
func allowed(path string) error {
	if err := unix.Access(path, unix.W_OK); err != nil {
		return &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return nil
}

// noReader is what opening a pipe gives that nobody reads.
const noReader = syscall.ENXIO

// hold marks a file as on its way for as long as this process lives.
func hold(f *os.File) { //nolint:gosec // a file descriptor fits
	_ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) // a file system without locks has none to be asked either
}

// abandoned tells of a file that no process is writing any more.
func abandoned(name string) bool {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // beside the file that the user names
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}
