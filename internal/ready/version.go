package ready

import (
	"strconv"
	"strings"
)

// release reads MAJOR.MINOR from a version or an image's tag such as 1.5.21-linux-arm64;
// ok is false where there is none.
func release(s string) (major, minor int, ok bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	a, rest, found := strings.Cut(s, ".")
	b := strings.FieldsFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if !found || len(b) == 0 || rest[0] < '0' || rest[0] > '9' {
		return 0, 0, false
	}
	major, err := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b[0])
	return major, minor, err == nil && err2 == nil
}

// line is MAJOR.MINOR as text.
func line(s string) (string, bool) {
	major, minor, ok := release(s)
	return strconv.Itoa(major) + "." + strconv.Itoa(minor), ok
}

// less compares two API versions such as 1.41 and 1.9 by their numbers.
func less(a, b string) bool {
	x, y, ok := release(a)
	p, q, ok2 := release(b)
	return ok && ok2 && (x < p || x == p && y < q)
}

// placeholder tells an image that a template fills in later: nothing can be said of it.
func placeholder(image string) bool { return strings.Contains(image, "$") }
