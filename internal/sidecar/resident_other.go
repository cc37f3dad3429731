//go:build !linux

package sidecar

import "runtime/debug"

// release gives the heap of a check that is over back to the system.
func release() { debug.FreeOSMemory() }
