package machine

import "time"

// EventSchema is the schema of a transition as telemetry.
const EventSchema = "edgenet.event/1"

// Event is the body of a transition's message: the contract's keys always, null where
// there is nothing to say.
func (t Transition) Event() map[string]any {
	e := map[string]any{
		"schema": EventSchema, "seq": t.Seq, "at": t.At.UTC().Format(time.RFC3339Nano), "from": t.From, "to": t.To,
		"cause": text(t.Cause),
		"route": text(t.Route), "protocol": text(string(t.Protocol)), "durationSec": t.DurationSec,
	}
	if t.FromProtocol != "" {
		e["fromProtocol"], e["fromRoute"] = t.FromProtocol, t.FromRoute
	}
	return e
}

// Verdict is the answer to the method check, and the small JSON for the modules beside.
type Verdict struct {
	RunID       uint64 `json:"runId,omitempty"`
	Done        bool   `json:"done"`
	Status      Status `json:"status"`
	Recommended any    `json:"recommended"`
	Route       any    `json:"route"`
	HTTPS       *bool  `json:"https"`
	Cause       any    `json:"cause"`
	Finding     any    `json:"finding"`
	Configured  any    `json:"configured"`
	Consistent  *bool  `json:"consistent"`
	CheckedAt   any    `json:"checkedAt"`
	Seq         uint64 `json:"seq"`
	Reason      string `json:"reason,omitempty"`
}

// Verdict sums the state up.
func (s *State) Verdict() Verdict {
	v := Verdict{
		Done: s.Seen != nil, Status: s.Status, Recommended: text(string(s.Recommended)), Route: text(s.Route),
		Cause:      text(s.cause()),
		Configured: text(string(s.configured())), Consistent: s.Consistent(), CheckedAt: stamp(s.CheckedAt), Seq: s.Seq,
	}
	if s.Seen != nil {
		v.HTTPS, v.Reason = s.Seen.HTTPS, s.Seen.Reason
		if codes := s.findings(); len(codes) > 0 {
			v.Finding = codes[0]
		}
	}
	return v
}

// answer answers the methods that waited for a check.
func (t *turn) answer(r *request) {
	for _, call := range r.calls {
		v := t.Verdict()
		v.RunID = r.run
		t.do(Answer{call, 200, v})
	}
}

// Upstream is the small JSON for the modules beside this one.
type Upstream struct {
	Status   string `json:"status"` // up or down; unknown before the first verdict
	Protocol any    `json:"protocol"`
	Route    any    `json:"route"`
	Cause    any    `json:"cause"`
	Since    any    `json:"since"` // when it became so
}

// Upstream tells whether the cloud can be reached, in the words of /v1/upstream.
func (s *State) Upstream() Upstream {
	u := Upstream{Status: "unknown", Protocol: text(string(s.Recommended)), Route: text(s.Route),
		Cause: text(s.cause())}
	since := time.Time{}
	switch {
	case s.Status.Up():
		u.Status, since = "up", s.UpSince
	case s.Status == StatusDown:
		u.Status, since = "down", s.DownSince
	}
	u.Since = stamp(since)
	return u
}
