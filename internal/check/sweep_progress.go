package check

import (
	"fmt"
	"sync"
	"time"

	"edgenet/report/render"
)

// How often the line on the terminal is drawn, and over how long the rate is taken.
const (
	drawEvery = 200 * time.Millisecond
	rateOver  = 5 * time.Second
)

// progress says on a terminal how far a list has come, in whatever order.
type progress struct {
	job *job
	all int

	mu      sync.Mutex
	n       int
	drawn   time.Time
	since   time.Time // from where the rate is taken
	at, had int       // how many there were then, and at the mark that comes next
	next    time.Time
}

func newProgress(j *job, all int) *progress {
	now := time.Now()
	return &progress{job: j, all: all, since: now, next: now}
}

// known counts hubs that stand in an earlier run's file: they say nothing of the rate.
func (p *progress) known(n int) {
	p.n += n
	p.at, p.had = p.n, p.n
}

// settled counts a hub.
func (p *progress) settled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	now := time.Now()
	if now.Sub(p.next) >= rateOver {
		p.since, p.at = p.next, p.had
		p.next, p.had = now, p.n
	}
	if p.all < 2 || now.Sub(p.drawn) < drawEvery {
		return
	}
	p.drawn = now
	p.job.status(p.words(now))
}

// words are how many are done, how fast it goes, and for how long it will.
func (p *progress) words(now time.Time) string {
	s := fmt.Sprintf("%d of %d hubs", p.n, p.all)
	took := now.Sub(p.since)
	if took < time.Second || p.n <= p.at {
		return s
	}
	rate := float64(p.n-p.at) / took.Seconds()
	left := time.Duration(float64(p.all-p.n) / rate * float64(time.Second))
	return fmt.Sprintf("%s, %.3g a second, about %s left", s, rate,
		render.Span(max(left.Round(time.Second), time.Second)))
}
