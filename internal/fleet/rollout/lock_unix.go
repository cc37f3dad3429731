//go:build unix

package rollout

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lockWithin is how long a lock may take: what ends a write after its process was killed holds
// all files of that one for a moment more.
const lockWithin = time.Second

// lock holds the file until it is closed, or the process ends however it ends.
func lock(f *os.File) error {
	for end := time.Now().Add(lockWithin); ; time.Sleep(10 * time.Millisecond) {
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil { //nolint:gosec // a file descriptor fits
			return nil
		}
		if time.Now().After(end) {
			return ErrInUse
		}
	}
}
