package machine

import "time"

// bucket lets something through so often in a row, and then once a period.
type bucket struct {
	level float64
	at    time.Duration // when level was right
}

// fill adds what time has brought.
func (b *bucket) fill(now, period time.Duration, burst float64) {
	if now > b.at {
		b.level = min(burst, b.level+float64(now-b.at)/float64(period))
	}
	b.at = now
}

// whole forgives what floating point lost.
const whole = 1 - 1e-9

// take lets one through, or says no.
func (b *bucket) take(now, period time.Duration, burst float64) bool {
	b.fill(now, period, burst)
	if b.level < whole {
		return false
	}
	b.level = max(0, b.level-1)
	return true
}

// wait is how long until the next one.
func (b *bucket) wait(period time.Duration) time.Duration {
	if b.level >= whole {
		return 0
	}
	return time.Duration((1-b.level)*float64(period)) + time.Millisecond
}
