package sidecar

import (
	"encoding/json"
	"errors"
	"fmt"

	"edgenet/report"
)

// cutAnswer is a report that fits into a method's answer, and what is missing in it.
type cutAnswer struct {
	Report json.RawMessage `json:"report"`
	Cut    []string        `json:"cut"`
}

// reduction takes one kind of thing out of a report; it tells whether there was any.
type reduction struct {
	said string
	from func(*report.Report) bool
}

// reductions are made one after the other until the report fits: what a reader misses least
// goes first. Verdict and causes always stay.
func reductions() []reduction {
	out := []reduction{
		{"the chains of certificates", eachResult(cutChains)},
		{"the steps of experiments", eachResult(cutExperimentSteps)},
		{"the details of paths that work",
			eachResult(func(x *report.Result) bool { return x.Status == report.OK && cutDetails(x.Steps) })},
		{"the container's own report", cutContainer},
		{"the experiments", eachResult(cutExperiments)},
		{"the details of all steps", eachResult(func(x *report.Result) bool { return cutDetails(x.Steps) })},
		{"the steps of all paths", eachResult(cutSteps)},
	}
	for text, items := 800, 512; items > 0; text, items = max(text/2, 60), items/2 {
		out = append(out, reduction{fmt.Sprintf("texts after %d bytes, and all but the first %d of each list",
			text, items),
			func(r *report.Report) bool { return shrink(r, text, items) }})
	}
	return out
}

// cutReport makes a report fit into so many bytes.
func cutReport(r *report.Report, limit int) (cutAnswer, error) {
	out := cutAnswer{Cut: []string{}}
	b, err := json.Marshal(r)
	if err != nil {
		return out, err
	}
	if len(b) <= limit {
		out.Report = b
		return out, nil
	}
	var short report.Report // of our own: the report is shared
	if err := json.Unmarshal(b, &short); err != nil {
		return out, err
	}
	for _, c := range reductions() {
		if !c.from(&short) {
			continue
		}
		out.Cut = append(out.Cut, c.said)
		if b, err = json.Marshal(short); err != nil {
			return out, err
		}
		if len(b) <= limit {
			out.Report = b
			return out, nil
		}
	}
	return out, errors.New("the report does not fit into an answer")
}

// eachResult makes a cut in every path.
func eachResult(f func(*report.Result) bool) func(*report.Report) bool {
	return func(r *report.Report) bool {
		some := false
		for i := range r.Results {
			some = f(&r.Results[i]) || some
		}
		return some
	}
}

// cutChains drops the chains of a path and of its experiments.
func cutChains(x *report.Result) bool {
	some := chains(x.Steps)
	for _, e := range x.Experiments {
		some = chains(e.Steps) || some
	}
	return some
}

func chains(steps []report.Step) bool {
	some := false
	for _, s := range steps {
		if d, ok := s.Detail.(*report.TLSDetail); ok && len(d.Chain)+len(d.Names) > 0 {
			d.Chain, d.Names, some = nil, nil, true
		}
	}
	return some
}

func cutExperimentSteps(x *report.Result) bool {
	some := false
	for i := range x.Experiments {
		e := &x.Experiments[i]
		some = some || len(e.Steps) > 0
		e.Steps = nil
	}
	return some
}

func cutExperiments(x *report.Result) bool {
	some := len(x.Experiments) > 0
	x.Experiments = nil
	return some
}

func cutDetails(steps []report.Step) bool {
	some := false
	for i := range steps {
		some = some || steps[i].Detail != nil
		steps[i].Detail = nil
	}
	return some
}

func cutSteps(x *report.Result) bool {
	some := len(x.Steps) > 0
	x.Steps = nil
	return some
}

func cutContainer(r *report.Report) bool {
	if r.Container == nil || r.Container.Report == nil {
		return false
	}
	r.Container.Report = nil
	if r.Container.Error == "" {
		r.Container.Error = "left out of this answer for its size"
	}
	return true
}
