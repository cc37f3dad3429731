//go:build !linux

package gather

import (
	"errors"
	"io/fs"
	"os"
)

// The runtime is supported on Linux alone. Elsewhere --root and --bundle are read, and
// what only a Linux host tells stays unseen.

func ownerOf(fs.FileInfo) (uid, gid int, ok bool) { return 0, 0, false }

func listed(string) bool { return false }

func enterNetwork(*os.File) error { return errors.ErrUnsupported }

func statFS(string) (FileSystem, error) { return FileSystem{}, errors.ErrUnsupported }
