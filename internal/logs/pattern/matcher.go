package pattern

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"

	"edgenet/internal/logs/record"
	"edgenet/report"
)

// keySize is how many bytes of a text lead to the rows that may know it.
const keySize = 4

// Matcher knows the table. It is safe for use by several goroutines.
type Matcher struct {
	rows   []Row
	index  map[uint32][]*Row // by the first bytes of the prefix
	free   []*Row            // without a prefix
	deep   []*Row            // for what stands behind a head that no other row knows
	errors []errorRow
	tail   *regexp.Regexp
}

// NewMatcher gives the table, made ready when it is first asked for, and once: some hundred
// patterns are compiled for it.
func NewMatcher() *Matcher { return ready() }

var ready = sync.OnceValue(func() *Matcher {
	m := &Matcher{rows: Rows(), index: map[uint32][]*Row{}, tail: regexp.MustCompile(tailAddr + `\s*$`)}
	for _, t := range [][]errorRow{deviceErrors, netErrors, socketErrors, daemonErrors, pullErrors} {
		m.errors = append(m.errors, t...)
	}
	for i := range m.errors {
		if r := &m.errors[i]; r.re != "" {
			r.exp = regexp.MustCompile(r.re)
		}
	}
	for i := range m.rows {
		r := &m.rows[i]
		if r.re != "" {
			r.exp = regexp.MustCompile(r.re)
		}
		r.has = []byte(r.Has)
		if r.deep {
			m.deep = append(m.deep, r)
			continue
		}
		if r.Prefix == "" {
			m.free = append(m.free, r)
			continue
		}
		k := keyOf(r.Prefix)
		m.index[k] = append(m.index[k], r)
	}
	return m
})

// Rows lists the table of lines.
func Rows() []Row {
	return slices.Concat(agentRows, hubRows, daemonRows, edgedRows, deviceRows, hostRows, consoleRows)
}

func keyOf[T string | []byte](p T) uint32 {
	return uint32(p[0])<<24 | uint32(p[1])<<16 | uint32(p[2])<<8 | uint32(p[3])
}

// Keep tells by its head whether a record is worth a look: everything that warns, and
// what else the table knows. It is asked for every line, so that it looks at a few bytes.
func (m *Matcher) Keep(tag string, form record.Form, level record.Level, text []byte) bool {
	switch level {
	case record.LevelWarn, record.LevelError, record.LevelFatal:
		return true
	}
	who := Who(0)
	if form == record.FormNone {
		if who = WhoIs(tag); who&(Systemd|Clockd|Kernel|Module) != 0 {
			return m.keepFree(who, text)
		} else if who&net != 0 && m.fitsFree(who, text) {
			return true
		}
	}
	if len(text) < keySize {
		return false
	}
	for _, r := range m.index[keyOf(text)] {
		if r.Kind != Noise && (form != record.FormNone || r.Bare || who&r.On != 0 && who&(Dockerd|Clockd) != 0) &&
			hasPrefix(text, r.Prefix) && (r.Has == "" || bytes.Contains(text, r.has)) {
			return true
		}
	}
	return false
}

// Noise tells who writes a line that is known and says nothing; zero where it is not known, or
// may be several components'.
func (m *Matcher) Noise(tag string, form record.Form, text []byte) Who {
	if len(text) < keySize || form == record.FormNone {
		return 0
	}
	who := WhoIs(tag)
	for _, r := range m.index[keyOf(text)] {
		if r.Kind == Noise && hasPrefix(text, r.Prefix) && (who == 0 || who&r.On != 0) {
			if who != 0 {
				return who
			}
			if r.On.Name() != "" {
				return r.On
			}
		}
	}
	return 0
}

// keepFree looks at a line that has no head of a log.
func (m *Matcher) keepFree(who Who, text []byte) bool {
	if m.fitsFree(who, text) {
		return true
	}
	if len(text) < keySize || who == Module || who == Kernel {
		return false
	}
	for _, r := range m.index[keyOf(text)] {
		if r.On&who != 0 && hasPrefix(text, r.Prefix) {
			return true
		}
	}
	return false
}

func (m *Matcher) fitsFree(who Who, text []byte) bool {
	for _, r := range m.free {
		if r.On&who != 0 && bytes.Contains(text, r.has) {
			return true
		}
	}
	return false
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// familyOf tells whose grammar the errors of a record are in.
func familyOf(rec *record.Record, row *Row) family {
	if row.Chain == ChainPull {
		return fromPull
	}
	switch rec.Form {
	case record.FormNET, record.FormOld, record.FormBoot:
		return fromNET
	case record.FormRust, record.FormWin:
		return fromRust
	}
	return fromAny &^ fromPull
}

// Match tells what a record means; false where no row knows it. Who is what the wrapping
// says of the sender, zero where it says nothing.
func (m *Matcher) Match(rec *record.Record, who Who) (Event, bool) {
	row := m.find(rec, who)
	if row == nil {
		return Event{}, false
	}
	e := Event{Line: rec.Line, At: rec.At, Timed: rec.Timed, Uncertain: rec.Uncertain, Tag: rec.Tag, Row: row,
		Who: row.On & who, Count: 1, Last: rec.At, LastLine: rec.Line}
	if who == 0 && names[row.On] != "" {
		e.Who = row.On
	}
	m.values(&e, rec.Said)
	if e.Values.Client != "" && !strings.Contains(e.Values.Client, "$edgeHub") &&
		strings.Contains(rec.Said, "$edgeHub") {
		e.Values.Client += "/$edgeHub" // of an id that somebody replaced by words
	}
	if row.Fail != nil {
		f := *row.Fail
		f.Row, f.Quote = row.ID, strings.Clone(rec.Said[:min(len(rec.Said), 2*maxValue)])
		e.Failures = []Failure{f}
	}
	if row.Chain != ChainNone {
		m.chained(&e, rec)
		e.HubTime = hubTime(rec)
	}
	if row.ID == otherError {
		e.Failures = slices.DeleteFunc(e.Failures, func(f Failure) bool {
			return f.Finding != report.ServiceUnwell && f.Finding != report.StorageFull &&
				f.Finding != report.DeviceFault
		})
		return e, len(e.Failures) > 0
	}
	return e, true
}

// find gives the first row that fits.
func (m *Matcher) find(rec *record.Record, who Who) *Row {
	if len(rec.Said) >= keySize {
		for _, r := range m.index[keyOf(rec.Said)] {
			if possible(r, rec, who) && strings.HasPrefix(rec.Said, r.Prefix) && strings.Contains(rec.Said, r.Has) {
				return r
			}
		}
	}
	for _, r := range m.free {
		if r.On&who != 0 && strings.Contains(rec.Said, r.Has) {
			return r
		}
	}
	for _, r := range m.deep {
		if possible(r, rec, who) && rec.Form != record.FormNone && holds(rec, r.Has) {
			return r
		}
	}
	return nil
}

func holds(rec *record.Record, text string) bool {
	return strings.Contains(rec.Said, text) ||
		slices.ContainsFunc(rec.More, func(l string) bool { return strings.Contains(l, text) })
}

// possible tells whether the row may be the sender's: by its name, and by the grammar of
// the line.
func possible(r *Row, rec *record.Record, who Who) bool {
	if who != 0 {
		return r.On&who != 0
	}
	switch rec.Form {
	case record.FormNET, record.FormOld:
		return r.On&net != 0
	case record.FormBoot:
		return r.Level == 'B' || r.On&net != 0
	case record.FormRust, record.FormWin:
		return r.On&daemon != 0
	case record.FormEntry:
		return r.On&Dockerd != 0
	}
	return r.Bare
}

// values takes what the row asks for out of the text.
func (m *Matcher) values(e *Event, text string) {
	if e.Row.exp == nil {
		return
	}
	g := e.Row.exp.FindStringSubmatch(text)
	if g == nil {
		return
	}
	for i, name := range e.Row.exp.SubexpNames() {
		v := g[i]
		if v == "" || name == "" {
			continue
		}
		set(&e.Values, name, v)
	}
}

// maxValue bounds what is taken out of a line. It is copied, so that the line may go.
const maxValue = 256

func set(to *Values, name, v string) {
	v = strings.Clone(v[:min(len(v), maxValue)])
	switch name {
	case "protocol":
		to.Protocol = protocolOf(v)
	case "client":
		to.Client = strings.TrimRight(v, ".,·…")
	case "proxy":
		to.Proxy = v
	case "device":
		to.Device = v
	case "hub":
		to.Hub = strings.TrimRight(v, ".")
	case "version":
		to.Version = v
	case "image":
		to.Image = v
	case "unit":
		to.Unit = v
	case "status":
		to.Status = v
	case "term":
		to.Term = v
	case "time":
		to.Time = v
	case "n":
		for _, c := range v {
			if c >= '0' && c <= '9' && to.N < 1<<30 {
				to.N = to.N*10 + int(c-'0')
			}
		}
	}
}

// protocolOf reads the runtime's names of transports, also such as were cut off.
func protocolOf(s string) report.Protocol {
	s = strings.ToLower(strings.TrimSpace(s))
	ws := strings.Contains(s, "_w") || strings.Contains(s, "over w")
	switch {
	case strings.HasPrefix(s, "amqp") && ws:
		return report.AMQPWS
	case strings.HasPrefix(s, "mqtt") && ws:
		return report.MQTTWS
	case s == "amqp", s == "amqp_tcp_only", strings.HasPrefix(s, "amqp_t"):
		return report.AMQP
	case s == "mqtt", s == "mqtt_tcp_only", strings.HasPrefix(s, "mqtt_t"):
		return report.MQTT
	}
	return ""
}
