package fleet

import (
	"cmp"
	"sort"
	"strconv"
	"time"

	"edgenet/internal/secret"
)

// TallyOptions say how rows are counted.
type TallyOptions struct {
	Now     time.Time
	Stale   time.Duration // a report older than this is none
	By      string        // a tag: tags.NAME, deeper by dots; zero means none
	Devices int           // how many are expected; zero means unknown
	// Join makes rows of devices and of modules meet; it costs some 20 bytes a device.
	Join bool
}

// Tally counts rows as they come, and keeps none of them.
type Tally struct {
	o       TallyOptions
	s       Summary
	join    *join
	values  names
	causes  names
	trouble map[Cause]int
	sites   map[string]*Site
	rows    int
}

// NewTally makes one.
func NewTally(o TallyOptions) *Tally {
	t := &Tally{o: o, trouble: map[Cause]int{}, sites: map[string]*Site{}}
	t.s = Summary{Schema: SummarySchema, At: o.Now.UTC(), By: newBy(), Tags: map[string]map[string]*Site{},
		Worst: []Worst{}, StaleAfterSec: int64(o.Stale / time.Second), SilentSince: Counts{}}
	if o.Join {
		t.join = newJoin(o.Devices)
	}
	return t
}

// mostValues bounds how many values of one field are told apart: a twin may hold anything.
const mostValues = 2000

// add counts a value that a stranger may have written.
func (c Counts) add(value string) { c.addN(value, 1) }

func (c Counts) addN(value string, n int) {
	if value == "" {
		value = None
	}
	if _, ok := c[value]; !ok {
		if value = secret.Name(value, 80); len(c) >= mostValues {
			value = Other
		}
	}
	c[value] += n
}

// Rows is how many were counted.
func (t *Tally) Rows() int { return t.rows }

// Add counts a row. Rows of other modules say nothing here.
func (t *Tally) Add(r Row) {
	t.rows++
	switch {
	case r.Module == "" && r.Reported == nil:
		t.device(r)
	case r.Module == "" || r.Module == Module || r.Reported != nil:
		t.module(r)
	}
}

// Module is the module's name that every deployment gives it.
const Module = "edgenet"

// device is a row of a device itself: it tells that there is one, and its tags.
func (t *Tally) device(r Row) {
	if r.Edge != nil && !*r.Edge || t.join == nil {
		return
	}
	s := t.join.of(r.Device)
	if t.o.By != "" {
		s.tag = t.values.index(r.Tag(t.o.By))
	}
}

// module counts what a module says.
func (t *Tally) module(r Row) {
	said, old := t.said(r.Reported), false
	if said != unsaid {
		old = !r.Reported.Fresh(t.o.Now, t.o.Stale)
		t.s.Reporting++
		t.report(r, old)
	}
	if t.join == nil {
		t.s.Devices++
		t.site(r.Tag(t.o.By), said, old, causeOf(r.Reported))
		return
	}
	s := t.join.of(r.Device)
	s.said, s.stale = said, old
	s.cause = uint16(t.causes.index(causeOf(r.Reported))) //nolint:gosec // bounded
	if v := r.Tag(t.o.By); t.o.By != "" && v != "" {
		s.tag = t.values.index(v)
	}
}

func causeOf(r *Report) string {
	if r == nil {
		return ""
	}
	return r.Cause
}

func (t *Tally) said(r *Report) state {
	switch {
	case r == nil:
		return unsaid
	case r.Status == "ok":
		return saidOK
	case r.Status == "degraded":
		return saidDegraded
	case r.Status == "down":
		return saidDown
	}
	return saidElse
}

var stateWords = [...]string{unsaid: "", saidOK: "ok", saidDegraded: "degraded", saidDown: "down", saidElse: Other}

// report counts the fields of one that reports. What is stale is no trouble of today.
func (t *Tally) report(row Row, old bool) {
	r, b := row.Reported, &t.s.By
	b.Status.add(r.Status)
	b.Recommended.add(r.Recommended)
	b.Route.add(r.Route)
	b.Cause.add(r.Cause)
	b.Finding.add(r.Finding)
	b.Configured.add(r.Configured)
	b.Class.add(row.Class())
	if way := r.Recommended; way != "" {
		b.Ways.add(way + "@" + r.Route)
	} else {
		b.Ways.add(None)
	}
	consistent := None
	if r.Consistent != nil {
		consistent = strconv.FormatBool(*r.Consistent)
	}
	b.Consistent.add(consistent)
	if r.Odd || r.ClockSuspect {
		t.s.Unproven++
	}
	if old {
		t.s.Stale++
		t.s.SilentSince.add(sinceWord(t.o.Now.Sub(r.Checked())))
		if t.s.StaleBy == nil {
			t.s.StaleBy = &Stale{Counts{}}
		}
		t.s.StaleBy.Status.add(r.Status)
		return
	}
	if r.Status != "ok" {
		c := Cause{Cause: orNone(secret.Name(r.Cause, 80)), Status: orNone(secret.Name(r.Status, 40))}
		if _, ok := t.trouble[c]; ok || len(t.trouble) < mostValues {
			t.trouble[c]++
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return None
	}
	return s
}

// sinceWord is for how long a device has been silent.
func sinceWord(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d < day:
		return "day"
	case d < 7*day:
		return "week"
	case d < 30*day:
		return "month"
	}
	return "longer"
}

// site counts a device under its tag's value.
func (t *Tally) site(value string, said state, old bool, cause string) {
	if t.o.By == "" {
		return
	}
	value = orNone(value)
	x := t.sites[value]
	if x == nil {
		if len(t.sites) >= mostValues {
			value = Other
		}
		if x = t.sites[value]; x == nil {
			x = &Site{Status: Counts{}, fresh: Counts{}, causes: map[string]int{}}
			t.sites[value] = x
		}
	}
	switch {
	case said == unsaid:
		x.Silent++
		return
	case old:
		x.Stale++
	default:
		x.fresh.add(stateWords[said])
		if said == saidDown {
			x.causes[orNone(cause)]++
		}
	}
	x.Status.add(stateWords[said])
}

// Summary gives the numbers; the tally is over then.
func (t *Tally) Summary() *Summary {
	s := &t.s
	if t.join != nil {
		s.Devices = t.join.n
		for i := range t.join.slots {
			x := &t.join.slots[i]
			if x.hash == 0 {
				continue
			}
			t.site(t.values.at(x.tag), x.said, x.stale, t.causes.at(uint32(x.cause)))
		}
	}
	for cause, n := range s.By.Cause { // once for each cause, since the table of causes is long
		s.By.Actor.addN(actorOf(cause), n)
	}
	s.close()
	if t.o.By != "" {
		s.Tags[t.o.By] = t.sites
		s.Worst = worst(t.o.By, t.sites)
	}
	for c, n := range t.trouble {
		c.Devices, c.Actor = n, actorOf(c.Cause)
		s.Trouble = append(s.Trouble, c)
	}
	sortTrouble(s.Trouble)
	return s
}

// close makes the numbers agree with how many devices there are.
func (s *Summary) close() {
	s.Silent = max(s.Devices-s.Reporting, 0)
	if s.Silent > 0 {
		s.SilentSince["never"] = s.Silent
	}
}

// Of says how many devices there are in all.
func (s *Summary) Of(devices int) {
	s.Devices = max(devices, s.Reporting)
	s.close()
}

func sortTrouble(list []Cause) {
	sort.Slice(list, func(i, j int) bool { // as everywhere here: one sort in the binary, not one a type
		a, b := &list[i], &list[j]
		return cmp.Or(b.Devices-a.Devices, cmp.Compare(a.Status, b.Status), cmp.Compare(a.Cause, b.Cause)) < 0
	})
}

// mostWorst is how many values are called the worst.
const mostWorst = 10

// worst ranks the values of a tag by how many of their devices are down or silent.
func worst(tag string, sites map[string]*Site) []Worst {
	out := []Worst{}
	for value, x := range sites {
		w := Worst{Tag: tag, Value: secret.Name(value, 80), Devices: x.Silent, Bad: x.Silent + x.Stale +
			x.fresh["down"],
			Cause: None}
		for _, n := range x.Status {
			w.Devices += n
		}
		most := x.Silent + x.Stale
		for cause, n := range x.causes {
			if n > most || n == most && (w.Cause == None || cause < w.Cause) {
				most, w.Cause = n, cause
			}
		}
		if w.Actor = None; w.Cause != None {
			w.Actor = actorOf(w.Cause)
		}
		if w.Bad > 0 {
			out = append(out, w)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		return cmp.Or(b.Bad-a.Bad, a.Devices-b.Devices, cmp.Compare(a.Value, b.Value)) < 0
	})
	return out[:min(len(out), mostWorst)]
}

// names gives texts numbers, so that a number is all that is kept of a device's.
type names struct {
	of   map[string]uint32
	list []string
}

func (n *names) index(text string) uint32 {
	if i, ok := n.of[text]; ok {
		return i
	}
	if n.of == nil {
		n.of, n.list = map[string]uint32{"": 0}, []string{""}
		if text == "" {
			return 0
		}
	}
	if text = secret.Name(text, 80); len(n.list) >= mostValues {
		text = Other
	}
	if i, ok := n.of[text]; ok {
		return i
	}
	i := uint32(len(n.list)) //nolint:gosec // bounded
	n.of[text], n.list = i, append(n.list, text)
	return i
}

func (n *names) at(i uint32) string {
	if int(i) < len(n.list) {
		return n.list[i]
	}
	return ""
}
