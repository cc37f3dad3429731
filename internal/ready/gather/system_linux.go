package gather

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"edgenet/internal/ready"
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

// fileSystem is one mounted file system, to tell two from one another.
type fileSystem = syscall.Fsid

func disk(path, use string) (ready.Disk, fileSystem, bool) {
	var s syscall.Statfs_t
	if _, err := os.Stat(path); err != nil || syscall.Statfs(path, &s) != nil {
		return ready.Disk{}, fileSystem{}, false
	}
	size := uint64(s.Bsize) //nolint:gosec // never negative
	return ready.Disk{
		Path: path, Use: use, FreeBytes: s.Bavail * size, TotalBytes: s.Blocks * size,
		FreeInodes: s.Ffree, MostInodes: s.Files, FSType: typeName(int64(s.Type)), //nolint:unconvert // by machine
	}, s.Fsid, true
}

// statType gives the type of the file system that a path lies on.
func statType(path string) (string, bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(path, &s) != nil {
		return "", false
	}
	return typeName(int64(s.Type)), true //nolint:unconvert // its size differs by machine
}

// typeName names the file systems that matter (linux/magic.h).
func typeName(magic int64) string {
	return map[int64]string{
		0x01021994: "tmpfs", 0x858458f6: "ramfs", 0x794c7630: "overlay",
		0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs",
	}[magic&0xffffffff] // 32 bits have it negative
}
