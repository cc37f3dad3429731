package diff

import (
	"strings"

	"edgenet/report"
)

// Hubs counts those of two sweeps.
type Hubs struct {
	A         int `json:"a"` // in the first
	B         int `json:"b"`
	Different int `json:"different"` // in both, and not the same
	OnlyA     int `json:"onlyA"`
	OnlyB     int `json:"onlyB"`
}

// Many puts the differences of many hubs together. The zero value is ready.
type Many struct {
	d    Diff
	hubs Hubs
}

// Add compares the reports of one hub; nil where a side has none. Notes are left out: of many
// hubs they are many, and ask for nothing.
func (m *Many) Add(a, b *report.Report) {
	switch {
	case a == nil && b == nil:
	case a == nil:
		m.hubs.B++
		m.hubs.OnlyB++
		m.count(&m.d.B, b)
		m.d.Changes = append(m.d.Changes, Change{Kind: KindTarget, Hub: b.Target.Hub, Field: "hub", To: "probed"})
	case b == nil:
		m.hubs.A++
		m.hubs.OnlyA++
		m.count(&m.d.A, a)
		m.d.Changes = append(m.d.Changes, Change{Kind: KindTarget, Hub: a.Target.Hub, Field: "hub", From: "probed"})
	default:
		m.hubs.A++
		m.hubs.B++
		m.count(&m.d.A, a)
		m.count(&m.d.B, b)
		one := Compare(a, b)
		if !one.Same {
			m.hubs.Different++
		}
		for _, c := range one.Changes {
			c.Hub = b.Target.Hub
			m.d.Changes = append(m.d.Changes, c)
		}
	}
}

// count adds a report to its side: the earliest start stands for all.
func (m *Many) count(s *Side, r *report.Report) {
	one := side(r)
	s.Paths += one.Paths
	if s.StartedAt == "" || one.StartedAt != "" && strings.Compare(one.StartedAt, s.StartedAt) < 0 {
		s.StartedAt = one.StartedAt
	}
}

// Diff is what differs between the two sweeps.
func (m *Many) Diff() Diff {
	d, hubs := m.d, m.hubs
	d.Schema, d.Hubs, d.Notes = Schema, &hubs, []Change{}
	if d.Changes == nil {
		d.Changes = []Change{}
	}
	d.Same = len(d.Changes) == 0
	return d
}
