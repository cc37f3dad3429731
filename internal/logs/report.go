package logs

import (
	"time"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// Schema is the value of Report.Schema for this major number of the contract.
const Schema = "edgenet.logs/1"

// Report is what a reading gives.
type Report struct {
	Schema     string      `json:"schema"`
	Tool       report.Tool `json:"tool"`
	Inputs     []Input     `json:"inputs"`
	Device     Device      `json:"device"`
	Upstream   []Upstream  `json:"upstream"`
	Events     []Event     `json:"events"`
	Findings   []Finding   `json:"findings"`
	Coverage   Coverage    `json:"coverage"`
	Conclusion Conclusion  `json:"conclusion"`
	Unread     []string    `json:"unread,omitempty"` // what could not be read, and why

	Check *report.Report `json:"check,omitempty"` // with --with-check: what a probe found afterwards

	arguments []string // of a check of what the log says is configured
}

// CheckArguments are the flags of a check of what the log says is configured. The proxy's
// credentials are not among them: they are masked in most logs, and stay where they are.
func (r *Report) CheckArguments() []string { return r.arguments }

// Input is one log.
type Input struct {
	Name          string     `json:"name"`
	Component     string     `json:"component"` // empty where it holds several, or none that is known
	Format        []string   `json:"format"`
	Records       int        `json:"records"`
	Lines         int        `json:"lines"`
	First         *time.Time `json:"first"` // null: no time is told
	Last          *time.Time `json:"last"`
	Zone          string     `json:"zone"`  // of its times; empty: not told
	Order         string     `json:"order"` // ascending, descending, mixed, unknown
	Level         string     `json:"level"` // Information, Debug
	Truncated     bool       `json:"truncated"`
	NotUnderstood int        `json:"notUnderstood"`
	Repeated      bool       `json:"repeated,omitempty"` // holds the same lines twice
	LongLines     int        `json:"longLines,omitempty"`
	Lost          int        `json:"lost,omitempty"`     // entries whose text was not kept by the journal
	Unlisted      int        `json:"unlisted,omitempty"` // events that are counted and not kept
}

// Device is what the log says of the device.
type Device struct {
	ID           string            `json:"id"`
	Hub          string            `json:"hub"`
	Versions     map[string]string `json:"versions"`
	Provisioning string            `json:"provisioning"` // dps, manual; empty: not told
}

// Upstream is one component's way to the cloud.
type Upstream struct {
	Component  string     `json:"component"`
	Configured Configured `json:"configured"`
	Spans      []Span     `json:"spans"`
	Stats      Stats      `json:"stats"`
}

// Configured is what the component was told to use, as far as the log tells.
type Configured struct {
	Protocol report.Protocol `json:"protocol"` // empty: not told
	Proxy    string          `json:"proxy"`    // empty: none, or not told
	Source   string          `json:"source"`   // log, inspect, default; empty: not told
}

// Span is a time in one state.
type Span struct {
	State      story.State       `json:"state"`
	From       *time.Time        `json:"from"`
	To         *time.Time        `json:"to"`
	Protocol   report.Protocol   `json:"protocol"`
	Via        story.Via         `json:"via"`
	Hop        report.Hop        `json:"hop,omitempty"`
	Stage      report.Stage      `json:"stage,omitempty"`
	Cause      *report.Cause     `json:"cause"`
	Certainty  pattern.Certainty `json:"certainty,omitempty"`
	Candidates []report.Cause    `json:"candidates,omitempty"`
	Count      int               `json:"count"`
	Input      int               `json:"input"` // the log that says so, and its line
	Line       int               `json:"line"`
	Failures   []Reason          `json:"failures,omitempty"` // all that were met, where they are several
}

// Reason is one of several failures of a time: each protocol has its own.
type Reason struct {
	Protocol   report.Protocol    `json:"protocol"`
	Hop        report.Hop         `json:"hop,omitempty"`
	Cause      *report.Cause      `json:"cause"`
	Certainty  pattern.Certainty  `json:"certainty"`
	Candidates []report.Cause     `json:"candidates,omitempty"`
	Finding    report.FindingCode `json:"finding,omitempty"`
	Count      int                `json:"count"`
}

// Stats count.
type Stats struct {
	Losses        int   `json:"losses"`
	Attempts      int   `json:"attempts"`
	LongestDownMs int64 `json:"longestDownMs"`
	Hiccups       int   `json:"hiccups"`
	Starts        int   `json:"starts"`
}

// Event is a line, or several that say the same.
type Event struct {
	ID          string            `json:"id"`
	At          *time.Time        `json:"at"`
	AtUncertain string            `json:"atUncertain,omitempty"` // zone, year, order
	Input       int               `json:"input"`
	Line        int               `json:"line"`
	Component   string            `json:"component"`
	Pattern     string            `json:"pattern"`
	Event       pattern.Kind      `json:"event"`
	Hop         report.Hop        `json:"hop,omitempty"`
	Stage       report.Stage      `json:"stage,omitempty"`
	Cause       *report.Cause     `json:"cause"`
	Certainty   pattern.Certainty `json:"certainty,omitempty"`
	Candidates  []report.Cause    `json:"candidates"`
	Text        string            `json:"text"`
	Count       int               `json:"count"`
	Until       *time.Time        `json:"until,omitempty"` // of the last one
	Means       string            `json:"means,omitempty"`
}

// Finding is a conclusion over lines.
type Finding struct {
	Code        report.FindingCode `json:"code"`
	Severity    report.Severity    `json:"severity"`
	Actor       report.Actor       `json:"actor"`
	Summary     string             `json:"summary"`
	Remedy      string             `json:"remedy"`
	Certainty   pattern.Certainty  `json:"certainty"`
	Events      []string           `json:"events"`
	ConfirmWith string             `json:"confirmWith"`
}

// Coverage is what this log could have shown.
type Coverage struct {
	CanShow    []string `json:"canShow"`
	CannotShow []string `json:"cannotShow"`
}

// State is how the device stands.
type State string

// The states of a conclusion.
const (
	StateConnected State = "connected"
	StateLost      State = "lost"
	StateNever     State = "never"
	StateFlapping  State = "flapping"
	StateUnknown   State = "unknown"
)

// Conclusion is the one answer.
type Conclusion struct {
	State       State                `json:"state"`
	Component   string               `json:"component"`
	Hop         report.Hop           `json:"hop,omitempty"`
	Stage       report.Stage         `json:"stage,omitempty"`
	Cause       *report.Cause        `json:"cause"` // null where the log only narrows, or names none
	Certainty   pattern.Certainty    `json:"certainty,omitempty"`
	Candidates  []report.Cause       `json:"candidates"`
	Actor       report.Actor         `json:"actor,omitempty"`
	Findings    []report.FindingCode `json:"findings"`
	Summary     string               `json:"summary"`
	Remedy      string               `json:"remedy"`
	ConfirmWith string               `json:"confirmWith"`
	Event       string               `json:"event,omitempty"` // the line that shows it
}

// ExitCode is 0 where there is no trouble and the log could have shown it, else 1.
func (r *Report) ExitCode() int {
	if r.Conclusion.State != StateConnected {
		return 1
	}
	for _, f := range r.Findings {
		if f.Severity != report.SeverityInfo {
			return 1
		}
	}
	return 0
}

func momentOf(ms int64, known bool) *time.Time {
	if !known || ms == 0 {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}
