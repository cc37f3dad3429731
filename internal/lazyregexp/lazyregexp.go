// Package lazyregexp compiles patterns when they are first needed: most runs of a program
// with many commands need none of them, and to compile them all is the most of its start.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New gives a function that compiles the pattern when it is first called. Like
// regexp.MustCompile it panics where the pattern is none, then.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
