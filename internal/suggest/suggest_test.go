package suggest

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"check", "diff", "explain", "lab", "version", "tcp.refused", "dns.refused"}
	for in, want := range map[string]string{"chekc": "check", "chec": "check", "dif": "diff", "exlpain": "explain",
		"x": "", "": "", "zzzzzzz": "", "VERSION": "version", "tcp.refuse": "tcp.refused", "lba": "lab"} {
		if got := strings.Join(Nearest(in, known), " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		n    int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}, {"ca", "abc", 3}} {
		if got := Distance(c.a, c.b); got != c.n {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.n)
		}
	}
}
