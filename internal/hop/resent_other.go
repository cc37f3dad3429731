//go:build !linux

package hop

import (
	"net"
	"syscall"
	"time"
)

// resent is not told by this system.
func resent(_ net.Conn, took time.Duration) (lost int, trip time.Duration) { return 0, took }

// arrived is when bytes are read: no other system is asked when they came.
func arrived(_ syscall.RawConn, now time.Time) time.Time { return now }

// acknowledged is not told by this system.
func acknowledged(syscall.RawConn) (waited, least time.Duration) { return 0, 0 }

// counted is not told by this system.
func counted(syscall.RawConn) (again int, acked uint64, told bool) { return 0, 0, false }
