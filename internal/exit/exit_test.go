package exit

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestWorse(t *testing.T) {
	t.Parallel()
	order := []int{Usage, Interrupted, Bad, Other, Output, Good}
	for i, a := range order {
		for j, b := range order {
			if got := Worse(a, b); got != order[min(i, j)] {
				t.Errorf("%d and %d: %d", a, b, got)
			}
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	plain := errors.New("x")
	for _, c := range []struct {
		err  error
		code int
		says string
		help bool
	}{
		{nil, 0, "", false}, {plain, 2, "x", true}, {Usagef("u"), 2, "u", true}, {Input(plain), 2, "x", false},
		{fmt.Errorf("f: %w", Input(plain)), 2, "f: x", false},
		{Result(plain), 4, "writing the result: x", false}, {Run(plain), 1, "x", false}, {CodeError(3), 3, "", false},
		{With(0, nil), 0, "", false}, {With(3, nil), 3, "", false}, {With(0, Result(plain)), 4, "writing the result: x",
			false}, {With(3, Result(plain)), 3, "writing the result: x", false},
		{With(1, errors.Join(Result(plain), Result(plain))), 1, "writing the result: x|writing the result: x", false},
		{With(130, Result(plain)), 130, "writing the result: x", false},
		{Input(nil), 0, "", false}, {Result(nil), 0, "", false}, {Run(nil), 0, "", false},
	} {
		if got := Code(c.err); got != c.code {
			t.Errorf("%v: %d, want %d", c.err, got, c.code)
		}
		if got := strings.Join(Messages(c.err), "|"); got != c.says {
			t.Errorf("%v: says %q", c.err, got)
		}
		if Help(c.err) != c.help {
			t.Errorf("%v: help %v", c.err, !c.help)
		}
	}
}
