package rollout

import (
	"context"
	"errors"
	"slices"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// takeBack makes the tags of a wave as they were before. A device that is back, and whose
// own report says that the way it came from is closed, is kept: to take it back would cut
// it off. members are those that are known of; nil: look.
func (r *run) takeBack(ctx context.Context, wave int, members []*member) error {
	known := map[string]*member{}
	for _, m := range members {
		known[m.move.Device] = m
	}
	var devices []string
	for _, w := range slices.Backward(r.writes()) {
		if w.Kind == fleet.WriteTag && w.Wave == wave && !settledBack(w) {
			devices = append(devices, w.ID)
		}
	}
	for i, id := range devices {
		r.o.tell(Progress{Doing: "taking the wave back", Wave: wave, Done: i, Total: len(devices)})
		why, err := r.cutsOff(ctx, id, known[id])
		if err != nil {
			return err
		}
		if why != "" {
			r.add(&r.out.Kept, id, why)
			continue
		}
		if err := r.restore(ctx, id); err != nil {
			return err
		}
	}
	if len(r.out.Failed)+len(r.out.TakenBack)+len(r.out.Kept) == 0 { // a killed run did it all, and could not say so
		r.out.Failed = append(r.out.Failed, Skipped{"", "an earlier run stopped in this wave and took it back"})
	}
	return nil
}

// settledBack tells of a write that is as it was before, or was never carried out.
func settledBack(w *fleet.Write) bool { return w.State == fleet.Undone }

// writes is a copy of the journal's.
func (r *run) writes() []*fleet.Write {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*fleet.Write, 0, len(r.journal.Writes))
	for _, w := range r.journal.Writes {
		c := *w
		out = append(out, &c)
	}
	return out
}

// cutsOff says why a device must not be taken back; empty: it may.
func (r *run) cutsOff(ctx context.Context, id string, m *member) (string, error) {
	if m == nil {
		i := slices.IndexFunc(r.o.Plan.Moves, func(x fleet.PlannedMove) bool { return x.Device == id })
		if i < 0 {
			return "", nil
		}
		list, err := r.members(r.o.Plan.Moves[i : i+1])
		if err != nil {
			return "", err
		}
		m = list[0]
		if w := r.of(fleet.WriteTag, id); w != nil {
			m.at = w.DoneAt
		}
		m.stage = asked // one look, no question
		if err := r.look(ctx, m); err != nil {
			return "", err
		}
	}
	if m.stage != back {
		return "", nil
	}
	own, err := r.o.Hub.Twin(ctx, id, fleet.Module)
	if err != nil {
		return "", err
	}
	if fleet.WayBack(reportOf(own), m.move.From) {
		return "", nil
	}
	return "it is back, and says that " + m.move.From + " does not work: taken back it would be cut off", nil
}

// restore makes both tags of a device as they were.
func (r *run) restore(ctx context.Context, id string) error {
	left := false
	for _, kind := range []string{fleet.WriteModuleTag, fleet.WriteTag} {
		w := r.of(kind, id)
		if w == nil || w.State == fleet.Undone {
			continue
		}
		err := r.unwrite(ctx, w)
		var skip errSkip
		if errors.As(err, &skip) {
			left = true
			r.add(&r.out.Left, id, skip.why)
			continue
		}
		if err != nil {
			return err
		}
	}
	if !left {
		r.name(&r.out.TakenBack, id)
	}
	return nil
}

// unwrite takes one tag back. What was never carried out needs no write.
func (r *run) unwrite(ctx context.Context, w *fleet.Write) error {
	c := change{kind: w.Kind, device: w.ID, before: &w.After, after: w.Before, wave: w.Wave, undoing: true}
	return r.write(ctx, c)
}

// Undo makes every tag and deployment of the journal as it was before: tags first, and a
// deployment only when no device is under it. It may be run again after a kill.
func Undo(ctx context.Context, o Options) (*Outcome, error) {
	r := newRun(o)
	var devices []string
	listed := map[string]bool{}
	for _, w := range slices.Backward(r.writes()) {
		if w.Kind != fleet.WriteDeployment && w.State != fleet.Undone && !listed[w.ID] {
			listed[w.ID] = true
			devices = append(devices, w.ID)
		}
	}
	for i, id := range devices {
		r.o.tell(Progress{Doing: "taking tags back", Done: i, Total: len(devices)})
		if err := r.restore(ctx, id); err != nil {
			return &r.out, err
		}
	}
	for _, w := range slices.Backward(r.writes()) {
		if w.Kind != fleet.WriteDeployment || w.State == fleet.Undone {
			continue
		}
		err := r.remove(ctx, w)
		var skip errSkip
		if errors.As(err, &skip) {
			r.add(&r.out.Left, w.ID, skip.why)
			continue
		}
		if err != nil {
			return &r.out, err
		}
		r.name(&r.out.Deployments, w.ID)
	}
	return &r.out, nil
}

var _ Hub = (*service.Client)(nil)
