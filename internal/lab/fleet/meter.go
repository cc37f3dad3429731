package fleet

import (
	"fmt"
	"math"
	"time"

	"edgenet/internal/lab/hub"
)

// Kinds of calls, as the hub counts them for its throttles.
const (
	CallQuery         = "query"
	CallTwinRead      = "twinRead"
	CallTwinWrite     = "twinWrite"
	CallRegistry      = "registry"
	CallConfiguration = "configuration"
	CallMethod        = "method"
	CallJob           = "job"
)

var callKinds = []string{CallQuery, CallTwinRead, CallTwinWrite, CallRegistry, CallConfiguration, CallMethod, CallJob}

// limit is so many calls in a window.
type limit struct {
	calls  float64
	window time.Duration
}

// tiers are the documented limits of a hub with so many units.
var tiers = map[string]func(kind string, units float64) limit{
	"F1": standard1, "B1": standard1, "S1": standard1,
	"B2": standard2, "S2": standard2,
	"B3": standard3, "S3": standard3,
}

func standard1(kind string, units float64) limit {
	switch kind {
	case CallQuery, CallConfiguration:
		return limit{20 * units, time.Minute}
	case CallRegistry, CallJob:
		return limit{100 * units, time.Minute}
	case CallTwinRead:
		return limit{100, time.Second}
	case CallTwinWrite:
		return limit{50, time.Second}
	}
	return limit{40 * units, time.Second} // methods: 160 KB a second, in pieces of 4 KB
}

func standard2(kind string, units float64) limit {
	switch kind {
	case CallTwinRead:
		return limit{max(100, 10*units), time.Second}
	case CallTwinWrite:
		return limit{max(50, 5*units), time.Second}
	case CallMethod:
		return limit{120 * units, time.Second}
	}
	return standard1(kind, units)
}

func standard3(kind string, units float64) limit {
	switch kind {
	case CallQuery:
		return limit{1000 * units, time.Minute}
	case CallRegistry, CallJob:
		return limit{5000 * units, time.Minute}
	case CallTwinRead:
		return limit{500 * units, time.Second}
	case CallTwinWrite:
		return limit{250 * units, time.Second}
	case CallMethod:
		return limit{6144 * units, time.Second}
	}
	return standard1(kind, units)
}

// Throttle is what was counted of one kind of calls.
type Throttle struct {
	Calls int `json:"calls"`
	// Over is how many came beyond the tier's limit, refused or not: a client that keeps
	// to the limits leaves it at 0.
	Over int `json:"over"`
	// Refused is how many got 429.
	Refused int `json:"refused"`
	// Limit and WindowSec are the tier's: so many calls in a window.
	Limit     float64 `json:"limit"`
	WindowSec float64 `json:"windowSec"`
}

// meter counts calls. Guarded by Fleet.mu.
type meter struct {
	kinds map[string]*bucket
}

type bucket struct {
	Throttle
	left float64
	last time.Time
}

func (m *meter) begin(f *Fleet) {
	m.kinds = make(map[string]*bucket)
	for _, kind := range callKinds {
		l := f.limitOf(kind)
		m.kinds[kind] = &bucket{Throttle: Throttle{Limit: l.calls, WindowSec: l.window.Seconds()}, left: l.calls,
			last: f.clock()}
	}
}

func (f *Fleet) limitOf(kind string) limit {
	return tiers[f.switches.Tier](kind, float64(f.switches.Units))
}

// count takes a call, and refuses it where the hub's limit is reached and kept.
func (f *Fleet) count(kind string) error {
	b, l, now := f.meter.kinds[kind], f.limitOf(kind), f.clock()
	b.Limit, b.WindowSec = l.calls, l.window.Seconds()
	b.left = min(l.calls, b.left+now.Sub(b.last).Seconds()/l.window.Seconds()*l.calls)
	b.last = now
	b.Calls++
	if b.left >= 1 {
		b.left--
		return nil
	}
	b.Over++
	if !f.switches.Throttle {
		return nil
	}
	b.Refused++
	wait := math.Ceil((1 - b.left) / l.calls * l.window.Seconds())
	return throttled(int(max(1, wait)))
}

func throttled(wait int) *hub.StatusError {
	return &hub.StatusError{Status: 429, Code: "ThrottlingBacklogTimeout",
		Message: fmt.Sprintf("The request has been throttled. Wait %d seconds and try again. Operation type: CRUD",
			wait)}
}

// Throttles are the calls of each kind so far.
func (f *Fleet) Throttles() map[string]Throttle {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.throttles()
}

func (f *Fleet) throttles() map[string]Throttle {
	out := make(map[string]Throttle, len(callKinds))
	for kind, b := range f.meter.kinds {
		out[kind] = b.Throttle
	}
	return out
}
