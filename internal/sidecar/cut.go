package sidecar

import (
	"encoding/json"
	"errors"
	"slices"

	"edgenet/report"
)

// cutAnswer is a report that fits into a method's answer, and what is missing in it.
type cutAnswer struct {
	Report json.RawMessage `json:"report"`
	Cut    []string        `json:"cut"`
}

// cutReport makes a report fit, taking away what a reader misses least first: the
// certificates' chains, the details of what works, all details, the steps of what works,
// all steps. The verdict and the causes always stay.
func cutReport(r *report.Report, limit int) (cutAnswer, error) {
	cuts := []struct {
		said string
		cut  func(*report.Result)
	}{
		{"", nil},
		{"the chains of certificates", cutChains},
		{"the details of paths that work", func(x *report.Result) { cutDetails(x, true) }},
		{"the details of all steps", func(x *report.Result) { cutDetails(x, false) }},
		{"the steps of all paths", func(x *report.Result) { x.Steps = nil }},
	}
	short := *r
	short.Results = slices.Clone(r.Results)
	for i := range short.Results {
		short.Results[i].Steps = slices.Clone(short.Results[i].Steps)
	}
	out := cutAnswer{Cut: []string{}}
	for _, c := range cuts {
		if c.cut != nil {
			out.Cut = append(out.Cut, c.said)
			for i := range short.Results {
				c.cut(&short.Results[i])
			}
		}
		b, err := json.Marshal(short)
		if err != nil {
			return out, err
		}
		if len(b) <= limit {
			out.Report = b
			return out, nil
		}
	}
	return out, errors.New("the report does not fit into an answer")
}

// cutChains drops the chains from copies of the details: the report is shared.
func cutChains(x *report.Result) {
	for i, s := range x.Steps {
		if d, ok := s.Detail.(*report.TLSDetail); ok {
			c := *d
			c.Chain, c.Names = nil, nil
			x.Steps[i].Detail = &c
		}
	}
}

func cutDetails(x *report.Result, working bool) {
	if working && x.Status != report.OK {
		return
	}
	for i := range x.Steps {
		x.Steps[i].Detail = nil
	}
}
