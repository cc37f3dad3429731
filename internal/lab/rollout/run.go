package rollout

import (
	"context"
	"fmt"
	"time"

	"edgenet/internal/lab/fleet"
)

// Strategy changes a fleet's deployments. It may wait, and has to come to an end.
type Strategy struct {
	Name string
	Run  func(ctx context.Context, h *Hub) error
}

// Setting is how a strategy is measured. The zero value works.
type Setting struct {
	// Devices of each fleet. Zero means 2000.
	Devices int
	// Seeds is how many fleets, from seed 1 on. Zero means 100.
	Seeds int
	// Changes is how long a site's network stays as it is, on average. Zero means five days.
	Changes time.Duration
	// Before is how long the fleet lives first, After how long when the strategy is through.
	// Zero means two days and seven.
	Before, After time.Duration
	// Latency is how long every call takes, by the fleet's clock: who polls without Wait sees
	// the fleet go on. Zero means 50 ms.
	Latency time.Duration
	// Switches are the hub's. Zero is a hub that keeps the throttles of one S1 unit.
	Switches *fleet.Switches
}

func (s Setting) defaults() Setting {
	if s.Devices == 0 {
		s.Devices = 2000
	}
	if s.Seeds == 0 {
		s.Seeds = 100
	}
	if s.Changes == 0 {
		s.Changes = 5 * 24 * time.Hour
	}
	if s.Before == 0 {
		s.Before = 2 * 24 * time.Hour
	}
	if s.After == 0 {
		s.After = 7 * 24 * time.Hour
	}
	if s.Latency == 0 {
		s.Latency = 50 * time.Millisecond
	}
	if s.Switches == nil {
		s.Switches = &fleet.Switches{Tier: "S1", Throttle: true}
	}
	return s
}

// Outcome is what became of one fleet.
type Outcome struct {
	Seed uint64
	fleet.Stranding
	// Took is how long the strategy ran, by the fleet's clock.
	Took time.Duration
	// Over is how many calls came beyond the hub's limits.
	Over int
}

// Run measures a strategy over all seeds.
func Run(ctx context.Context, strategy Strategy, s Setting) ([]Outcome, error) {
	s = s.defaults()
	var out []Outcome
	for seed := uint64(1); seed <= uint64(s.Seeds); seed++ {
		o, err := one(ctx, strategy, s, seed)
		if err != nil {
			return nil, fmt.Errorf("%s, seed %d: %w", strategy.Name, seed, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// began is the moment at which every fleet begins.
var began = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func one(ctx context.Context, strategy Strategy, s Setting, seed uint64) (Outcome, error) {
	f, err := fleet.New(fleet.Options{Devices: s.Devices, Seed: seed, Start: began, Changes: s.Changes,
		Switches: *s.Switches})
	if err != nil {
		return Outcome{}, err
	}
	f.Advance(s.Before)
	before := f.Now()
	if err := strategy.Run(ctx, newHub(f, s.Latency)); err != nil {
		return Outcome{}, err
	}
	o := Outcome{Seed: seed, Took: f.Now().Sub(before)}
	f.Advance(s.After)
	o.Stranding = f.Stranded()
	for _, t := range f.Throttles() {
		o.Over += t.Over
	}
	return o, nil
}
