//go:build !linux

package hop

import "syscall"

// quickAck is for Linux alone: elsewhere the peer's second message comes a little later.
func quickAck(syscall.RawConn) {}
