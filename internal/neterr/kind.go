package neterr

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"edgenet/report"
)

// Kind is what happened to a socket, whatever the operating system calls it.
type Kind int

// The kinds. Other is everything that the tables do not know.
const (
	Other Kind = iota
	Timeout
	Canceled
	Refused
	Reset
	EOF
	NetUnreachable
	HostUnreachable
	AccessDenied     // EACCES: also what ICMPv6 admin-prohibited becomes
	NotPermitted     // EPERM; on Windows WSAEACCES
	Invalid          // EINVAL: also what a blackhole route gives
	ProtoUnavailable // ENOPROTOOPT: what ICMP protocol-unreachable becomes
	AddressMissing   // EADDRNOTAVAIL, EAFNOSUPPORT, ENODEV: the local address, its family or its interface is not here
	MessageSize      // EMSGSIZE
	AddressInUse     // EADDRINUSE: asked for any port, none is free
	HostLimit        // EMFILE, ENFILE, ENOBUFS, ENOMEM: this host has run out of something
)

// errnoInfo is one row of an operating system's table.
type errnoInfo struct {
	kind Kind
	name string
}

// Of tells the kind of an error.
func Of(err error) Kind {
	if err == nil {
		return Other
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if i, ok := errnoTable[errno]; ok {
			return i.kind
		}
	}
	var ne net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.As(err, &ne) && ne.Timeout():
		return Timeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.ErrClosedPipe):
		return EOF
	}
	return Other
}

// HasErrno tells whether the operating system gave the error, known to the table or not.
func HasErrno(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno)
}

// AtBind tells whether a socket could not even be bound to its source: this host's doing,
// before anything was sent.
func AtBind(err error) bool {
	var sys *os.SyscallError
	return errors.As(err, &sys) && strings.HasPrefix(sys.Syscall, "bind")
}

// ErrnoName gives the operating system's name of the error ("ECONNREFUSED"),
// empty where the error holds none that the table knows.
func ErrnoName(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	return errnoTable[errno].name
}

// Text is the error's own text, scrubbed for a terminal and bounded.
func Text(err error) string {
	if err == nil {
		return ""
	}
	return report.Clean(err.Error(), 200)
}
