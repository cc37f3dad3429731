package judge

import (
	"fmt"
	"slices"

	"edgenet/report"
)

// clearOpenPort takes the blame from the rules for a port that proves to be open: what refused
// one connection of several, or lost it, is a limit on their number or chance.
func clearOpenPort(r *report.Result, results []report.Result) {
	how := "; the port is open: another path of this check got through to it"
	switch {
	case r.Hop != report.HopTarget || !direct(r) || r.Actor == report.ActorHost:
		return
	case comesAndGoes(r):
		how = fmt.Sprintf("; the port is open now and then: %d of %d connections were refused or cut", r.Failures,
			r.Attempts)
	case afterAll(r):
		how = "; the port is open: tried once more it answers"
	case !reached(r, results):
		return
	}
	r.Summary += how
	r.Actor, r.Remedy = report.ActorNetwork, fmt.Sprintf("No rule closes TCP %d to %s. Look for a limit on how many "+
		"connections this device may have or open at a time (firewall, NAT), which an IoT Edge device must be allowed "+
		"several of; else for loss.", r.Port, r.Host)
}

// comesAndGoes tells whether a path that fails got through as well when it was tried again.
func comesAndGoes(r *report.Result) bool { return failed(r) && r.Failures < r.Attempts }

// reached tells whether another path connected to the address and port that r failed at.
func reached(r *report.Result, results []report.Result) bool {
	ips := blockedIPs(r)
	return slices.ContainsFunc(results, func(o report.Result) bool {
		st, there := o.Step(report.HopTarget, report.StageTCP)
		return direct(&o) && o.Port == r.Port && remoteIP(&o) != "" &&
			slices.Contains(ips, remoteIP(&o)) && there && st.Status == report.OK
	})
}

// afterAll tells whether a connection that failed was answered when it was tried once more.
func afterAll(r *report.Result) bool {
	e, asked := r.Experiment(report.Where)
	return asked && e.Outcome == report.Answered && SYNTraceOf(e.Travels).open
}
