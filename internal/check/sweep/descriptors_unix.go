//go:build unix

package sweep

import "golang.org/x/sys/unix"

// Descriptors is how many this process may have open, once its own limit is raised to the
// one that it cannot raise; zero means unknown.
func Descriptors() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	if r.Cur < r.Max {
		higher := r
		higher.Cur = r.Max
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &higher) == nil {
			r = higher
		}
	}
	return int(min(uint64(r.Cur), 1<<30)) //nolint:gosec // bounded
}
