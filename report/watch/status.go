package watch

import "edgenet/report"

// Status is the state of the way to the hub in a word, the same as the module's.
type Status string

// The statuses. Degraded works, and something has to be done. Unknown: nobody looked, or
// the round was cut off.
const (
	OK       Status = "ok"
	Degraded Status = "degraded"
	Down     Status = "down"
	Unknown  Status = "unknown"
)

// Up tells whether an UpstreamProtocol works.
func (s Status) Up() bool { return s == OK || s == Degraded }

// ReadStatus takes a word from elsewhere; what it does not know is unknown.
func ReadStatus(s string) Status {
	switch st := Status(s); st {
	case OK, Degraded, Down:
		return st
	}
	return Unknown
}

// StatusOf is that of a report.
func StatusOf(r *report.Report) Status {
	switch {
	case r.Partial && r.Verdict.UpstreamProtocol == nil:
		return Unknown
	case r.Verdict.ExitCode == 0:
		return OK
	case r.Verdict.UpstreamProtocol != nil:
		return Degraded
	case r.Verdict.ExitCode == 130:
		return Unknown
	}
	return Down
}

// Point is one round.
type Point struct {
	At       Moment
	Status   Status
	Protocol report.Protocol
	Route    string
	Cause    string // label of what stops the way, where it is down
}

// PointOf is a report's.
func PointOf(r *report.Report) Point {
	p := Point{At: Moment{r.StartedAt, r.DurationMs.Duration()}, Status: StatusOf(r), Route: r.Verdict.Route}
	if up := r.Verdict.UpstreamProtocol; up != nil {
		p.Protocol = *up
	}
	if p.Status == OK {
		return p
	}
	if b := r.Verdict.Because; b != nil {
		for _, res := range r.Results {
			if res.ID == b.Result {
				p.Cause = res.Cause.Label(res.Hop)
			}
		}
	}
	for _, res := range r.Results {
		if p.Cause == "" && res.Status == report.Failed && res.Severity == report.SeverityError {
			p.Cause = res.Cause.Label(res.Hop)
		}
	}
	return p
}
