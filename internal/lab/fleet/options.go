package fleet

import (
	"fmt"
	"time"

	"edgenet/internal/lab/twinsql"
)

// MaxDevices is what a hub holds.
const MaxDevices = 1_000_000

// Options say what fleet to make. The zero value but for Devices works.
type Options struct {
	// Devices is how many, 1 to MaxDevices.
	Devices int
	// Seed decides everything that is left to chance.
	Seed uint64
	// Hub is the hub's host name. Zero means lab.azure-devices.test.
	Hub string
	// Start is the moment at which a clock that only Advance moves begins. Zero means
	// the system's clock, which Advance moves forward on top.
	Start time.Time
	// Pace divides every duration of the simulation: with 60 what takes an hour takes a
	// minute. Zero means 1.
	Pace float64
	// Changes is how long a site's network stays as it is, on average. Zero means ten
	// days, less than zero for ever.
	Changes time.Duration
	// Switches are how the hub behaves at first. See Fleet.Set.
	Switches Switches
}

// Switches are what differs between hubs, and what goes wrong at them. Zero is a
// Standard hub on which all is well and nothing is throttled, only counted.
type Switches struct {
	// Dialect is what the hub's query language takes.
	Dialect twinsql.Dialect `json:"dialect"`
	// IndexLag is for how long a query may still see a twin as it was.
	IndexLag time.Duration `json:"indexLag"`
	// EmptyPages puts an empty page with a continuation before every page.
	EmptyPages bool `json:"emptyPages"`
	// TokenLife is for how long a continuation counts. Zero means an hour.
	TokenLife time.Duration `json:"tokenLife"`
	// Tier is F1, B1 to B3, or S1 to S3; zero means S1. A Basic hub refuses twins,
	// queries, methods, jobs and configurations.
	Tier string `json:"tier"`
	// Units is how many units the hub has. Zero means 1.
	Units int `json:"units"`
	// Throttle answers 429 beyond the tier's limits. They are counted in any case.
	Throttle bool `json:"throttle"`
	// LoudQuota answers the 101st deployment with an error. A hub has been seen to answer
	// with success and to keep nothing, which is what happens without it.
	LoudQuota bool `json:"loudQuota"`
	// ReportedConditions lets target conditions use reported properties of the device,
	// which the documentation says in one place.
	ReportedConditions bool `json:"reportedConditions"`
	// Refuse answers so many calls to come with RefuseStatus (zero: 429).
	Refuse       int `json:"refuse"`
	RefuseStatus int `json:"refuseStatus"`
	// Retags lets somebody else change the tags of so many twins, each right after it was
	// read, so that what was read is out of date.
	Retags int `json:"retags"`
	// Hidden does so many writes and cuts the connection before the answer, so that the
	// client does not know; Lost cuts it before they are done. Pass lets so many writes
	// through first.
	Hidden int `json:"hidden"`
	Lost   int `json:"lost"`
	Pass   int `json:"pass"`
	// Mute lists rights that no policy has any more, by their names, as in
	// "RegistryWrite".
	Mute []string `json:"mute,omitempty"`
}

func (o *Options) defaults() error {
	if o.Devices < 1 || o.Devices > MaxDevices {
		return fmt.Errorf("a fleet of %d devices: expected 1 to %d", o.Devices, MaxDevices)
	}
	if o.Hub == "" {
		o.Hub = "lab.azure-devices.test"
	}
	if o.Pace == 0 {
		o.Pace = 1
	}
	if o.Pace < MinPace || o.Pace > MaxPace {
		return fmt.Errorf("a pace of %g: expected %g to %g", o.Pace, MinPace, MaxPace)
	}
	if o.Changes == 0 {
		o.Changes = 10 * 24 * time.Hour
	}
	return o.Switches.check()
}

func (s *Switches) check() error {
	if s.Tier == "" {
		s.Tier = "S1"
	}
	if _, known := tiers[s.Tier]; !known {
		return fmt.Errorf("tier %q: expected F1, B1, B2, B3, S1, S2 or S3", s.Tier)
	}
	if s.Units == 0 {
		s.Units = 1
	}
	if s.TokenLife == 0 {
		s.TokenLife = time.Hour
	}
	if s.RefuseStatus == 0 {
		s.RefuseStatus = 429
	}
	if s.Units < 0 || s.IndexLag < 0 || s.TokenLife < 0 || s.Refuse < 0 || s.Retags < 0 ||
		min(s.Hidden, s.Lost, s.Pass) < 0 {
		return fmt.Errorf("a switch is less than nothing")
	}
	if s.RefuseStatus < 400 || s.RefuseStatus > 599 {
		return fmt.Errorf("refuseStatus %d: expected 400 to 599", s.RefuseStatus)
	}
	return nil
}

// The bounds of Options.Pace.
const (
	MinPace = 0.01
	MaxPace = 100000.0
)

// Tiers are the tiers of hubs, the smallest first.
func Tiers() []string { return []string{"F1", "B1", "B2", "B3", "S1", "S2", "S3"} }
