package machine

import (
	"encoding/json"

	"edgenet/internal/sidecar/desired"
	"edgenet/probe"
)

// Effect is something to do. Each one but StopHold, Answer and Note is ended by an event of its own.
type Effect interface{ effect() }

// The effects.
type (
	// StartCheck asks for a full check. There is one at a time.
	StartCheck struct {
		Run     uint64
		Trigger Trigger
		// Deep means that MQTT's CONNECT is sent; a hub counts it as a failed login.
		Deep bool
		// Unanswered are paths on which the last CONNECT never reached the hub, so that
		// only another one can tell whether it does now.
		Unanswered []probe.PathName
		Settings   desired.Settings
	}

	// StartWatch asks for TCP and TLS on one path. There is one at a time.
	StartWatch struct {
		Run  uint64
		Path probe.PathName
	}

	// StartHold asks how long idle connections live on these paths. There is one at a
	// time, beside everything else.
	StartHold struct {
		Run      uint64
		Paths    []probe.PathName
		Settings desired.Settings
	}

	// StopHold ends it early; its HoldDone still comes.
	StopHold struct{ Run uint64 }

	// Patch writes reported properties.
	Patch struct {
		ID   uint64
		Body json.RawMessage
	}

	// Send sends one transition as telemetry.
	Send struct{ Transition Transition }

	// Save puts on the disk what outlives the process.
	Save struct{ Record Record }

	// Answer answers CheckAsked.
	Answer struct {
		Call   uint64
		Status int
		Body   any
	}

	// Note is a line for the log.
	Note struct {
		Level Level
		Text  string
	}
)

func (StartCheck) effect() {}
func (StartWatch) effect() {}
func (StartHold) effect()  {}
func (StopHold) effect()   {}
func (Patch) effect()      {}
func (Send) effect()       {}
func (Save) effect()       {}
func (Answer) effect()     {}
func (Note) effect()       {}

// Level ranks a Note.
type Level int

// The levels.
const (
	Info Level = iota
	Warning
	Error
)

// Trigger is why a check runs.
type Trigger string

// The triggers. A retry is the check after one that found something broken.
const (
	TriggerStart    Trigger = "start"
	TriggerInterval Trigger = "interval"
	TriggerRetry    Trigger = "retry"
	TriggerWatch    Trigger = "watch"
	TriggerEdgeHub  Trigger = "edgehub"
	TriggerDesired  Trigger = "desired"
	TriggerMethod   Trigger = "method"
)

// Triggers lists them all.
func Triggers() []Trigger {
	return []Trigger{TriggerStart, TriggerInterval, TriggerRetry, TriggerWatch, TriggerEdgeHub, TriggerDesired,
		TriggerMethod}
}

// deep tells whether the contract gives the check the full depth: start, change, method.
func (t Trigger) deep() bool {
	return t == TriggerStart || t == TriggerDesired || t == TriggerMethod
}

// asked tells whether an operator stands behind the check: its verdict counts at once.
func (t Trigger) asked() bool { return t == TriggerDesired || t == TriggerMethod }
