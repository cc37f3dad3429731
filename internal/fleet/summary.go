package fleet

import "time"

// SummarySchema is that of Summary.
const SummarySchema = "edgenet.fleet/1"

// None stands in counts where a device says nothing.
const None = "none"

// Other stands for values past the number that is counted by name.
const Other = "other"

// How a summary was counted.
const (
	CountedGroupBy = "group-by"
	CountedSweep   = "sweep"
	CountedFile    = "file"
)

// Tool says what made a document.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Counts maps a value to a number of devices.
type Counts map[string]int

// Summary is a fleet in numbers. Reporting are the devices whose twin holds a report, Silent
// all others; Stale are those of the reporting whose last check is too old to be news. By
// counts every report, StaleBy those of them that are stale.
type Summary struct {
	Schema    string    `json:"schema"`
	Tool      Tool      `json:"tool"`
	Hub       string    `json:"hub"`
	At        time.Time `json:"at"`
	Counted   string    `json:"counted"`
	Devices   int       `json:"devices"`
	Reporting int       `json:"reporting"`
	Silent    int       `json:"silent"`
	Stale     int       `json:"stale"`
	Partial   bool      `json:"partial"`
	By        By        `json:"by"`
	// Tags count by the values of tags that were asked for.
	Tags  map[string]map[string]*Site `json:"tags"`
	Worst []Worst                     `json:"worst"`

	StaleAfterSec int64   `json:"staleAfterSec,omitempty"`
	SilentSince   Counts  `json:"silentSince,omitempty"` // of the stale and the silent: day, week, month, longer, never
	StaleBy       *Stale  `json:"staleBy,omitempty"`
	Trouble       []Cause `json:"trouble,omitempty"` // causes of those that are not ok, without the stale
	// of the reporting: a clock that is off, or fields that cannot be read
	Unproven    int      `json:"unproven,omitempty"`
	DevicesFrom string   `json:"devicesFrom,omitempty"` // where Devices was counted
	Notes       []string `json:"notes,omitempty"`
}

// By are the counts by one field each.
type By struct {
	Status      Counts `json:"status"`
	Recommended Counts `json:"recommended"`
	Route       Counts `json:"route"`
	Cause       Counts `json:"cause"`
	Finding     Counts `json:"finding"`
	Actor       Counts `json:"actor"`
	Configured  Counts `json:"configured"`
	Consistent  Counts `json:"consistent"`
	Class       Counts `json:"class"`

	Ways Counts `json:"ways,omitempty"` // protocol@route that works; where every device was read
}

// Fields names the counts in the order in which they are shown.
func (b *By) Fields() []Field {
	return []Field{{"status", b.Status}, {"recommended", b.Recommended}, {"route", b.Route}, {"cause", b.Cause},
		{"finding", b.Finding},
		{"actor", b.Actor}, {"configured", b.Configured}, {"consistent", b.Consistent}, {"class", b.Class}}
}

// Field is one of By's counts with its name.
type Field struct {
	Name   string
	Counts Counts
}

func newBy() By {
	return By{Counts{}, Counts{}, Counts{}, Counts{}, Counts{}, Counts{}, Counts{}, Counts{}, Counts{}, Counts{}}
}

// Stale are what reports said last that are too old to be news.
type Stale struct {
	Status Counts `json:"status"`
}

// Mute is how many devices nothing new is known of: the silent and the stale.
func (s *Summary) Mute() int { return s.Silent + s.Stale }

// Fresh is how many devices say that status, and lately.
func (s *Summary) Fresh(status string) int {
	n := s.By.Status[status]
	if s.StaleBy != nil {
		n -= s.StaleBy.Status[status]
	}
	return n
}

// Site is what a tag's value says of its devices, as a Summary does of all.
type Site struct {
	Status Counts `json:"status"`
	Silent int    `json:"silent"`
	Stale  int    `json:"stale,omitempty"`

	fresh  Counts // by status, without the stale
	causes map[string]int
}

// Fresh are the site's devices that report, and lately, by status.
func (s *Site) Fresh() Counts { return s.fresh }

// Worst is a tag's value with many devices that are down or silent.
type Worst struct {
	Tag     string `json:"tag"`
	Value   string `json:"value"`
	Devices int    `json:"devices"`
	Bad     int    `json:"bad"`
	Cause   string `json:"cause"` // that most of the bad ones name; none where they are silent
	Actor   string `json:"actor"`
}

// Cause is a cause with how many devices it troubles, and who acts.
type Cause struct {
	Cause   string `json:"cause"`
	Actor   string `json:"actor"`
	Status  string `json:"status"`
	Devices int    `json:"devices"`
}
