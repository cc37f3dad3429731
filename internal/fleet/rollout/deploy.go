package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// deployment is what a journal keeps of a deployment: enough to know it again, and no
// content, which may hold passwords.
type deployment struct {
	ID        string `json:"id"`
	Condition string `json:"targetCondition"`
	Priority  int    `json:"priority"`
	Hash      string `json:"hash"`
}

// deployments makes those of the plan, before any tag is written (F7).
func (r *run) deployments(ctx context.Context) error {
	if err := r.room(ctx); err != nil {
		return err
	}
	for i, d := range r.o.Plan.Deployments {
		r.o.tell(Progress{Doing: "deployment " + d.ID, Done: i, Total: len(r.o.Plan.Deployments)})
		if err := r.deployment(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// room refuses what the hub cannot hold before anything is written (F12).
func (r *run) room(ctx context.Context) error {
	list, err := r.o.Hub.Configurations(ctx)
	if err != nil {
		return err
	}
	there, held := map[string]bool{}, 0
	for _, c := range list {
		there[c.ID] = true
		if c.Edge() {
			held++
		}
	}
	more := 0
	for _, d := range r.o.Plan.Deployments {
		if !there[d.ID] {
			more++
		}
	}
	if more > 0 && held+more > service.MaxDeployments {
		return fmt.Errorf("%s: the hub holds %d deployments, layered ones included, and %d more would exceed the %d "+
			"that it takes. Nothing was written. Delete what targets nobody any more", fleet.RuleCap, held, more,
			service.MaxDeployments)
	}
	return nil
}

// deployment makes one, unless it is there, and reads it back: a hub that has no room
// answers success (F5).
func (r *run) deployment(ctx context.Context, d fleet.PlannedDeployment) error {
	w := r.of(fleet.WriteDeployment, d.ID)
	have, err := r.o.Hub.Configuration(ctx, d.ID)
	switch {
	case err == nil:
		if err := r.same(have, d); err != nil {
			return err
		}
		if w != nil && w.State == fleet.Intended {
			return r.made(w.Entry, have)
		}
		return nil
	case service.Status(err) != http.StatusNotFound:
		return err
	}
	after, err := json.Marshal(deployment{d.ID, d.TargetCondition, d.Priority, d.Hash})
	if err != nil {
		return err
	}
	e, err := r.note(fleet.Entry{Kind: fleet.WriteDeployment, ID: d.ID, Before: json.RawMessage("null"), After: after,
		State: fleet.Intended})
	if err != nil {
		return err
	}
	_, err = r.o.Hub.Create(ctx, &service.Configuration{
		ID: d.ID, SchemaVersion: "1.0", TargetCondition: d.TargetCondition, Priority: d.Priority,
		Labels: map[string]string{"edgenet": d.Class}, Content: service.Content{ModulesContent: r.o.Contents[d.ID]},
	})
	var refused *service.Error
	if err != nil && (ctx.Err() != nil || errors.As(err, &refused) && refused.Status < 500 &&
		refused.Status != http.StatusPreconditionFailed && refused.Status != http.StatusConflict) {
		return err
	}
	have, back := r.o.Hub.Configuration(ctx, d.ID)
	switch {
	case service.Status(back) == http.StatusNotFound && err == nil:
		return fmt.Errorf("the hub answered that it created the deployment %s, and does not hold it: that is what it "+
			"does when its limit of deployments is reached. Delete what targets nobody any more, and run the same "+
			"command again", d.ID)
	case back != nil:
		return errors.Join(err, back)
	}
	if err := r.same(have, d); err != nil {
		return err
	}
	r.name(&r.out.Deployments, d.ID)
	return r.made(e, have)
}

func (r *run) made(e fleet.Entry, have *service.Configuration) error {
	e.State, e.ETag = fleet.Done, have.ETag
	_, err := r.note(e)
	return err
}

// same tells whether what the hub holds is what was planned.
func (r *run) same(have *service.Configuration, d fleet.PlannedDeployment) error {
	what := ""
	switch {
	case strings.TrimSpace(have.TargetCondition) != d.TargetCondition:
		what = "target condition"
	case have.Priority != d.Priority:
		what = "priority"
	case !fleet.SameJSON(have.Content.ModulesContent, r.o.Contents[d.ID]):
		what = "content"
	default:
		return nil
	}
	return fmt.Errorf("the hub holds a deployment %s with another %s than planned: plan again", d.ID, what)
}

// remove takes a deployment away that this journal made, unless somebody changed it or
// devices are still under it.
func (r *run) remove(ctx context.Context, w *fleet.Write) error {
	var d deployment
	if err := json.Unmarshal(w.After, &d); err != nil {
		return fmt.Errorf("the journal does not say which deployment %s was: %w", w.ID, err)
	}
	e := fleet.Entry{N: w.N, Kind: fleet.WriteDeployment, ID: w.ID, Before: w.After, After: json.RawMessage("null"),
		Undoing: true}
	for range tries {
		have, err := r.o.Hub.Configuration(ctx, w.ID)
		switch {
		case service.Status(err) == http.StatusNotFound:
			e.State = fleet.Undone
			_, err = r.note(e)
			return err
		case err != nil:
			return err
		case have.TargetCondition != d.Condition:
			return errSkip{"somebody changed its target condition: it is left as it is"}
		}
		device, err := r.under(ctx, d.Condition)
		if err != nil {
			return err
		}
		if device != "" {
			return errSkip{"the device " + device + " is still under it: it is left as it is"}
		}
		e.State, e.ETag = fleet.Intended, have.ETag
		if e, err = r.note(e); err != nil {
			return err
		}
		err = r.o.Hub.Delete(ctx, w.ID, have.ETag)
		var refused *service.Error
		if err != nil && (ctx.Err() != nil || errors.As(err, &refused) && refused.Status < 500 &&
			refused.Status != http.StatusPreconditionFailed && refused.Status != http.StatusNotFound) {
			return err
		}
	}
	return errSkip{"it could not be deleted"}
}

// enough is how many devices are looked at that the index still has under a condition.
const enough = 200

// under names a device that is under the condition, by its twin itself: the index may
// still have those that were tagged anew.
func (r *run) under(ctx context.Context, condition string) (string, error) {
	var ids []string
	err := r.o.Hub.Query(ctx, "SELECT deviceId FROM devices WHERE "+condition, func(row []byte) error {
		x, err := fleet.ParseRow(row)
		if err == nil && len(ids) < enough {
			ids = append(ids, x.Device)
		}
		return err
	}, nil)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		twin, err := r.o.Hub.Twin(ctx, id, "")
		if service.Status(err) == http.StatusNotFound {
			continue
		}
		if err != nil {
			return "", err
		}
		row := fleet.Row{Tags: twin.Tags}
		if strings.Contains(condition, "tags.edgenet.class='"+row.Class()+"'") && strings.Contains(condition,
			"tags.edgenet.base='"+row.Tag("edgenet.base")+"'") {
			return id, nil
		}
	}
	return "", nil
}
