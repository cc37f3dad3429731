//go:build unix

package hop

import (
	"os"
	"syscall"
)

// SafeSegment fits into a packet of 576 bytes, which every IPv4 path carries (RFC 791,
// RFC 9293 section 3.7.1), so that no path MTU is too small for it.
const SafeSegment = 536

// limitSegments makes a socket that is not connected yet ask for small segments, and
// send none that are larger.
func limitSegments(c syscall.RawConn, size int) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = os.NewSyscallError("setsockopt TCP_MAXSEG", syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP,
			syscall.TCP_MAXSEG, size))
	})
	if err != nil {
		return err
	}
	return failed
}

// SegmentsLimited tells whether Env.MaxSegment works here.
const SegmentsLimited = true
