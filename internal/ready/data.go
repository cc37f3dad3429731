package ready

import "time"

// DataDate is when the tables of data_*.go, and the ports of internal/practice, were last
// compared with their sources. A row that rests on them says so once they are older than a
// year.
var DataDate = day(2026, 11, 28)

const staleAfter = 365 * 24 * time.Hour

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

// staleData is what to say of old tables; nothing while they are young.
func staleData(now time.Time) string {
	if now.Sub(DataDate) > staleAfter {
		return " (the table behind this is of " + DataDate.Format(time.DateOnly) + ": a newer edgenet may know better)"
	}
	return ""
}

// Date is one row of the dated tables, as pages show it.
type Date struct {
	What   string
	Ends   time.Time
	Source string
}

// Dates lists what ends when.
func Dates() []Date {
	var out []Date
	for _, s := range supports() {
		out = append(out, Date{"IoT Edge " + s.Release, s.Ends, s.Source})
	}
	for _, e := range engineEnds() {
		out = append(out, Date{"engine " + e.Name + " " + e.Line, e.Ends, e.Source})
	}
	return out
}
