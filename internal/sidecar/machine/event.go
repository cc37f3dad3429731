package machine

import (
	"encoding/json"

	"edgenet/internal/sidecar/desired"
	"edgenet/probe"
	"edgenet/report"
)

// Event is something that happened.
type Event interface{ event() }

// The events. Begin is the first one, once; Tick says only that time has passed.
type (
	Begin struct{}
	Tick  struct{}

	// DesiredSeen is the whole desired section, at every connect and after every patch.
	DesiredSeen struct {
		Section    json.RawMessage
		Settings   desired.Settings
		Complaints []string
	}

	// CheckDone ends the run that a StartCheck began.
	CheckDone struct {
		Run   uint64
		Found Observation
	}

	// WatchDone ends a look at the path in use.
	WatchDone struct {
		Run  uint64
		Path probe.PathName
		OK   bool
	}

	// HoldDone ends the try of idle connections that a StartHold began. Undecided means
	// that none of them showed anything; else Short is the finding, nil where they lived
	// long enough.
	HoldDone struct {
		Run       uint64
		Short     *report.Finding
		Undecided bool
	}

	// CheckAsked is the direct method: check now, and with Wait answer when it is done.
	CheckAsked struct {
		Call uint64
		Wait bool
	}

	// LinkUp is a new session with edgeHub; Reported is the edgenet section as the twin
	// has it, nil where it has none.
	LinkUp struct {
		Transport string
		Reported  map[string]any
	}

	// LinkDown is the end of a session.
	LinkDown struct{ Reason string }

	// PatchDone, SendDone and SaveDone end the effects of their names.
	PatchDone struct {
		ID  uint64
		Err error
	}
	SendDone struct {
		Seq uint64
		Err error
	}
	SaveDone struct{ Err error }

	// EdgeHubSeen is what edgeHub's own metrics say of its upstream.
	EdgeHubSeen struct{ EdgeHub EdgeHub }
)

func (Begin) event()       {}
func (Tick) event()        {}
func (DesiredSeen) event() {}
func (CheckDone) event()   {}
func (WatchDone) event()   {}
func (HoldDone) event()    {}
func (CheckAsked) event()  {}
func (LinkUp) event()      {}
func (LinkDown) event()    {}
func (PatchDone) event()   {}
func (SendDone) event()    {}
func (SaveDone) event()    {}
func (EdgeHubSeen) event() {}

// EdgeHub is how edgeHub's own upstream stands.
type EdgeHub string

// Online is also said where edgeHub answers this module and its metrics cannot be read;
// Unknown before it ever did.
const (
	EdgeHubOnline  EdgeHub = "online"
	EdgeHubOffline EdgeHub = "offline"
	EdgeHubUnknown EdgeHub = "unknown"
)
