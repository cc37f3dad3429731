package fleet

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"edgenet/internal/lab/twinsql"
)

// Fleet is a hub's devices and its service API.
type Fleet struct {
	options Options

	mu       sync.Mutex
	zero     time.Time // second 0 of the fleet's clock
	begun    int32     // when the fleet began
	manual   bool
	moved    time.Duration // by Advance
	switches Switches

	devices  []device
	sites    []site
	width    int // digits of an id
	runtimes *runtimes
	facts    map[factsKey]*facts
	read     map[string]*manifest // by their text
	rulesets map[string]*ruleset
	start    starters

	configurations []*configuration // in the order of their creation
	created        int
	jobs           []*job
	meter          meter
	writes         int // that were done
	index          index
	groups         groupCache
}

// day in seconds.
const day = 24 * 3600

// New makes a fleet.
func New(o Options) (*Fleet, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	f := &Fleet{
		options: o, manual: !o.Start.IsZero(), switches: o.Switches, begun: 90 * day,
		runtimes: newRuntimes(), facts: make(map[factsKey]*facts),
		read: make(map[string]*manifest), rulesets: make(map[string]*ruleset),
		width: max(6, len(strconv.Itoa(o.Devices-1))),
	}
	now := o.Start
	if now.IsZero() {
		now = time.Now()
	}
	f.zero = now.UTC().Truncate(time.Second).Add(-90 * day * time.Second)
	f.index.old = make(map[int]past)
	f.meter.begin(f)
	if err := f.prepare(); err != nil {
		return nil, err
	}
	for n := range (o.Devices + perSite - 1) / perSite {
		f.sites = append(f.sites, f.makeSite(n))
	}
	f.devices = make([]device, o.Devices)
	for n := range f.devices {
		f.makeDevice(n)
	}
	return f, nil
}

// perSite is how many devices stand at a site.
const perSite = 40

// now is the fleet's moment; mu is held.
func (f *Fleet) now() int32 {
	return int32(min(f.clock().Sub(f.zero)/time.Second, horizon))
}

func (f *Fleet) clock() time.Time {
	if f.manual {
		return f.options.Start.UTC().Add(f.moved)
	}
	return time.Now().UTC().Add(f.moved)
}

// Now is the moment by the fleet's clock, which is also that of its answers.
func (f *Fleet) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock()
}

// Advance moves the fleet's clock and lets everything happen that happens until then.
func (f *Fleet) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.advance(d)
}

func (f *Fleet) advance(d time.Duration) {
	f.moved = min(f.moved+min(max(d, 0), horizon*time.Second), horizon*time.Second)
	f.settleAll(f.now())
}

func (f *Fleet) settleAll(to int32) {
	f.runJobs(to)
	for n := range f.devices {
		if f.devices[n].due <= to {
			f.settle(n, to)
		}
	}
}

// ID is the id of the device of that number, from 0.
func (f *Fleet) ID(n int) string {
	digits := strconv.Itoa(n)
	return idPrefix + "000000000"[:f.width-len(digits)] + digits
}

const idPrefix = "edge-"

// find is the number of the device of that id.
func (f *Fleet) find(id string) (int, bool) {
	if len(id) != len(idPrefix)+f.width || id[:len(idPrefix)] != idPrefix {
		return 0, false
	}
	n := 0
	for _, c := range []byte(id[len(idPrefix):]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n < len(f.devices)
}

// at gives the time of a moment of the fleet's clock.
func (f *Fleet) at(moment int32) time.Time { return f.zero.Add(time.Duration(moment) * time.Second) }

// stamp writes a moment as edgenet's module does.
func (f *Fleet) stamp(moment int32) string { return f.at(moment).Format("2006-01-02T15:04:05Z") }

// serviceStamp writes a moment as the hub does.
func (f *Fleet) serviceStamp(moment int32) string {
	if moment <= 0 {
		return "0001-01-01T00:00:00Z"
	}
	return f.at(moment).Format("2006-01-02T15:04:05.0000000Z")
}

// Writes is how many writes were done.
func (f *Fleet) Writes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

// Switches are how the hub behaves now.
func (f *Fleet) Switches() Switches {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.switches
}

// Set changes how the hub behaves, from now on.
func (f *Fleet) Set(s Switches) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.switches = s
	return nil
}

// dialect is the query language's; mu is held.
func (f *Fleet) dialect() twinsql.Dialect { return f.switches.Dialect }
