package neterr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestWinsock holds every row of the Windows table against winsock2.h and winerror.h; a
// Linux machine has no other way to check it.
func TestWinsock(t *testing.T) {
	want := map[syscall.Errno]errnoInfo{
		10060: {Timeout, "WSAETIMEDOUT"}, 121: {Timeout, "ERROR_SEM_TIMEOUT"},
		10061: {Refused, "WSAECONNREFUSED"}, 1225: {Refused, "ERROR_CONNECTION_REFUSED"},
		1234:  {Refused, "ERROR_PORT_UNREACHABLE"},
		10052: {Reset, "WSAENETRESET"}, 10053: {Reset, "WSAECONNABORTED"}, 10054: {Reset, "WSAECONNRESET"},
		10058: {Reset, "WSAESHUTDOWN"},
		64:    {Reset, "ERROR_NETNAME_DELETED"}, 1236: {Reset, "ERROR_CONNECTION_ABORTED"},
		10050: {NetUnreachable, "WSAENETDOWN"}, 10051: {NetUnreachable, "WSAENETUNREACH"},
		1231:  {NetUnreachable, "ERROR_NETWORK_UNREACHABLE"},
		10064: {HostUnreachable, "WSAEHOSTDOWN"}, 10065: {HostUnreachable, "WSAEHOSTUNREACH"},
		1232:  {HostUnreachable, "ERROR_HOST_UNREACHABLE"},
		10013: {NotPermitted, "WSAEACCES"}, 10022: {Invalid, "WSAEINVAL"}, 10042: {ProtoUnavailable, "WSAENOPROTOOPT"},
		10047: {AddressMissing, "WSAEAFNOSUPPORT"}, 10049: {AddressMissing, "WSAEADDRNOTAVAIL"},
		10040: {MessageSize, "WSAEMSGSIZE"},
		10024: {HostLimit, "WSAEMFILE"}, 10055: {HostLimit, "WSAENOBUFS"}, 10048: {AddressInUse, "WSAEADDRINUSE"},
	}
	for errno, row := range want {
		if got := winsockTable[errno]; got != row {
			t.Errorf("%d: got %v, want %v", errno, got, row)
		}
	}
	for errno, row := range winsockTable {
		if _, ok := want[errno]; !ok {
			t.Errorf("%d %s has no row here", errno, row.name)
		}
	}
}

func TestUnix(t *testing.T) {
	if errnoTable[syscall.ECONNREFUSED].name != "ECONNREFUSED" {
		t.Skip("no table of POSIX errors here")
	}
	rows := map[syscall.Errno]errnoInfo{
		syscall.ETIMEDOUT: {Timeout, "ETIMEDOUT"}, syscall.ECONNREFUSED: {Refused, "ECONNREFUSED"},
		syscall.ECONNRESET: {Reset, "ECONNRESET"}, syscall.ECONNABORTED: {Reset, "ECONNABORTED"},
		syscall.EPIPE:       {Reset, "EPIPE"},
		syscall.ENETUNREACH: {NetUnreachable, "ENETUNREACH"}, syscall.ENETDOWN: {NetUnreachable, "ENETDOWN"},
		syscall.EHOSTUNREACH: {HostUnreachable, "EHOSTUNREACH"}, syscall.EHOSTDOWN: {HostUnreachable, "EHOSTDOWN"},
		syscall.EACCES: {AccessDenied, "EACCES"}, syscall.EPERM: {NotPermitted, "EPERM"},
		syscall.EINVAL:      {Invalid, "EINVAL"},
		syscall.ENOPROTOOPT: {ProtoUnavailable, "ENOPROTOOPT"}, syscall.EADDRNOTAVAIL: {AddressMissing,
			"EADDRNOTAVAIL"},
		syscall.EAFNOSUPPORT: {AddressMissing, "EAFNOSUPPORT"}, syscall.ENODEV: {AddressMissing, "ENODEV"},
		syscall.EMSGSIZE: {MessageSize, "EMSGSIZE"},
		syscall.EMFILE:   {HostLimit, "EMFILE"}, syscall.ENFILE: {HostLimit, "ENFILE"},
		syscall.ENOBUFS: {HostLimit, "ENOBUFS"}, syscall.ENOMEM: {HostLimit, "ENOMEM"},
		syscall.EADDRINUSE: {AddressInUse, "EADDRINUSE"},
	}
	for errno, want := range rows {
		err := error(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errno)})
		if got := (errnoInfo{Of(err), ErrnoName(err)}); got != want {
			t.Errorf("%v: got %v, want %v", errno, got, want)
		}
	}
	if len(rows) != len(errnoTable) {
		t.Errorf("%d rows here, %d in the table", len(rows), len(errnoTable))
	}
}

func TestOf(t *testing.T) {
	past, cancel := context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancel()
	gone, stop := context.WithCancel(context.Background())
	stop()
	_, late := (&net.Dialer{}).DialContext(past, "tcp", "127.0.0.1:1")
	_, canceled := (&net.Dialer{}).DialContext(gone, "tcp", "127.0.0.1:1")
	for _, tt := range []struct {
		err  error
		want Kind
	}{
		{nil, Other}, {errors.New("x"), Other}, {late, Timeout}, {canceled, Canceled},
		{context.DeadlineExceeded, Timeout}, {fmt.Errorf("read: %w", os.ErrDeadlineExceeded), Timeout},
		{context.Canceled, Canceled},
		{&net.DNSError{IsTimeout: true}, Timeout},
		{io.EOF, EOF}, {fmt.Errorf("x: %w", io.ErrUnexpectedEOF), EOF}, {net.ErrClosed, EOF}, {io.ErrClosedPipe, EOF},
		{syscall.Errno(4242), Other},
	} {
		if got := Of(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
	if ErrnoName(nil) != "" || ErrnoName(io.EOF) != "" || ErrnoName(syscall.Errno(4242)) != "" {
		t.Error("a name where no errno of the table is")
	}
	if !HasErrno(fmt.Errorf("x: %w", syscall.Errno(4242))) || HasErrno(io.EOF) {
		t.Error("HasErrno")
	}
	if !AtBind(fmt.Errorf("x: %w", os.NewSyscallError("bind to interface x", syscall.EPERM))) ||
		AtBind(os.NewSyscallError("connect", syscall.EPERM)) || AtBind(io.EOF) {
		t.Error("AtBind")
	}
}

func TestText(t *testing.T) {
	if Text(nil) != "" || Text(errors.New("a\x1b[2Jb")) != "a·[2Jb" ||
		len(Text(errors.New(string(make([]byte, 5000))))) > 200 {
		t.Error("the text of an error is scrubbed and bounded")
	}
}
