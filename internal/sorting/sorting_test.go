package sorting_test

import (
	"cmp"
	"slices"
	"testing"

	"edgenet/internal/sorting"
)

func TestByKeepsTheOrderOfEquals(t *testing.T) {
	type row struct {
		key   int
		place int
	}
	var list []row
	for i := range 1000 {
		list = append(list, row{key: i * 7919 % 10, place: i})
	}
	sorting.By(list, func(a, b row) int { return cmp.Compare(a.key, b.key) })
	whole := func(a, b row) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place)) }
	if !slices.IsSortedFunc(list, whole) {
		t.Error("equal keys lost their order, or keys are out of order")
	}
}

func TestKeys(t *testing.T) {
	got := sorting.Keys(map[string]bool{"b": true, "c": true, "a": true},
		func(a, b string) int { return cmp.Compare(b, a) })
	if !slices.Equal(got, []string{"c", "b", "a"}) {
		t.Errorf("keys %q", got)
	}
}
