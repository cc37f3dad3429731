package machine

import (
	"encoding/json"
	"slices"
	"time"

	"edgenet/internal/sidecar/desired"
	"edgenet/probe"
	"edgenet/report"
)

// Status is the verdict in a word.
type Status string

// Degraded works, and something needs attention. Unseen stands before the first verdict.
const (
	StatusOK       Status = "ok"
	StatusDegraded Status = "degraded"
	StatusDown     Status = "down"
	StatusUnseen   Status = "unknown"
)

// Up tells whether an upstream protocol works.
func (s Status) Up() bool { return s == StatusOK || s == StatusDegraded }

// Config is what does not change while the process lives.
type Config struct {
	Identity   string          // device/module: what jitter is derived from
	Version    string          // of the program
	Configured report.Protocol // the environment's UpstreamProtocol; zero means not said
}

// Transition is one change of the status or of the recommendation.
type Transition struct {
	Seq          uint64          `json:"seq"`
	At           time.Time       `json:"at"`
	From         Status          `json:"from"`
	To           Status          `json:"to"`
	Cause        string          `json:"cause,omitempty"`
	Route        string          `json:"route,omitempty"`
	Protocol     report.Protocol `json:"protocol,omitempty"`
	FromProtocol report.Protocol `json:"fromProtocol,omitempty"` // where the recommendation changed
	FromRoute    string          `json:"fromRoute,omitempty"`
	DurationSec  int64           `json:"durationSec"` // how long it had been as it was before
}

// Outage is a time without any upstream protocol.
type Outage struct {
	Start time.Time `json:"start"`
	Sec   int64     `json:"sec"`
}

// Memory is what outlives the process, beside the transitions and the desired section.
type Memory struct {
	Seq         uint64          `json:"seq"`   // of the last transition
	Acked       uint64          `json:"acked"` // of the last one that edgeHub took
	Dropped     uint64          `json:"dropped,omitempty"`
	Status      Status          `json:"status,omitempty"`
	Recommended report.Protocol `json:"recommended,omitempty"`
	Route       string          `json:"route,omitempty"`
	Fails       int             `json:"fails,omitempty"` // full checks in a row against the recommendation
	ChangedAt   time.Time       `json:"changedAt,omitzero"`
	UpSince     time.Time       `json:"upSince,omitzero"`
	DownSince   time.Time       `json:"downSince,omitzero"`
	Outages     []Outage        `json:"outages,omitempty"`
	Transport   string          `json:"transport,omitempty"` // that edgeHub answered on
	HoldShort   *report.Finding `json:"holdShort,omitempty"` // of idle connections; nil: none is known to be lost
}

// Current is the recommended path, zero before there was one.
func (m Memory) Current() probe.PathName {
	return probe.PathName{Protocol: m.Recommended, Route: m.Route}
}

// Record is one entry on the disk: the memory as it is now, the transitions that are not
// there yet, and the desired section where it changed.
type Record struct {
	Memory  Memory          `json:"m"`
	New     []Transition    `json:"t,omitempty"`
	Desired json.RawMessage `json:"d,omitempty"`
}

// maxLog is how many transitions are kept, sent or not; a hundred days of one a night.
const maxLog = 256

// State is everything that the module knows. Its zero value is of no use: see New.
type State struct {
	Config
	Memory
	Log        []Transition // oldest first
	Settings   desired.Settings
	Section    json.RawMessage // the desired section that the settings come from
	Complaints []string        // about it

	Seen      *Observation // of the last full check; nil before the first
	CheckedAt time.Time
	Flapping  []string
	EdgeHub   EdgeHub
	Linked    bool // a session with edgeHub stands
	// ClockSuspect says that this host's clock is off, or jumped and nobody knows yet.
	ClockSuspect bool
	DiskError    string // why nothing is kept on the disk; zero means that it is

	Counts Counts

	last       Now            // the event before
	skew       *time.Duration // estimated, nil unknown
	changedAt  time.Duration  // when the status or recommendation last changed, if in this process
	countedAt  time.Duration  // when a watch-triggered check last counted
	counted    bool
	changes    map[probe.PathName][]time.Duration // when paths went from working to broken or back
	deepLabels map[probe.PathName]string          // by the last check at full depth
	schedule
	holding
	link
	disk
}

// Counts is what metrics tell of the machine's own doings.
type Counts struct {
	Checks map[Trigger]uint64
	Watch  uint64 // looks at the path in use
	Writes uint64 // of the twin that were acknowledged
	Beats  uint64 // of these, heartbeats
	Sent   uint64 // transitions that edgeHub took
	Links  uint64 // sessions with edgeHub
}

// New gives the state before Begin: what the disk remembers, and the settings that the
// desired section on the disk stands for.
func New(c Config, m Memory, log []Transition, section json.RawMessage, s desired.Settings, complaints []string) State {
	if m.Status == "" {
		m.Status = StatusUnseen
	}
	if len(log) > maxLog {
		log = log[len(log)-maxLog:]
	}
	st := State{Config: c, Memory: m, Log: slices.Clone(log), Settings: s, Section: section, Complaints: complaints,
		EdgeHub: EdgeHubUnknown}
	st.savedSeq, st.durable = m.Seq, m.Seq
	st.tokens = writeBurst
	st.checks.level = checkBurst
	return st
}

// wanted is the protocol that the deployment sets now, as far as anybody said.
func (s *State) wanted() report.Protocol {
	if s.Settings.Expected != "" {
		return s.Settings.Expected
	}
	return s.Config.Configured
}

// configured is the same as of the last check: what it found is judged by what was set
// when it ran, and a change is judged by the check that it brings.
func (s *State) configured() report.Protocol {
	if s.Seen != nil {
		return s.Seen.Configured
	}
	return s.wanted()
}

// Pending are the transitions that edgeHub has not taken yet.
func (s *State) Pending() int {
	n := 0
	for _, t := range s.Log {
		if t.Seq > s.Acked {
			n++
		}
	}
	return n
}
