//go:build !linux

package alarm

import "time"

// clock is none: a timer of Go's does its work.
type clock struct{}

func (*clock) start(func()) bool { return false }
func (*clock) set(time.Duration) {}
func (*clock) stop()             {}
