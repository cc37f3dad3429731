//go:build unix

package rollout

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock holds the file until it is closed, or the process ends however it ends.
func lock(f *os.File) error {
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil { //nolint:gosec // a file descriptor fits
		return ErrInUse
	}
	return nil
}
