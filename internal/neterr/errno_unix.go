//go:build unix

package neterr

import "syscall"

// errnoTable maps POSIX error numbers (connect(2), tcp(7), icmp(7)).
var errnoTable = map[syscall.Errno]errnoInfo{
	syscall.ETIMEDOUT:     {Timeout, "ETIMEDOUT"},
	syscall.ECONNREFUSED:  {Refused, "ECONNREFUSED"},
	syscall.ECONNRESET:    {Reset, "ECONNRESET"},
	syscall.ECONNABORTED:  {Reset, "ECONNABORTED"},
	syscall.EPIPE:         {Reset, "EPIPE"},
	syscall.ENETUNREACH:   {NetUnreachable, "ENETUNREACH"},
	syscall.ENETDOWN:      {NetUnreachable, "ENETDOWN"},
	syscall.EHOSTUNREACH:  {HostUnreachable, "EHOSTUNREACH"},
	syscall.EHOSTDOWN:     {HostUnreachable, "EHOSTDOWN"},
	syscall.EACCES:        {AccessDenied, "EACCES"},
	syscall.EPERM:         {NotPermitted, "EPERM"},
	syscall.EINVAL:        {Invalid, "EINVAL"},
	syscall.ENOPROTOOPT:   {ProtoUnavailable, "ENOPROTOOPT"},
	syscall.EADDRNOTAVAIL: {AddressMissing, "EADDRNOTAVAIL"},
	syscall.EAFNOSUPPORT:  {AddressMissing, "EAFNOSUPPORT"},
	syscall.ENODEV:        {AddressMissing, "ENODEV"},
	syscall.EMSGSIZE:      {MessageSize, "EMSGSIZE"},
	syscall.EMFILE:        {HostLimit, "EMFILE"},
	syscall.ENFILE:        {HostLimit, "ENFILE"},
	syscall.ENOBUFS:       {HostLimit, "ENOBUFS"},
	syscall.ENOMEM:        {HostLimit, "ENOMEM"},
	syscall.EADDRINUSE:    {AddressInUse, "EADDRINUSE"},
}
