// Package exit holds the exit codes of all commands and the errors that lead to them. It
// decides nothing but which code wins.
package exit

import (
	"errors"
	"fmt"
	"syscall"
)

// The exit codes of all commands.
const (
	Good        = 0
	Bad         = 1
	Usage       = 2   // wrong usage or unreadable input: nothing was probed
	Other       = 3   // another protocol than the expected one works
	Output      = 4   // the answer is good, and an output could not be written
	Interrupted = 130 // what had been found is printed
)

// Worse is the code that wins where several apply: 2 over 130 over 1 over 3 over 4 over 0.
func Worse(a, b int) int {
	for _, code := range []int{Usage, Interrupted, Bad, Other, Output} {
		if a == code || b == code {
			return code
		}
	}
	return max(a, b)
}

// UsageError is wrong usage: what was typed does not go together, and help would tell.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }
func (e UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// InputError is input that cannot be read, or is not what it should be: no help text says
// more of it.
type InputError struct{ error }

func (e InputError) Unwrap() error { return e.error }

// Input makes an InputError, of nil nil.
func Input(err error) error {
	if err == nil {
		return nil
	}
	return InputError{err}
}

// Inputf makes an InputError.
func Inputf(format string, args ...any) error { return InputError{fmt.Errorf(format, args...)} }

// OutputError is a result that could not be written.
type OutputError struct{ Err error }

func (e OutputError) Error() string { return e.Err.Error() }
func (e OutputError) Unwrap() error { return e.Err }

// Result makes an OutputError of a failure to write a result, of nil nil.
func Result(err error) error {
	if err == nil {
		return nil
	}
	return OutputError{fmt.Errorf("writing the result: %w", err)}
}

// RunError is a failure of the program itself, after the usage was found right.
type RunError struct{ error }

func (e RunError) Unwrap() error { return e.error }

// Run makes a RunError, of nil nil.
func Run(err error) error {
	if err == nil {
		return nil
	}
	return RunError{err}
}

// ErrInterrupted is in every error of what an interrupt ended.
var ErrInterrupted = errors.New("interrupted")

// CodeError carries an exit code that was explained already.
type CodeError int

func (e CodeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// With is an answer's code, and what went wrong in writing it: nil where both are good.
func With(code int, err error) error {
	switch {
	case err != nil:
		return errors.Join(CodeError(code), err)
	case code != Good:
		return CodeError(code)
	}
	return nil
}

// Code is the exit code of an error: the worst of those that are joined in it. Wrong usage
// is what everything else is.
func Code(err error) int {
	if err == nil {
		return Good
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // of this very error
		worst := Good
		for _, e := range joined.Unwrap() {
			worst = Worse(worst, Code(e))
		}
		return worst
	}
	var code CodeError
	switch {
	case errors.Is(err, ErrInterrupted):
		return Interrupted
	case errors.Is(err, syscall.ENOSPC): // no input says so, whoever passes it on
		return Output
	case errors.As(err, new(UsageError)), errors.As(err, new(InputError)):
		return Usage
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, new(OutputError)):
		return Output
	case errors.As(err, new(RunError)):
		return Bad
	}
	return Usage
}

// Messages are what is to be said of an error, one a line; codes say nothing.
func Messages(err error) []string {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // of this very error
		var out []string
		for _, e := range joined.Unwrap() {
			out = append(out, Messages(e)...)
		}
		return out
	}
	if _, ok := err.(CodeError); ok { //nolint:errorlint // of this very error
		return nil
	}
	if errors.Is(err, ErrInterrupted) {
		return []string{ErrInterrupted.Error()}
	}
	return []string{err.Error()}
}

// Help tells whether the help text would say more.
func Help(err error) bool {
	return Code(err) == Usage && !errors.As(err, new(InputError)) && !errors.As(err, new(CodeError))
}
