package machine

import (
	"slices"

	"edgenet/probe"
	"edgenet/report"
)

// holding is what is under way and wanted of trying idle connections. It takes up to an
// hour, so that no check waits for it and it delays no verdict.
type holding struct {
	trying   uint64 // the run under way, 0 none
	stopping bool   // it was told to end, and what it says does not count
	holdDue  bool   // a full check at full depth wants one
}

// holds starts and ends the tries of idle connections. What a desired change made old is
// ended, and the check that the change brings wants another; what several checks want
// waits for the one under way, and is done once.
func (t *turn) holds() {
	if t.Settings.Hold <= 0 {
		t.holdDue = false
		t.holdShort(nil)
		return
	}
	if !t.holdDue || t.trying != 0 || t.Seen == nil {
		return
	}
	paths, tried := t.Seen.idle()
	if !tried {
		t.holdShort(nil) // HTTPS is not asked for any more
	}
	if len(paths) == 0 {
		return // until a check finds one that works
	}
	t.run++
	t.trying, t.holdDue = t.run, false
	t.do(StartHold{Run: t.run, Paths: paths, Settings: t.Settings})
}

// idle are the paths whose connections can be left idle without credentials: HTTPS where
// it works; tried tells whether it was looked for at all.
func (o *Observation) idle() (paths []probe.PathName, tried bool) {
	for _, p := range o.paths() {
		if p.Protocol != report.HTTPS {
			continue
		}
		tried = true
		if yes, _ := o.works(p); yes {
			paths = append(paths, p)
		}
	}
	return paths, tried
}

// endHold ends the try that is under way.
func (t *turn) endHold() {
	if t.trying != 0 && !t.stopping {
		t.stopping = true
		t.do(StopHold{t.trying})
	}
}

func (t *turn) holdDone(e HoldDone) {
	if e.Run != t.trying {
		return
	}
	ended := t.stopping
	t.trying, t.stopping = 0, false
	switch {
	case ended:
	case e.Undecided:
		t.note(Warning, "idle connections could not be tried: what was known of them stays")
	default:
		t.holdShort(e.Short)
	}
}

// holdShort takes the finding, nil for none. It outlives the process, as nothing but an
// hour's try would bring it back.
func (t *turn) holdShort(f *report.Finding) {
	switch was := t.HoldShort; {
	case f == nil && was == nil:
		return
	case f == nil:
		t.note(Info, "idle connections are no longer said to be lost")
	case was == nil:
		t.note(Warning, "%s", f.Summary)
	}
	t.HoldShort, t.dirty = nil, true
	if f != nil {
		t.HoldShort = &report.Finding{Code: f.Code, Severity: f.Severity, Actor: f.Actor, Summary: f.Summary}
	}
}

// conclusions are the last full check's findings and that of idle connections.
func (s *State) conclusions() []report.Finding {
	if s.HoldShort == nil {
		return s.Seen.Findings
	}
	return append(slices.Clone(s.Seen.Findings), *s.HoldShort)
}
