package command

import (
	"runtime"
	"testing"
)

// TestProcessors: checks that overlap have all processors until the last of them ends, and one that is
// ended twice counts once. It does not run beside others: the number is the process's.
func TestProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(before)
	p := newProcessors()
	want := func(when string, n int) {
		t.Helper()
		if got := runtime.GOMAXPROCS(0); got != n {
			t.Errorf("%s: %d processors, want %d", when, got, n)
		}
	}
	want("idle", 1)
	first := p.spread()
	want("in a check", 3)
	second := p.spread()
	first()
	first()
	want("in the second check", 3)
	second()
	want("idle again", 1)
	p.spread()()
	want("once more", 1)
}
