package hop

import (
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"

	"edgenet/report"
)

// TestCause is the table behind the classifier of tcp, for the errors that need a real
// network; network namespaces produce them elsewhere.
func TestCause(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("errors of other systems")
	}
	wrap := func(call string, e syscall.Errno) error {
		return &net.OpError{Op: "dial", Err: os.NewSyscallError(call, e)}
	}
	for _, tt := range []struct {
		errno syscall.Errno
		net   report.Cause // by the network
		host  report.Cause // where a UDP connect gives it too
	}{
		{syscall.ENETUNREACH, report.TCPUnreachable, report.TCPNoRoute},
		{syscall.EHOSTUNREACH, report.TCPUnreachable, report.TCPNoRoute},
		{syscall.EACCES, report.TCPUnreachable, report.TCPLocalDenied},
		{syscall.EINVAL, report.TCPUnreachable, report.TCPLocalDenied},
		{syscall.ENOPROTOOPT, report.TCPUnreachable, report.TCPLocalDenied},
		{syscall.EPERM, report.TCPLocalDenied, report.TCPLocalDenied},
		{syscall.EADDRNOTAVAIL, report.HostLimit, report.TCPNoRoute},
		{syscall.EAFNOSUPPORT, report.TCPNoRoute, report.TCPNoRoute},
		{syscall.ETIMEDOUT, report.TCPTimeout, report.TCPTimeout},
		{syscall.ECONNREFUSED, report.TCPRefused, report.TCPRefused},
		{syscall.EMFILE, report.HostLimit, report.HostLimit}, {syscall.ENFILE, report.HostLimit, report.HostLimit},
		{syscall.ENOBUFS, report.HostLimit, report.HostLimit}, {syscall.ENOMEM, report.HostLimit, report.HostLimit},
		{syscall.EADDRINUSE, report.HostLimit, report.HostLimit},
		{syscall.EISDIR, report.Unknown, report.Unknown},
	} {
		a := attempt{err: wrap("connect", tt.errno)}
		if got := a.cause(); got != tt.net {
			t.Errorf("%v from the network: %s, want %s", tt.errno, got, tt.net)
		}
		a.localErr = wrap("connect", syscall.ENETDOWN+1000)
		if got := a.cause(); got != tt.net {
			t.Errorf("%v beside another error of this host's: %s, want %s", tt.errno, got, tt.net)
		}
		a.localErr = a.err
		if got := a.cause(); got != tt.host {
			t.Errorf("%v by this host: %s, want %s", tt.errno, got, tt.host)
		}
		a = attempt{err: wrap("bind", tt.errno)}
		if got := a.cause(); got != report.TCPLocalDenied && (tt.net != report.HostLimit || got != report.HostLimit) {
			t.Errorf("%v at bind: %s", tt.errno, got)
		}
	}
}

// TestFaultSummaries: each says who did what to which address.
func TestFaultSummaries(t *testing.T) {
	if Seconds(1500e6) != "1.5 s" || brief(1500e6) != "1.5 s" || brief(2500e3) != "2.5 ms" ||
		brief(31e3) != "less than 1 ms" {
		t.Error("durations in words")
	}
}
