package ready

import "edgenet/report"

// Schema is the contract's name and major number.
const Schema = "edgenet.ready/1"

// Status is what a rule says.
type Status string

// The statuses.
const (
	OK       Status = "ok"
	Warning  Status = "warning"
	Error    Status = "error"
	Info     Status = "info"
	Unknown  Status = "unknown"  // it could not be read; Needs says what would be needed
	Skipped  Status = "skipped"  // it does not apply here, or was left out on purpose
	Question Status = "question" // nothing on the device can show it
)

// Group is a part of the checklist.
type Group string

// The groups, in the order of the report.
const (
	GroupDevice     Group = "device"
	GroupDeployment Group = "deployment"
	GroupHub        Group = "hub" // edgeHub
	GroupRegistry   Group = "registry"
	GroupNetwork    Group = "network"
	GroupLogs       Group = "logs"
	GroupManagement Group = "management"
	GroupSecurity   Group = "security"
)

// Groups lists them in order.
func Groups() []Group {
	return []Group{
		GroupDevice,
		GroupDeployment,
		GroupHub,
		GroupRegistry,
		GroupNetwork,
		GroupLogs,
		GroupManagement,
		GroupSecurity,
	}
}

// Row is one line of the checklist, answered.
type Row struct {
	ID       string         `json:"id"`
	Group    Group          `json:"group"`
	Status   Status         `json:"status"`
	Actor    report.Actor   `json:"actor,omitempty"`
	Summary  string         `json:"summary"`
	Remedy   string         `json:"remedy,omitempty"`
	Evidence map[string]any `json:"evidence,omitempty"`
	Source   string         `json:"source,omitempty"` // file and line, command or socket
	Needs    string         `json:"needs,omitempty"`  // on unknown: what would be needed to know
	Replaces []string       `json:"replaces,omitempty"`
}

// bad tells whether a row asks for something, and how much: 0 nothing, 1 a warning, 2 an
// error.
func (r Row) bad() int {
	switch r.Status {
	case Error:
		return 2
	case Warning:
		return 1
	}
	return 0
}

// Verdict sums the rows up.
type Verdict struct {
	Ready     bool   `json:"ready"` // no row is an error
	Errors    int    `json:"errors"`
	Warnings  int    `json:"warnings"`
	Unknown   int    `json:"unknown"`
	Questions int    `json:"questions"`
	First     string `json:"first,omitempty"` // id of the row to act on first
}

// Device names what was looked at.
type Device struct {
	Host    string `json:"host,omitempty"`
	ID      string `json:"id,omitempty"`
	Hub     string `json:"hub,omitempty"`
	Runtime string `json:"runtime,omitempty"` // version of the daemon
	Engine  string `json:"engine,omitempty"`  // name and version
}

// sum counts the rows. The row to act on first is the first error, in the order of
// importance that the rule table has; without one, the first warning.
func sum(rows []Row) Verdict {
	v := Verdict{}
	worst := 0
	for _, r := range rows {
		switch r.Status {
		case Error:
			v.Errors++
		case Warning:
			v.Warnings++
		case Unknown:
			v.Unknown++
		case Question:
			v.Questions++
		}
		if b := r.bad(); b > worst {
			worst, v.First = b, r.ID
		}
	}
	v.Ready = v.Errors == 0
	return v
}
