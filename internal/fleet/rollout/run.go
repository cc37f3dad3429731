package rollout

import (
	"context"
	"encoding/json"
	"sync"

	"edgenet/internal/fleet"
)

// run is one run of Apply or Undo.
type run struct {
	o       Options
	mu      sync.Mutex
	journal *fleet.Journal
	out     Outcome
}

func newRun(o Options) *run {
	if o.Workers <= 0 {
		o.Workers = workers
	}
	return &run{o: o, journal: o.Log.Journal()}
}

// note writes a line: first to the disk, then to what is known. An intention gets a number,
// what came of it has the same.
func (r *run) note(e fleet.Entry) (fleet.Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.State == fleet.Intended {
		e.N = r.journal.N + 1
		r.journal.N = e.N // also where the write of the line fails: no number twice
	}
	e.At, e.Hub, e.Plan = r.o.Hub.Now().UTC(), r.o.HubName, r.o.PlanHash
	if err := r.o.Log.Append(e); err != nil {
		return e, err
	}
	r.journal.Add(e)
	return e, nil
}

// of gives a copy of what the journal says of a write, nil where it says nothing.
func (r *run) of(kind, id string) *fleet.Write {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.journal.Of(kind, id); w != nil {
		c := *w
		return &c
	}
	return nil
}

func (r *run) add(list *[]Skipped, id, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = append(*list, Skipped{id, why})
}

func (r *run) name(list *[]string, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = append(*list, id)
}

// each does something for every element, several at once, until one fails.
func each[T any](parent context.Context, workers int, list []T, do func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	next := make(chan T)
	var wg sync.WaitGroup
	for range min(workers, len(list)) {
		wg.Go(func() {
			for x := range next {
				if err := do(ctx, x); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
feed:
	for _, x := range list {
		select {
		case next <- x:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if parent.Err() != nil {
		return parent.Err() // not its cause, which may be any error
	}
	return context.Cause(ctx)
}

// section is tags.edgenet of a twin.
func section(tags map[string]json.RawMessage) json.RawMessage { return tags["edgenet"] }
