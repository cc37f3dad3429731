// Package sorting sorts by a comparison, with the one sorter of package sort: slices.SortFunc
// makes sixteen functions for each type that is sorted, 18 kB of the program a type.
package sorting

import (
	"maps"
	"slices"
	"sort"
)

// By sorts a list in place; what compares as equal keeps its order.
func By[E any](list []E, compare func(a, b E) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}

// Keys gives the keys of a map in the order of a comparison, which must hold no two for equal.
func Keys[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := slices.Collect(maps.Keys(m))
	By(keys, compare)
	return keys
}
