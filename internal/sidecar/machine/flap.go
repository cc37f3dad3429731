package machine

import (
	"slices"
	"time"
)

// A path that changed between working and broken this often within the window flaps,
// until it has hardly changed for as long.
const (
	flapWindow = 2 * time.Hour
	flapEnter  = 4
	flapLeave  = 2
	flapKeep   = 8 // changes that are remembered of a path
)

// flaps says which paths flap now.
func (t *turn) flaps() {
	if len(t.changes) == 0 {
		return
	}
	var out []string
	for p, times := range t.changes {
		recent := 0
		for _, at := range times {
			if t.now.Mono-at < flapWindow {
				recent++
			}
		}
		name := p.String()
		if recent >= flapEnter || recent >= flapLeave && slices.Contains(t.Flapping, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if slices.Equal(out, t.Flapping) {
		return
	}
	for _, name := range out {
		if !slices.Contains(t.Flapping, name) {
			t.note(Warning, "%s is flapping", name)
		}
	}
	t.Flapping = out
}
