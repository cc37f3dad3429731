package render

import (
	"slices"
	"testing"

	"edgenet/report"
)

func TestDisplayWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "日本": 4, "✓ ok": 4, "─✗": 2, "…": 1, "Ａ": 2, "한": 2,
		"🙂": 2, "é": 1} {
		if got := displayWidth(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want []string
	}{
		{"", 10, nil},
		{"one two three", 7, []string{"one two", "three"}},
		{"abcdefghij kl", 4, []string{"abcd", "efgh", "ij", "kl"}},
		{"日本語", 4, []string{"日本", "語"}},
		{"日本", 1, []string{"日", "本"}},
	} {
		if got := wrap(c.in, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d: %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestFitCutsByDisplayWidth(t *testing.T) {
	p := newPen(TextOptions{Unicode: true})
	l := line{{"日本", bold}, {"語テスト", plain}}
	for n := 1; n < 14; n++ {
		if got := p.fit(l, n); got.width() > n {
			t.Errorf("%d columns: %q", n, got.text())
		}
	}
	if got := p.fit(l, 6).text(); got != "日本…" {
		t.Errorf("%q", got)
	}
}

func TestDuration(t *testing.T) {
	for m, want := range map[report.Millis]string{0: "0.0 ms", 4.24: "4.2 ms", 9.96: "10 ms", 812: "812 ms",
		999.6: "1.0 s", 10003: "10.0 s", 99_960: "100 s", 123_456: "123 s", -1: ""} {
		if got := duration(m); got != want {
			t.Errorf("%v: %q, want %q", float64(m), got, want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("日本語 hello", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = 2 + (n&0xff)%200
		s = newPen(TextOptions{Unicode: true}).clean(s)
		for _, l := range wrap(s, n) {
			if displayWidth(l) > n {
				t.Errorf("%q is wider than %d", l, n)
			}
		}
	})
}
