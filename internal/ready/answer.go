package ready

import (
	"cmp"
	"time"
)

// Answer is everything that is told of a device.
type Answer struct {
	Schema     string    `json:"schema"`
	Tool       string    `json:"tool"`
	StartedAt  time.Time `json:"startedAt"`
	DurationMs int64     `json:"durationMs"`
	Device     Device    `json:"device"`
	Rows       []Row     `json:"rows"`
	Theirs     []Their   `json:"theirs"`
	Verdict    Verdict   `json:"verdict"`
}

// Answered judges the facts and puts the answer together.
func Answered(f *Facts, theirs []Their, tool string, started time.Time, took time.Duration) *Answer {
	a := &Answer{
		Schema:     Schema,
		Tool:       tool,
		StartedAt:  started.UTC(),
		DurationMs: took.Milliseconds(),
		Device:     f.Device,
		Theirs:     []Their{},
	}
	a.Rows, a.Verdict = Judge(f)
	if theirs != nil {
		a.Theirs = Compare(theirs, a.Rows)
	}
	return a
}

// First finds the row to act on first.
func (a *Answer) First() (Row, bool) {
	best, found := Row{}, false
	for _, r := range a.Rows {
		if r.ID == a.Verdict.First && (!found || r.bad() > best.bad()) {
			best, found = r, true
		}
	}
	return best, found
}

// Failed tells whether something asks to be done: an error, or with strict a warning.
func (a *Answer) Failed(strict bool) bool {
	return a.Verdict.Errors > 0 || strict && a.Verdict.Warnings > 0
}

// Title names the device.
func (d Device) Title() string { return cmp.Or(d.Host, d.ID, "this device") }
