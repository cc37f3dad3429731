package diff

import (
	"encoding/json"
	"fmt"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

func TestMany(t *testing.T) {
	t.Parallel()
	named := func(name, of string) *report.Report {
		r := *sample.Reports()[of]
		r.Target.Hub = name
		return &r
	}
	var m Many
	m.Add(named("a", "all-ok"), named("a", "all-ok"))
	m.Add(named("b", "all-ok"), named("b", "nothing"))
	m.Add(named("c", "all-ok"), nil)
	m.Add(nil, named("d", "all-ok"))
	m.Add(nil, nil)
	d := m.Diff()
	if want := (Hubs{A: 3, B: 3, Different: 1, OnlyA: 1, OnlyB: 1}); *d.Hubs != want || d.Same {
		t.Errorf("%+v, same %v", *d.Hubs, d.Same)
	}
	seen := map[string]int{}
	for _, c := range d.Changes {
		seen[c.Hub]++
	}
	if seen["a"] != 0 || seen["b"] < 2 || seen["c"] != 1 || seen["d"] != 1 || seen[""] != 0 {
		t.Errorf("changes by hub: %v", seen)
	}
	var none Many
	none.Add(named("a", "all-ok"), named("a", "all-ok"))
	if p, err := json.Marshal(none.Diff()); err != nil || !none.Diff().Same || !json.Valid(p) {
		t.Errorf("%s %v", p, err)
	}
}

// BenchmarkCompare is for the growth with the number of paths: twice as many cost twice as much.
func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{125, 250, 500, 1000} {
		r := *sample.Reports()["nothing"]
		base := r.Results
		r.Results = nil
		for i := range n {
			res := base[i%len(base)]
			res.ID, res.Host = fmt.Sprintf("r%d", i+1), fmt.Sprintf("h%d", i)
			r.Results = append(r.Results, res)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Compare(&r, &r)
			}
		})
	}
}
