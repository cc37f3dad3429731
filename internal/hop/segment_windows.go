package hop

import (
	"errors"
	"syscall"
)

// SafeSegment fits into a packet of 576 bytes, which every IPv4 path carries.
const SafeSegment = 536

// SegmentsLimited tells whether Env.MaxSegment works here.
const SegmentsLimited = false

func limitSegments(syscall.RawConn, int) error { return errors.ErrUnsupported }
