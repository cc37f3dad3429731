package machine

import (
	"math"
	"slices"
	"time"

	"edgenet/internal/lazyregexp"
	"edgenet/report"
)

// Bounds of what the disk may say. Sequence numbers go through JSON readers that keep
// 53 bits.
const (
	maxSeq   = 1 << 52
	maxFails = 1 << 20
)

var (
	routeForm = lazyregexp.New(`^(direct|proxy[0-9]*)$`)
	causeForm = lazyregexp.New(`^(proxy/)?[a-z0-9-]+(\.[a-z0-9-]+)*$`) // as report.Cause.Label writes it
)

// Sane takes out of what the disk says whatever this version cannot have written: after
// a rollback the file is a newer version's, and files rot. Each value goes by itself, the
// rest stays; dropped names those that went.
func Sane(m Memory, log []Transition) (Memory, []Transition, []string) {
	s := sieve{}
	log = s.log(log)
	s.numbers(&m, log)
	s.verdict(&m)
	if !slices.Contains([]string{"", "amqp", "mqtt", "amqpws", "mqttws"}, m.Transport) { // twin.Transports
		m.Transport = ""
		s.drop("transport")
	}
	s.times(&m)
	if f := m.HoldShort; f != nil {
		if _, known := f.Code.Info(); !known || !knownSeverity(f.Severity) {
			m.HoldShort = nil
			s.drop("holdShort")
		} else {
			f.Summary, f.Remedy, f.Actor = report.Clean(f.Summary, 400), report.Clean(f.Remedy, 400),
				report.Actor(report.Clean(string(f.Actor), 40))
		}
	}
	return m, log, s.dropped
}

// sieve notes what was dropped.
type sieve struct{ dropped []string }

func (s *sieve) drop(name string) {
	if !slices.Contains(s.dropped, name) {
		s.dropped = append(s.dropped, name)
	}
}

// log keeps the transitions that can be told, in order.
func (s *sieve) log(log []Transition) []Transition {
	out := make([]Transition, 0, len(log))
	last := uint64(0)
	for _, t := range log {
		ok := t.Seq > last && t.Seq <= maxSeq && known(t.From) && known(t.To) && sensible(t.At) && t.DurationSec >= 0
		if !ok {
			s.drop("history")
			continue
		}
		if !path(t.Protocol, t.Route) {
			t.Protocol, t.Route = "", ""
			s.drop("history")
		}
		if !path(t.FromProtocol, t.FromRoute) {
			t.FromProtocol, t.FromRoute = "", ""
			s.drop("history")
		}
		if t.Cause != "" && (len(t.Cause) > 60 || !causeForm().MatchString(t.Cause)) {
			t.Cause = ""
			s.drop("history")
		}
		last = t.Seq
		out = append(out, t)
	}
	return out
}

// numbers brings the counters back to what the transitions bear out.
func (s *sieve) numbers(m *Memory, log []Transition) {
	last := uint64(0)
	if len(log) > 0 {
		last = log[len(log)-1].Seq
	}
	if m.Seq > maxSeq || m.Seq < last {
		m.Seq = last
		s.drop("seq")
	}
	if m.Acked > m.Seq {
		m.Acked = m.Seq
		s.drop("acked")
	}
	if m.Dropped > maxSeq {
		m.Dropped = 0
		s.drop("dropped")
	}
	if m.Fails < 0 || m.Fails > maxFails {
		m.Fails = 0
		s.drop("fails")
	}
}

func (s *sieve) verdict(m *Memory) {
	if m.Status != "" && !known(m.Status) {
		m.Status = ""
		s.drop("status")
	}
	if !path(m.Recommended, m.Route) || (m.Recommended == "") != (m.Route == "") {
		m.Recommended, m.Route, m.Fails = "", "", 0
		s.drop("recommended")
	}
	if m.Recommended == "" && m.Status.Up() { // by what would it be up?
		m.Status = ""
		s.drop("status")
	}
}

func (s *sieve) times(m *Memory) {
	for name, at := range map[string]*time.Time{"changedAt": &m.ChangedAt, "upSince": &m.UpSince,
		"downSince": &m.DownSince} {
		if !sensible(*at) {
			*at = time.Time{}
			s.drop(name)
		}
	}
	before := len(m.Outages)
	m.Outages = slices.DeleteFunc(slices.Clone(m.Outages), func(o Outage) bool {
		return o.Start.IsZero() || !sensible(o.Start) || o.Sec < 0 || o.Sec > math.MaxInt32
	})
	if over := len(m.Outages) - maxOutages; over > 0 {
		m.Outages = m.Outages[over:]
	}
	if len(m.Outages) < before {
		s.drop("outages")
	}
}

func known(s Status) bool {
	return slices.Contains([]Status{StatusOK, StatusDegraded, StatusDown, StatusUnseen}, s)
}

// path tells whether a protocol and a route can be a path's, or none.
func path(p report.Protocol, route string) bool {
	return (p == "" || slices.Contains(report.Protocols(), p)) && (route == "" || len(route) <= 12 &&
		routeForm().MatchString(route))
}

// sensible is a time that a clock may have told; zero stands for none.
func sensible(t time.Time) bool {
	return t.IsZero() || t.Year() >= 1970 && t.Year() < 3000
}

func knownSeverity(s report.Severity) bool {
	return slices.Contains([]report.Severity{report.SeverityInfo, report.SeverityWarning, report.SeverityError}, s)
}
