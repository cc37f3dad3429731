package suggest

import (
	"slices"
	"strings"
)

// DidYouMean names what was probably meant, ready to be appended to a message; empty
// where nothing is near.
func DidYouMean(what string, known []string) string {
	near := Nearest(what, known)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + Alternatives(near) + "?"
}

// Nearest are the known words that differ from the word in few letters, or begin with
// it; the nearest alone where one is nearer than all others.
func Nearest(what string, known []string) []string {
	what = strings.ToLower(what)
	if what == "" {
		return nil
	}
	best, near := 3, []string(nil)
	for _, k := range known {
		d := Distance(what, strings.ToLower(k))
		if strings.HasPrefix(strings.ToLower(k), what) && len(what) > 1 {
			d = min(d, 1)
		}
		if d > best || d*2 > len(what)+1 {
			continue
		}
		if d < best {
			best, near = d, nil
		}
		near = append(near, k)
	}
	slices.Sort(near)
	return near
}

// Distance is how many letters have to be changed, added, left out or swapped with
// their neighbour to make b of a (optimal string alignment).
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// Alternatives joins with commas and an "or".
func Alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
