//go:build !linux

package hop

import "syscall"

// lateAck is for Linux alone: elsewhere each connection takes a packet more.
func lateAck(syscall.RawConn) {}

// ackWhenDry is for Linux alone: elsewhere the peer's second message comes a little later.
func ackWhenDry(syscall.RawConn) {}

// joinEnd is for Linux alone: elsewhere a goodbye and the end are two packets.
func joinEnd(syscall.RawConn) {}
