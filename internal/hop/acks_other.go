//go:build !linux

package hop

import "syscall"

// quickAck is for Linux alone: elsewhere the peer's second message comes a little later.
func quickAck(syscall.RawConn) {}

// lateAck is for Linux alone: elsewhere each connection takes a packet more.
func lateAck(syscall.RawConn) {}

// ackOnce is for Linux alone.
func ackOnce(syscall.RawConn) {}

// joinEnd is for Linux alone: elsewhere a goodbye and the end are two packets.
func joinEnd(syscall.RawConn) {}
