package hop

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// resent is how many SYNs got lost before a connection stood, and the round trip of the one
// that arrived (tcp(7), TCP_INFO): nothing else has been sent over it yet. On a long way a SYN
// is sent again although the first one arrived; what its round trip explains was not lost.
func resent(c net.Conn, took time.Duration) (lost int, trip time.Duration) {
	s, can := c.(syscall.Conn)
	if !can {
		return 0, took
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return 0, took
	}
	trip = took
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return
		}
		n := int(min(info.Total_retrans, 10))
		if info.Rtt == 0 { // without time stamps it is not known which SYN was answered
			if n > 0 {
				trip = 0
			}
			return
		}
		rtt := time.Duration(info.Rtt) * time.Microsecond
		if n == 0 {
			trip = min(trip, rtt) // the rest is what this process took to see it
			return
		}
		// Linux repeats a SYN once a second, four times, before it doubles the wait (tcp_syn_linear_timeouts, 6.5);
		// older ones double it from the first on: as long as a second each it has to have waited
		if waited := time.Duration(n) * time.Second; took-rtt >= waited/2 {
			lost, trip = n, rtt
		}
	})
	return lost, trip
}

// arrived is when the last bytes of a connection came, by the kernel's own clock (tcp(7),
// TCP_INFO): a process that is busy reads them later.
func arrived(raw syscall.RawConn, now time.Time) time.Time {
	if raw == nil {
		return now
	}
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			now = now.Add(-time.Duration(info.Last_data_recv) * time.Millisecond)
		}
	})
	return now
}

// acknowledged is how long something that was sent was not acknowledged, all together, and the shortest
// round trip (tcp(7), TCP_INFO): the peer's system answers there, however busy its program is.
func acknowledged(raw syscall.RawConn) (waited, least time.Duration) {
	if raw == nil {
		return 0, 0
	}
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			waited = time.Duration(info.Busy_time) * time.Microsecond
			least = time.Duration(info.Min_rtt) * time.Microsecond
		}
	})
	return waited, least
}

// counted is how many segments a connection has sent again, but for those that the peer had twice, and how
// many bytes its system has acknowledged, the SYN among them; false where this system does not tell (tcp(7),
// TCP_INFO).
func counted(raw syscall.RawConn) (again int, acked uint64, told bool) {
	if raw == nil {
		return 0, 0, false
	}
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			again, acked = max(int(info.Total_retrans)-int(info.Dsack_dups), 0), info.Bytes_acked
			told = acked > 0
		}
	})
	return again, acked, told
}
