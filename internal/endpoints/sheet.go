package endpoints

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"edgenet/report"
	"edgenet/report/render"
)

// Sheet is the list for a person: required first, each with who uses it.
func (a *Allowlist) Sheet() *render.Sheet {
	s := &render.Sheet{Title: "endpoints " + a.Hub, Notes: a.Notes}
	if a.Cloud != "" {
		s.Facts = append(s.Facts, a.Cloud)
	}
	if a.Protocol != "" {
		s.Facts = append(s.Facts, "UpstreamProtocol "+report.Protocol(a.Protocol).RuntimeName())
	}
	if a.Proxy != "" {
		s.Facts = append(s.Facts, "proxy "+a.Proxy)
	}
	for _, need := range []Need{Required, OneOf, Optional} {
		b := render.Block{Heading: headings[need], Columns: []string{"HOST", "PORT", "PROTOCOL", "VIA", "USED BY"}}
		for _, e := range a.Endpoints {
			if e.Need == need {
				b.Rows = append(b.Rows, e.row())
			}
		}
		s.Blocks = append(s.Blocks, b)
	}
	return s
}

var headings = map[Need]string{Required: "Required, outbound", OneOf: "One of each group, outbound",
	Optional: "Optional, outbound"}

func (e Endpoint) row() render.SheetRow {
	r := render.SheetRow{Cells: []string{e.Host, strconv.Itoa(e.Port) + "/" + e.Transport, e.Protocol, e.Via, e.UsedBy}}
	if e.Note != "" {
		r.Notes = append(r.Notes, e.Note)
	}
	if e.Group != "" && e.Group != "upstream" {
		r.Notes = append(r.Notes, "one of: "+e.Group)
	}
	if e.Test == nil {
		return r
	}
	switch e.Test.Status {
	case report.OK:
		r.Mark = render.MarkGood
	case report.Failed:
		if r.Mark = render.MarkBad; e.Need == Optional {
			r.Mark = render.MarkOdd
		}
		r.Notes = append(r.Notes, strings.TrimSpace(e.Test.Cause+" "+e.Test.Summary))
	default:
		r.Mark = render.MarkOpen
		r.Notes = append(r.Notes, "not tested: "+e.Test.Summary)
	}
	return r
}

// CSV writes a line an endpoint, for a firewall request.
func (a *Allowlist) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"host", "port", "transport", "protocol", "direction", "need", "group", "used by", "via", "role",
		"source", "note", "test", "cause", "addresses", "time"}}
	for _, e := range a.Endpoints {
		row := []string{e.Host, strconv.Itoa(e.Port), e.Transport, e.Protocol, e.Direction, string(e.Need), e.Group,
			e.UsedBy, e.Via, string(e.Role), e.Source, e.Note, "", "", "", ""}
		if t := e.Test; t != nil {
			row[12], row[13], row[14], row[15] = string(t.Status), t.Cause, strings.Join(t.Addresses, " "), t.At
		}
		for i := range row {
			row[i] = harmless(row[i])
		}
		rows = append(rows, row)
	}
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	return c.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula; a pattern's own star is
// none.
func harmless(s string) string {
	s = report.Clean(s, 400)
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
