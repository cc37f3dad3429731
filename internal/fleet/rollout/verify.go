package rollout

import (
	"context"
	"net/http"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// verify looks at the devices of a wave until all are back, and gives the first that is
// not within its window.
func (r *run) verify(ctx context.Context, members []*member, p Progress) (*member, error) {
	for {
		err := each(ctx, r.o.Workers, pending(members), func(ctx context.Context, m *member) error {
			return r.look(ctx,
				m)
		})
		if err != nil {
			return nil, err
		}
		now, left := r.o.Hub.Now(), time.Duration(0)
		open := pending(members)
		for _, m := range open {
			rest := r.o.Window - now.Sub(m.at)
			if m.stage == lost || rest <= 0 {
				return m, nil
			}
			if left == 0 || rest < left {
				left = rest
			}
		}
		p.Doing, p.Left = "waiting for devices to come back", left
		r.o.tell(Progress{p.Doing, p.Wave, p.Waves, p.Done + len(members) - len(open), p.Total, left})
		if len(open) == 0 {
			return nil, nil
		}
		if err := r.o.Hub.Sleep(ctx, min(r.o.poll(), left+time.Millisecond)); err != nil {
			return nil, err
		}
	}
}

func pending(members []*member) []*member {
	var out []*member
	for _, m := range members {
		if m.stage != back {
			out = append(out, m)
		}
	}
	return out
}

// look reads both twins of a device, never the index (F8).
func (r *run) look(ctx context.Context, m *member) error {
	agent, err := r.o.Hub.Twin(ctx, m.move.Device, "$edgeAgent")
	if service.Status(err) == http.StatusNotFound {
		m.stage, m.why = lost, "the hub does not know it any more"
		return nil
	}
	if err != nil {
		return err
	}
	own, err := r.o.Hub.Twin(ctx, m.move.Device, fleet.Module)
	if err != nil && service.Status(err) != http.StatusNotFound {
		return err
	}
	var said *fleet.Report
	if err == nil {
		said = reportOf(own)
	}
	run := fleet.ParseRunning(agent.Properties.Desired, agent.Properties.Reported)
	landed := fleet.Land(m.move.Deployment, agent.Configurations[m.move.Deployment].Status, run, said, m.class.Protocol,
		m.at)
	m.why = landed.Why
	switch {
	case landed.OK:
		m.stage = back
	case landed.Lost:
		m.stage = lost
	case m.stage == waiting && carriedOut(agent, m, run):
		m.stage = asked
		r.ask(ctx, m)
	}
	return nil
}

// carriedOut tells whether only edgenet's word is missing.
func carriedOut(agent *service.Twin, m *member, run *fleet.Running) bool {
	return agent.Configurations[m.move.Deployment].Status == "Applied" && run.Current && run.Code == 200
}

// askWait is how long the call of the method may wait for the module.
const askWait = 10 * time.Second

// ask has edgenet check now; by itself it would at its next interval, hours later. Whether
// it answers shows in its twin.
func (r *run) ask(ctx context.Context, m *member) {
	_, _ = r.o.Hub.Invoke(ctx, m.move.Device, fleet.Module, "check", map[string]any{"wait": false}, askWait)
}
