package command

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/secret"
)

// listing writes rows as they come.
type listing struct {
	w      io.Writer
	format string
	csv    *csv.Writer
	n      int
}

var deviceColumns = []string{"device", "status", "works", "route", "configured", "consistent", "cause", "class",
	"checkedAt"}

func newListing(w io.Writer, format string) *listing {
	l := &listing{w: w, format: format}
	if format == "csv" {
		l.csv = csv.NewWriter(w)
		_ = l.csv.Write(deviceColumns) // its error stays, and the end says it
	}
	return l
}

// deviceLine is a device as JSON has it.
type deviceLine struct {
	Device      string `json:"device"`
	Status      string `json:"status"`
	Recommended string `json:"recommended"`
	Route       string `json:"route"`
	Configured  string `json:"configured"`
	Consistent  *bool  `json:"consistent"`
	Cause       string `json:"cause"`
	Class       string `json:"class"`
	CheckedAt   string `json:"checkedAt"`
	Silent      bool   `json:"silent"`
}

// lineOf is a row as it is listed.
func lineOf(row fleet.Row, now time.Time, stale time.Duration) deviceLine {
	d := deviceLine{Device: secret.Name(row.Device, 128), Class: secret.Name(row.Class(), 60), Silent: true}
	if r := row.Reported; r != nil {
		d.Status, d.Cause = secret.Name(r.Status, 20), secret.Name(r.Cause, 60)
		d.Recommended, d.Route = secret.Name(r.Recommended, 20), secret.Name(r.Route, 20)
		d.Configured, d.Consistent = secret.Name(r.Configured, 20), r.Consistent
		d.CheckedAt = secret.Name(r.CheckedAt, 40)
		d.Silent = !r.Fresh(now, stale)
	}
	return d
}

func (l *listing) row(row fleet.Row, now time.Time, stale time.Duration) error {
	d := lineOf(row, now, stale)
	l.n++
	if l.format == "jsonl" {
		line, err := json.Marshal(d)
		if err == nil {
			_, err = l.w.Write(append(line, '\n'))
		}
		return err
	}
	consistent := ""
	if d.Consistent != nil {
		consistent = strconv.FormatBool(*d.Consistent)
	}
	status := d.Status
	if d.Silent {
		status = "silent"
	}
	cells := []string{d.Device, status, d.Recommended, d.Route, d.Configured, consistent, d.Cause, d.Class, d.CheckedAt}
	if l.csv != nil {
		return l.csv.Write(cells)
	}
	if l.n == 1 {
		fmt.Fprintf(l.w, deviceForm, "DEVICE", "STATUS", "WORKS", "ROUTE", "SET", "CAUSE", "CLASS", "CHECKED (UTC)")
	}
	_, err := fmt.Fprintf(l.w, deviceForm, d.Device, status, dash(show.Protocol(d.Recommended)), dash(d.Route),
		dash(show.Protocol(d.Configured)), dash(d.Cause), dash(d.Class), dash(minute(d.CheckedAt)))
	return err
}

// deviceForm fits a terminal of 100 columns; what is longer moves the rest of its line.
const deviceForm = "%-18s %-8s %-6s %-6s %-6s %-20s %-13s %s\n"

// minute is a time as a list has it; what is none stays.
func minute(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.UTC().Format("2006-01-02 15:04")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// end says, of a list that is whole, that nothing was in it.
func (l *listing) end(whole bool) error {
	if l.csv != nil {
		l.csv.Flush()
		return l.csv.Error()
	}
	if whole && l.format == "text" && l.n == 0 {
		_, err := fmt.Fprintln(l.w, "No device meets this.")
		return err
	}
	return nil
}
