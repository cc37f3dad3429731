package devicelog

import (
	"slices"
	"time"

	"edgenet/report"
)

// Truth is what went wrong, and what a perfect reader may say of it.
type Truth struct {
	Cause report.Cause // empty: no cause of the network or the hub
	Hop   report.Hop
	// Same are causes that look the same in the log: to name one of them is no error, to call it proved is.
	Same []report.Cause
	// Hidden says for which editions the log does not tell the cause: it then has to stay open.
	Hidden func(Release) bool
	// Findings have to be there; Also may.
	Findings, Also []report.FindingCode
	// Proved says that the log proves the cause; without it nobody may call it proved.
	Proved bool
	// Elsewhere are causes of another way than the one to the hub (the registry's), which may be proved of it.
	Elsewhere []report.Cause
}

// Proves says whether the log of such a device proves the cause.
func (t Truth) Proves(c report.Cause) bool {
	return t.Proved && c == t.Cause || slices.Contains(t.Elsewhere, c)
}

// At is the hop at which it happens.
func (t Truth) At() report.Hop {
	if t.Hop == "" {
		return report.HopTarget
	}
	return t.Hop
}

// Tells says whether the log of an edition tells the cause.
func (t Truth) Tells(r Release) bool { return t.Cause != "" && (t.Hidden == nil || !t.Hidden(r)) }

// CallsFail says that the daemons' HTTPS fails too.
func (f Fault) CallsFail() bool { return f.Net.calls != nil || f.Net.dps != nil }

// Fault is one thing that goes wrong.
type Fault struct {
	Name string
	Setup
	Truth
	Net Network
	Do  func(*Device)      // instead of Net: what happens to a healthy device
	Not func(Release) bool // editions in which it cannot happen
	// OnlyStart: it shows when the device starts. OnlyLate: it can only come later.
	OnlyStart, OnlyLate bool
}

// Course is when the fault is there.
type Course string

// The courses.
const (
	FromStart Course = "from the start"
	Ends      Course = "after healthy weeks"
	Heals     Course = "healed again"
)

// Courses lists those that a fault can have.
func (f Fault) Courses() []Course {
	switch {
	case f.Do != nil:
		return []Course{Ends}
	case f.OnlyStart:
		return []Course{FromStart}
	case f.OnlyLate:
		return []Course{Ends, Heals}
	}
	return []Course{FromStart, Ends, Heals}
}

// Play lets a device live through the fault, and returns what it printed.
func (f Fault) Play(r Release, c Course, seed uint64) *Device {
	d := New(r, f.Setup, seed)
	if c == FromStart {
		d.Boot(f.Net)
		d.Fail(f.Net, 30)
		return d
	}
	d.Boot(Network{})
	d.Live(14)
	if f.Do != nil {
		f.Do(d)
		return d
	}
	if f.Net.bad == nil && f.Net.calls == nil && f.Net.dps == nil {
		return d
	}
	if f.Net.crashes(d) || d.rnd.IntN(2) == 0 {
		d.Stop()
		d.Boot(f.Net)
	} else if f.Net.timesOut {
		d.lose()
	}
	d.Fail(f.Net, 25)
	if c == Heals {
		d.heal(f.Net)
		d.Live(2)
	}
	return d
}

// heal is the end of the fault: what failed tries once more.
func (d *Device) heal(n Network) {
	if n.crashes(d) {
		d.Stop()
		d.Boot(Network{})
		return
	}
	d.here = Network{}
	d.some(time.Minute, 5*time.Minute)
	d.hubTry(Network{}, n.timesOut)
	if n.bad != nil {
		d.agentTry(Network{})
	}
	d.identityCall(Network{})
}
