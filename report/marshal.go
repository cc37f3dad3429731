package report

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes the contract's form whatever the report was built from.
func (r Report) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(jsonHead + jsonResult*len(r.Results))
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // left to the outer encoder, which knows who reads
	err := e.Encode(r.Plain())
	return b.Bytes(), err
}

// Plain is the contract's form as a value without a method of its own, which an encoder writes
// without a copy: times in UTC, and lists that are empty rather than null.
func (r Report) Plain() any {
	type plain Report
	p := plain(r)
	p.StartedAt = r.StartedAt.UTC()
	p.Routes = present(r.Routes)
	p.Findings = make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		f.Results = present(f.Results)
		p.Findings[i] = f
	}
	p.Results = make([]Result, len(r.Results))
	for i, res := range r.Results {
		res.Steps = present(res.Steps)
		p.Results[i] = res
	}
	p.Verdict.Working = present(r.Verdict.Working)
	return p
}

// What a report and a result of it take as JSON, about: a buffer that fits is made once.
const (
	jsonHead   = 4 << 10 // bytes
	jsonResult = 4 << 10
)

// present makes a missing list an empty one.
func present[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
