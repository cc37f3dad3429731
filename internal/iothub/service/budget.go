package service

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Kind is what the hub counts calls by.
type Kind int

// The kinds.
const (
	KindQuery Kind = iota
	KindTwinRead
	KindTwinWrite
	KindRegistry
	KindConfiguration
	KindMethod
	kinds
)

var kindNames = [kinds]string{"queries", "twin reads", "twin updates", "registry operations",
	"configuration operations", "direct methods"}

func (k Kind) String() string { return kindNames[k] }

// Tier is a hub's size: what its throttles follow from. The zero value is one unit of S1,
// the least that a hub with deployments has.
type Tier struct {
	Name  string // S1, S2, S3; zero means S1. F1 counts as S1
	Units int    // zero means 1
}

// ParseTier reads a tier's name in any case.
func ParseTier(name string) (string, error) {
	switch n := strings.ToUpper(strings.TrimSpace(name)); n {
	case "S1", "S2", "S3":
		return n, nil
	case "F1", "":
		return "S1", nil
	case "B1", "B2", "B3":
		return "", fmt.Errorf("tier %s: a Basic hub has no twins and no deployments: expected S1, S2 or S3", n)
	}
	return "", fmt.Errorf("tier %q: expected S1, S2 or S3", name)
}

// Limit is how many calls the hub takes within a window.
type Limit struct {
	Calls  int
	Window time.Duration
}

// Limit gives the documented throttle of a kind (Azure documentation, "IoT Hub quotas and
// throttling").
func (t Tier) Limit(k Kind) Limit {
	units := max(t.Units, 1)
	tier := max(strings.IndexByte("123", (t.Name + "S1")[1]), 0)
	minute := func(each ...int) Limit { return Limit{each[tier] * units, time.Minute} }
	switch k {
	case KindQuery:
		return minute(20, 20, 1000)
	case KindRegistry:
		return minute(100, 100, 5000)
	case KindConfiguration:
		return minute(20, 20, 20)
	case KindTwinRead:
		return Limit{[]int{100, max(100, 10*units), 500 * units}[tier], time.Second}
	case KindTwinWrite:
		return Limit{[]int{50, max(50, 5*units), 250 * units}[tier], time.Second}
	}
	return Limit{[]int{40, 120, 6000}[tier] * units, time.Second}
}

// budget lets no more than Calls begin within any Window: the hub's count may begin at any
// moment, so that a bucket that refills would let twice as many through.
type budget struct {
	mu     sync.Mutex
	begun  []time.Time // a ring: when the last Calls began, or may begin
	next   int
	window time.Duration
	clock  Clock
}

// slack is what a window is made longer by, since calls that began apart may arrive closer.
const slack = 20 // a twentieth

func newBudget(l Limit, c Clock) *budget {
	return &budget{begun: make([]time.Time, max(l.Calls, 1)), window: l.Window + l.Window/slack, clock: c}
}

// wait waits for a place and takes it.
func (b *budget) wait(ctx context.Context) error {
	b.mu.Lock()
	now := b.clock.Now()
	at := now
	if free := b.begun[b.next].Add(b.window); !b.begun[b.next].IsZero() && free.After(now) {
		at = free
	}
	b.begun[b.next] = at
	b.next = (b.next + 1) % len(b.begun)
	b.mu.Unlock()
	return b.clock.Sleep(ctx, at.Sub(now))
}

// Clock tells the time and lets it pass. A test's fleet may live faster than the world.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// System is this machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now() }

// Sleep implements Clock: it ends with the context.
func (System) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
