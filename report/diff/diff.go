package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// Schema is the value of Diff.Schema for this major number.
const Schema = "edgenet.diff/1"

// Diff is what differs between the reports A and B.
type Diff struct {
	Schema  string   `json:"schema"`
	Same    bool     `json:"same"` // no change; notes do not count
	A       Side     `json:"a"`
	B       Side     `json:"b"`
	Changes []Change `json:"changes"`
	Notes   []Change `json:"notes"`
	Hubs    *Hubs    `json:"hubs,omitempty"` // of two sweeps; nil where two reports were compared
}

// Side says which report it was.
type Side struct {
	Name      string `json:"name,omitempty"` // of its file
	Hub       string `json:"hub"`
	StartedAt string `json:"startedAt,omitempty"` // RFC 3339, UTC
	Paths     int    `json:"paths"`
}

// What is compared.
const (
	KindTarget  = "target"
	KindRoute   = "route"
	KindPath    = "path"
	KindVerdict = "verdict"
	KindFinding = "finding"
)

// Change is one difference. From or To is empty where a side has nothing there.
type Change struct {
	Kind  string `json:"kind"`
	Hub   string `json:"hub,omitempty"`  // of a sweep
	Path  string `json:"path,omitempty"` // of a path: AMQP 5671 direct; of a route its id; of a finding its code
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	// Better and Worse tell the direction where there is one.
	Better bool `json:"better,omitempty"`
	Worse  bool `json:"worse,omitempty"`
}

// Compare gives what differs. Reports of different hubs are compared path by path all
// the same.
func Compare(a, b *report.Report) Diff {
	d := Diff{Schema: Schema, A: side(a), B: side(b), Changes: []Change{}, Notes: []Change{}}
	d.change(Change{Kind: KindTarget, Field: "hub", From: a.Target.Hub, To: b.Target.Hub})
	d.routes(a, b)
	d.paths(a, b)
	d.verdict(a.Verdict, b.Verdict)
	d.findings(a, b)
	d.Same = len(d.Changes) == 0
	return d
}

func side(r *report.Report) Side {
	s := Side{Hub: r.Target.Hub, Paths: len(r.Results)}
	if !r.StartedAt.IsZero() {
		s.StartedAt = r.StartedAt.UTC().Format("2006-01-02T15:04:05Z")
	}
	return s
}

// change takes a difference in, where there is one.
func (d *Diff) change(c Change) {
	if c.From != c.To {
		d.Changes = append(d.Changes, c)
	}
}

func (d *Diff) note(c Change) {
	if c.From != c.To {
		d.Notes = append(d.Notes, c)
	}
}

func (d *Diff) routes(a, b *report.Report) {
	url := func(r *report.Report, id string) string {
		for _, route := range r.Routes {
			if route.ID == id {
				return strings.TrimSpace("probed " + route.URL)
			}
		}
		return "not probed"
	}
	for _, id := range union(a.Routes, b.Routes, func(r report.Route) string { return r.ID }) {
		d.change(Change{Kind: KindRoute, Path: id, Field: "proxy", From: url(a, id), To: url(b, id)})
	}
}

// union gives the names of both, the first's order first.
func union[T any](a, b []T, name func(T) string) []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]T{a, b} {
		for _, v := range list {
			if n := name(v); !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out
}

func (d *Diff) verdict(a, b report.Verdict) {
	add := func(field, from, to string, better, worse bool) {
		d.change(Change{Kind: KindVerdict, Field: field, From: from, To: to, Better: better, Worse: worse})
	}
	add("upstreamProtocol", upstream(a), upstream(b), a.UpstreamProtocol == nil, b.UpstreamProtocol == nil)
	add("https", https(a), https(b), isTrue(b.HTTPSOK) && !isTrue(a.HTTPSOK), isTrue(a.HTTPSOK) && !isTrue(b.HTTPSOK))
	add("expected", string(a.Expected), string(b.Expected), false, false)
	add("exitCode", strconv.Itoa(a.ExitCode), strconv.Itoa(b.ExitCode), b.ExitCode == 0, a.ExitCode == 0)
}

func upstream(v report.Verdict) string {
	if v.UpstreamProtocol == nil {
		return "none"
	}
	return strings.TrimSpace(string(*v.UpstreamProtocol) + " " + v.Route)
}

func https(v report.Verdict) string {
	switch {
	case v.HTTPSOK == nil:
		return "not probed"
	case *v.HTTPSOK:
		return strings.TrimSpace("ok " + v.HTTPSRoute)
	}
	return "failed"
}

func isTrue(b *bool) bool { return b != nil && *b }

// findings are compared by code, who acts and the paths they rest on: their words carry
// values that differ from run to run.
func (d *Diff) findings(a, b *report.Report) {
	inA, inB := byCode(a), byCode(b)
	for _, code := range union(a.Findings, b.Findings, func(f report.Finding) string { return string(f.Code) }) {
		from, to := inA[code], inB[code]
		d.change(Change{Kind: KindFinding, Path: code, Field: "finding", From: from, To: to, Better: serious(from) &&
			to == "", Worse: from == "" && serious(to)})
	}
}

// byCode gives a report's findings by their code, in words.
func byCode(r *report.Report) map[string]string {
	paths := make(map[string]string, len(r.Results))
	for _, res := range r.Results {
		paths[res.ID] = Name(r, res)
	}
	all := map[string][]string{}
	for _, f := range r.Findings {
		code := string(f.Code)
		all[code] = append(all[code], fmt.Sprintf("%s, %s: %s", f.Severity, f.Actor,
			strings.Join(names(paths, f.Results), ", ")))
	}
	out := make(map[string]string, len(all))
	for code, lines := range all {
		slices.Sort(lines)
		out[code] = strings.Join(lines, "; ")
	}
	return out
}

// serious tells whether a finding asks somebody to act.
func serious(finding string) bool {
	return finding != "" && !strings.HasPrefix(finding, string(report.SeverityInfo))
}

// names are the paths of the results' ids, each once.
func names(paths map[string]string, ids []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, id := range ids {
		if name, ok := paths[id]; ok && !seen[id] {
			seen[id] = true
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
