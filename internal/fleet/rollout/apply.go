package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

// Apply carries the plan out, or goes on where a run was killed. The first device that
// does not come back within its window stops it and takes its wave back (F8); the outcome
// says so, and the error is nil. An error is what kept it from going on: run it again.
func Apply(ctx context.Context, o Options) (*Outcome, error) {
	r := newRun(o)
	if wave, stopped := r.journal.Stopped(); stopped {
		return &r.out, r.takeBack(ctx, wave, nil)
	}
	if err := r.deployments(ctx); err != nil {
		return &r.out, err
	}
	return &r.out, r.waves(ctx)
}

// member is a device of a wave.
type member struct {
	move  fleet.PlannedMove
	class fleet.PlannedClass
	hash  string
	at    time.Time // when its tag was written
	stage progress
	why   string // what is missing, or why it is left as it is
}

// progress is how far a device is on its way back.
type progress int

const (
	waiting progress = iota
	asked            // edgenet was asked to check
	back
	lost // it cannot come any more
)

// waves moves the devices that are left. A wave that a killed run began comes first, filled
// up; those before it are through, since no wave begins before.
func (r *run) waves(ctx context.Context) error {
	var begun, left []fleet.PlannedMove
	last, moved := r.journal.Wave(), 0
	for _, m := range r.o.Plan.Moves {
		switch w := r.of(fleet.WriteTag, m.Device); {
		case w == nil || w.Wave == 0:
			left = append(left, m)
		case w.Wave == last:
			begun = append(begun, m)
		default:
			moved++
			if !w.Taken {
				r.name(&r.out.Moved, m.Device)
			}
		}
	}
	next := r.plan(begun, left, last)
	total := max(last-1, 0) + len(next)
	for i, wave := range next {
		n := max(last, 1) + i
		p := Progress{Wave: n, Waves: total, Total: len(r.o.Plan.Moves), Done: moved}
		if err := r.wave(ctx, n, wave, p); err != nil || r.out.Stopped() {
			return err
		}
		moved += len(wave)
	}
	return nil
}

// plan divides what is left into waves.
func (r *run) plan(begun, left []fleet.PlannedMove, last int) [][]fleet.PlannedMove {
	if last == 0 {
		return fleet.Waves(left, r.o.Canary, r.o.Wave)
	}
	size := r.o.Wave
	if last == 1 && r.o.Canary > 0 {
		size = r.o.Canary
	}
	if size > 0 && size < len(begun)+len(left) {
		n := max(size-len(begun), 0)
		begun, left = append(begun, left[:n]...), left[n:]
	} else {
		begun, left = append(begun, left...), nil
	}
	return append([][]fleet.PlannedMove{begun}, fleet.Waves(left, 0, r.o.Wave)...)
}

// wave writes the tags of some devices and waits until every one is back.
func (r *run) wave(ctx context.Context, n int, moves []fleet.PlannedMove, p Progress) error {
	members, err := r.members(moves)
	if err != nil {
		return err
	}
	p.Doing = "writing tags"
	r.o.tell(p)
	err = each(ctx, r.o.Workers, members, func(ctx context.Context, m *member) error {
		err := r.move(ctx, n, m)
		var skip errSkip
		if errors.As(err, &skip) {
			m.why = skip.why
			r.add(&r.out.Skipped, m.move.Device, skip.why)
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(m *member) bool { return m.why != "" })
	failed, err := r.verify(ctx, members, p)
	if err != nil {
		return err
	}
	if failed != nil {
		r.out.Failed = append(r.out.Failed, Skipped{failed.move.Device, failed.why})
		return r.takeBack(ctx, n, members)
	}
	for _, m := range members {
		r.name(&r.out.Moved, m.move.Device)
	}
	return nil
}

func (r *run) members(moves []fleet.PlannedMove) ([]*member, error) {
	var out []*member
	for _, m := range moves {
		c := slices.IndexFunc(r.o.Plan.Classes, func(c fleet.PlannedClass) bool { return c.Name == m.To })
		d := slices.IndexFunc(r.o.Plan.Deployments,
			func(d fleet.PlannedDeployment) bool { return d.ID == m.Deployment })
		if c < 0 || d < 0 {
			return nil, fmt.Errorf("the plan says nothing of the class %s: plan again", secret.Name(m.To, 60))
		}
		out = append(out, &member{move: m, class: r.o.Plan.Classes[c], hash: r.o.Plan.Deployments[d].Hash})
	}
	return out, nil
}

// move writes the two tags of a device, if its evidence still stands.
func (r *run) move(ctx context.Context, wave int, m *member) error {
	id := m.move.Device
	after := fleet.TagValue(m.move, m.hash, r.o.Plan.At)
	before := m.move.Tags
	guard := func(ctx context.Context) error { return r.proven(ctx, m) }
	if err := r.write(ctx, change{kind: fleet.WriteTag, device: id, before: &before, after: after, wave: wave,
		guard: guard}); err != nil {
		return err
	}
	if m.at = r.o.Hub.Now(); r.of(fleet.WriteTag, id) != nil {
		m.at = r.of(fleet.WriteTag, id).DoneAt
	}
	err := r.write(ctx, change{kind: fleet.WriteModuleTag, device: id, after: after, wave: wave})
	var skip errSkip
	if errors.As(err, &skip) {
		return nil // queries alone miss it: the device itself is moved
	}
	return err
}

// proven reads the module's twin itself: the index may be half an hour old, and the plan
// older.
func (r *run) proven(ctx context.Context, m *member) error {
	twin, err := r.o.Hub.Twin(ctx, m.move.Device, fleet.Module)
	if service.Status(err) == http.StatusNotFound {
		return errSkip{"it has no module edgenet any more"}
	}
	if err != nil {
		return err
	}
	fresh, steady := time.Duration(r.o.Plan.FreshSec)*time.Second, time.Duration(r.o.Plan.SteadySec)*time.Second
	if why := fleet.StillProven(reportOf(twin), m.class.Proxy != "", m.class.Protocol, r.o.Hub.Now(), fresh,
		steady); why != "" {
		return errSkip{string(fleet.RuleProven) + " " + why}
	}
	return nil
}

// reportOf is what a module's twin says.
func reportOf(twin *service.Twin) *fleet.Report {
	var reported struct {
		Edgenet json.RawMessage `json:"edgenet"`
	}
	_ = json.Unmarshal(twin.Properties.Reported, &reported) // what cannot be read says nothing
	return fleet.ParseReport(reported.Edgenet)
}
