package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/report"
)

// state says whether the device works, by what, and what stands in the way of that.
func state(r *report.Report) string {
	v := r.Verdict
	by := ""
	if v.UpstreamProtocol != nil {
		by = fmt.Sprintf("%s %d", *v.UpstreamProtocol, v.UpstreamProtocol.Port()) + throughWords(r, v.Route)
	}
	switch gistOf(r) {
	case gistStopped:
		return "not known, the check was stopped early"
	case gistFails:
		return "does not work"
	case gistLoses:
		return fmt.Sprintf("does not work as it is set (%s); %s would work", v.Expected.RuntimeName(), by)
	case gistOnceSet:
		return fmt.Sprintf("works only once UpstreamProtocol %s%s set; then by %s", v.UpstreamProtocol.RuntimeName(),
			proxySetting(r), by)
	case gistWorks:
		if by == "" { // nothing but HTTPS was asked for, or all that works is what has to be closed
			return "works"
		}
		return "works, by " + by
	}
	return "not good, although " + by + " works"
}

// throughWords are how a route goes on from a protocol's name.
func throughWords(r *report.Report, route string) string {
	if route == report.RouteDirect || route == "" {
		return " without a proxy"
	}
	return " through " + Clean(proxyOf(r, route))
}

func proxySetting(r *report.Report) string {
	if r.Verdict.Route == report.RouteDirect {
		return " is"
	}
	return " and https_proxy are"
}

// seenBlock is what the reader compares with a log. A sentence that several paths share
// stands once, at the last of them.
func seenBlock(r *report.Report, read Reading, about []string) Block {
	b := Block{Plain: true, Heading: "What was seen", Columns: []string{"UTC", "From and to", "Path", "What came"}}
	var said []string
	rows := map[string][]SheetRow{}
	for _, p := range read.Paths {
		if p.Result.Status != report.Failed || !slices.Contains(about, p.Result.ID) {
			continue
		}
		f, at := endpoints(r, p.Result), "not known"
		if !f.at.IsZero() {
			at = f.at.UTC().Format(time.DateTime)
		}
		seen := p.Result.Summary
		if seen == "" {
			seen = p.Title
		}
		seen = Clean(seen) + " (" + p.Code + ")"
		if rows[seen] == nil {
			said = append(said, seen)
		}
		rows[seen] = append(rows[seen], SheetRow{Cells: []string{at, f.words(),
			fmt.Sprintf("%s %d %s", Clean(string(p.Result.Protocol)), p.Result.Port, Clean(p.Result.Route)), ""}})
	}
	for _, seen := range said {
		last := &rows[seen][len(rows[seen])-1]
		last.Cells[3] = seen
		b.Rows = append(b.Rows, rows[seen]...)
	}
	return b
}

// lookups is what was asked of name servers and what came, for whoever runs them: one row a
// question, not one a path.
func lookups(r *report.Report, about []string) Block {
	b := Block{Plain: true, Heading: "What was asked for, and what came",
		Columns: []string{"UTC", "From", "Name", "Name server", "What came"}}
	for _, res := range r.Results {
		if !slices.Contains(about, res.ID) {
			continue
		}
		for _, st := range res.Steps {
			d, ok := st.Detail.(*report.DNSDetail)
			if !ok {
				continue
			}
			for _, row := range answers(r, res, d) {
				same := func(o SheetRow) bool { return slices.Equal(o.Cells[1:], row.Cells[1:]) } // but for the time
				if !slices.ContainsFunc(b.Rows, same) {
					b.Rows = append(b.Rows, row)
				}
			}
		}
	}
	return b
}

// answers are a path's question to each name server that was asked.
func answers(r *report.Report, res report.Result, d *report.DNSDetail) []SheetRow {
	at, from := "not known", "the device"
	if d.At != nil {
		at = d.At.UTC().Format(time.DateTime)
	} else if !r.StartedAt.IsZero() {
		at = r.StartedAt.UTC().Format(time.DateTime)
	}
	if own := sources(r, nil); len(own) > 0 {
		from = strings.Join(own, ", ")
	} else if r.Device != nil && r.Device.Host != "" {
		from = Clean(r.Device.Host)
	}
	var out []SheetRow
	for _, a := range d.Resolvers {
		came := Clean(a.Answer)
		if len(a.Addresses) > 0 {
			came += ", " + Clean(strings.Join(a.Addresses, ", "))
		}
		out = append(out, SheetRow{Cells: []string{at, from, Clean(d.Name), Clean(a.Resolver), came}})
	}
	if out != nil {
		return out
	}
	came := Clean(strings.Join(d.Addresses, ", "))
	if came == "" {
		came = Clean(res.Summary)
	}
	return []SheetRow{{Cells: []string{at, from, Clean(d.Name), Clean(d.Resolver), came}}}
}
