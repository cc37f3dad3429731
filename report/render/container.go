package render

import (
	"slices"
	"strings"

	"edgenet/report"
)

// container shows the check from a container beside the host's: each path, each place,
// and why they differ. It is empty where there was no such check.
func (p pen) container(r *report.Report) []line {
	c := r.Container
	if c == nil {
		return nil
	}
	out := []line{{{"From a container on " + p.clean(c.Network), bold}, {"  " + p.clean(networkWords(c)), plain}}}
	if c.Report == nil {
		return append(out, p.wrapped(p.of("✗ ", "FAIL: ")+p.clean(c.Error), 2, red)...)
	}
	rows := [][3]span{{{"", plain}, {"host", dim}, {"container", dim}}}
	for i, h := range r.Results {
		if i < len(c.Report.Results) {
			rows = append(rows, [3]span{{p.clean(string(h.Protocol) + " " + h.Route), plain}, p.outcome(h),
				p.outcome(c.Report.Results[i])})
		}
	}
	if places := p.places(r.Vantage, c.Report.Vantage); places != nil {
		rows = append(append(rows, [3]span{}), places...)
	}
	out = append(append(out, p.columns(rows)...), line{})
	if len(c.Differences) == 0 {
		out = append(out, line{{"  No path goes otherwise in the container.", plain}})
	}
	out = append(out, p.differences(c.Differences)...)
	if p.o.Verbose {
		out = append(append(out, line{}, line{{"In the container", bold}}), p.steps(c.Report, standings(c.Report))...)
	}
	return out
}

// outcome is a result in a few characters.
func (p pen) outcome(r report.Result) span {
	switch r.Status {
	case report.OK:
		text := p.of("✓ ok", "ok")
		if r.Latency != nil {
			text += " " + duration(r.Latency.MedianMs)
		}
		return span{text, green}
	case report.Failed:
		return span{p.of("✗ ", "FAIL ") + p.clean(string(r.Cause)), red}
	}
	return span{p.of("– ", "") + "skipped", dim}
}

// places are the rows that tell where the two stand.
func (p pen) places(host, inside *report.Vantage) [][3]span {
	var rows [][3]span
	for _, s := range settings(host, inside) {
		for i := range max(len(s.host), len(s.inside), 1) {
			row := [3]span{{"", dim}, {p.at(s.host, i), plain}, {p.at(s.inside, i), plain}}
			if i == 0 {
				row[0].text = s.name
			}
			if !slices.Equal(s.host, s.inside) {
				row[1].style, row[2].style = plain, plain
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// at is the i-th value of a list, a word for an empty one.
func (p pen) at(list []string, i int) string {
	switch {
	case len(list) == 0 && i == 0:
		return "none"
	case i >= len(list):
		return ""
	}
	return p.clean(list[i])
}

// columns aligns rows of three.
func (p pen) columns(rows [][3]span) []line {
	var width [2]int
	for _, r := range rows {
		for i := range width {
			width[i] = max(width[i], displayWidth(r[i].text))
		}
	}
	out := make([]line, 0, len(rows))
	for _, r := range rows {
		out = append(out, line{
			{"  " + padRight(r[0].text, width[0]) + "  ", r[0].style},
			{padRight(r[1].text, width[1]) + "  ", r[1].style}, r[2],
		})
	}
	return out
}

// differences gives each reason once, with the paths that it explains.
func (p pen) differences(all []report.Difference) []line {
	var out []line
	for _, b := range reasons(all) {
		out = append(out, p.wrapped(p.clean(strings.Join(b.paths, ", "))+": "+p.clean(b.Why), 2, plain)...)
		if b.Remedy != "" {
			out = append(out, p.wrapped(strings.TrimSpace(p.arrow())+" "+p.actorLabel(b.Actor)+": "+p.clean(b.Remedy),
				4, plain)...)
		}
	}
	return out
}
