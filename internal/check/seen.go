package check

import (
	"fmt"
	"strings"
	"time"

	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/watch"
)

// aliveEvery is how often a watch in which nothing changes says that it lives, where no
// status line does.
const aliveEvery = time.Hour

// seen is what a watch has seen so far, a timeline a hub.
type seen struct {
	gap   time.Duration
	order []string
	hubs  map[string]*watch.Timeline
	said  time.Time
}

func newSeen(every time.Duration) *seen {
	return &seen{gap: max(time.Minute, 3*every), hubs: map[string]*watch.Timeline{}, said: time.Now()}
}

func (s *seen) add(reports []*report.Report) {
	for _, r := range reports {
		t, known := s.hubs[r.Target.Hub]
		if !known {
			t = &watch.Timeline{Gap: s.gap + r.DurationMs.Duration()}
			s.hubs[r.Target.Hub] = t
			s.order = append(s.order, r.Target.Hub)
		}
		t.Add(watch.PointOf(r))
	}
}

// words say how the watch of each hub went.
func (s *seen) words() []string {
	var out []string
	for _, hub := range s.order {
		words := render.WatchWords(s.hubs[hub])
		if len(s.order) > 1 {
			words = report.Clean(hub, 260) + ": " + words
		}
		out = append(out, words)
	}
	return out
}

// alive says once an hour that the watch lives; on a terminal a status line does.
func (o *rounds) alive() {
	if o.o.Quiet || o.con.ErrorWidth() > 0 && !o.con.Plain() || time.Since(o.seen.said) < aliveEvery {
		return
	}
	o.seen.said = time.Now()
	o.con.Note("%s watching: %s", o.seen.said.UTC().Format("15:04:05 UTC"), strings.Join(o.seen.words(), "; "))
}

// sumUp is what the one who ends a watch wants to know.
func (o *rounds) sumUp() {
	for _, words := range o.seen.words() {
		o.con.Note("%s", fmt.Sprintf("watched %s", words))
	}
}
