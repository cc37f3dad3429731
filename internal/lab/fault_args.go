package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Arguments are checked when a fault is set, so that what runs later can trust
// them and falls back to the default for none.

// between checks a whole number, or none.
func between(low, high int) func(string) error {
	return func(arg string) error {
		if arg == "" {
			return nil
		}
		if n, err := strconv.Atoi(arg); err != nil || n < low || n > high {
			return fmt.Errorf("%q: expected a whole number from %d to %d", arg, low, high)
		}
		return nil
	}
}

// oneOf checks one of some words, or none.
func oneOf(words ...string) func(string) error {
	return func(arg string) error {
		if arg == "" || slices.Contains(words, arg) {
			return nil
		}
		return fmt.Errorf("%q: expected one of %s", arg, strings.Join(words, ", "))
	}
}

// anyText checks printable text of at most 200 bytes, or none.
func anyText(arg string) error {
	if len(arg) > 200 || strings.ContainsFunc(arg, func(r rune) bool { return r < ' ' || r == 127 }) {
		return fmt.Errorf("%q: expected printable text of at most 200 bytes", arg)
	}
	return nil
}

// number is the argument, or the default.
func (f Fault) number(otherwise int) int {
	if n, err := strconv.Atoi(f.Arg); err == nil {
		return n
	}
	return otherwise
}

// text is the argument, or the default.
func (f Fault) text(otherwise string) string {
	if f.Arg == "" {
		return otherwise
	}
	return f.Arg
}

func (f Fault) seconds(otherwise int) time.Duration {
	return time.Duration(f.number(otherwise)) * time.Second
}

func (f Fault) millis(otherwise int) time.Duration {
	return time.Duration(f.number(otherwise)) * time.Millisecond
}
