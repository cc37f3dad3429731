package gather

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The runtime is supported on Linux alone: what only Linux tells stands here.

// ownerOf gives a file's user and group.
func ownerOf(info fs.FileInfo) (uid, gid int, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// listed tells whether an access list rules a file, beside its mode.
func listed(path string) bool {
	n, err := unix.Getxattr(path, "system.posix_acl_access", nil)
	return err == nil && n > 0
}

// enterNetwork takes this thread into another process' network.
func enterNetwork(ns *os.File) error { return unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET) } //nolint:gosec // it fits

// statFS asks the kernel for the file system that a path lies on.
func statFS(path string) (FileSystem, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return FileSystem{}, &fs.PathError{Op: "statfs", Path: path, Err: err}
	}
	size := uint64(s.Bsize) //nolint:gosec // never negative
	return FileSystem{
		ID: fmt.Sprint(s.Fsid), Type: typeName(int64(s.Type)), //nolint:unconvert // its size differs by machine
		FreeBytes: s.Bavail * size, TotalBytes: s.Blocks * size, FreeInodes: s.Ffree, Inodes: s.Files,
	}, nil
}

// typeName names the file systems that matter (linux/magic.h).
func typeName(magic int64) string {
	return map[int64]string{
		0x01021994: "tmpfs", 0x858458f6: "ramfs", 0x794c7630: "overlay",
		0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs",
	}[magic&0xffffffff] // 32 bits have it negative
}
