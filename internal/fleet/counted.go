package fleet

import (
	"time"

	"edgenet/internal/secret"
)

// CountedFields are the fields that are counted one by one where the hub counts.
func CountedFields() []string {
	return []string{"status", "recommended", "route", "cause", "finding", "configured", "consistent", "class"}
}

// Counted makes a summary of numbers that the hub counted.
type Counted struct {
	s       Summary
	stale   time.Duration
	older   map[time.Duration]int
	modules int
}

// NewCounted makes one.
func NewCounted(now time.Time, stale time.Duration) *Counted {
	t := NewTally(TallyOptions{Now: now, Stale: stale})
	t.s.Counted = CountedGroupBy
	return &Counted{s: t.s, stale: stale, older: map[time.Duration]int{}}
}

// Stale takes in how many of the stale reports said a status.
func (c *Counted) Stale(status string, n int) {
	if c.s.StaleBy == nil {
		c.s.StaleBy = &Stale{Counts{}}
	}
	c.s.StaleBy.Status.addN(status, n)
	c.s.Stale += n
}

// Add takes in how many of those that report have a value.
func (c *Counted) Add(field, value string, n int) {
	for _, f := range c.s.By.Fields() {
		if f.Name == field {
			f.Counts.addN(value, n)
		}
	}
	switch field {
	case "cause":
		c.s.By.Actor.addN(actorOf(value), n)
	case "status":
		c.s.Reporting += n
	}
}

// Ages are the ages of reports that are asked for.
func Ages(stale time.Duration) []time.Duration {
	day := 24 * time.Hour
	out := []time.Duration{stale}
	for _, age := range []time.Duration{day, 7 * day, 30 * day} {
		if age > stale {
			out = append(out, age)
		}
	}
	return out
}

// Older takes in how many reports are older than an age.
func (c *Counted) Older(age time.Duration, n int) { c.older[age] = n }

// Modules takes in how many modules there are, whether they report or not.
func (c *Counted) Modules(n int) { c.modules = n }

// Trouble takes in how many with a status name a cause.
func (c *Counted) Trouble(status, cause string, n int) {
	cause = secret.Name(cause, 80)
	c.s.Trouble = append(c.s.Trouble, Cause{Cause: orNone(cause), Actor: actorOf(cause), Status: status, Devices: n})
}

// Summary gives the numbers.
func (c *Counted) Summary() *Summary {
	s := &c.s
	ages := Ages(c.stale)
	for i, age := range ages {
		n := c.older[age]
		if i+1 < len(ages) {
			n -= c.older[ages[i+1]]
		}
		if n > 0 {
			s.SilentSince.addN(sinceWord(age), n)
		}
	}
	s.Devices = max(c.modules, s.Reporting)
	s.close()
	sortTrouble(s.Trouble)
	return s
}
