package survey

import (
	"context"
	"net/http"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Planner is what a plan is asked of.
type Planner interface {
	Tester
	Now() time.Time // the hub's clock, once it has answered
}

// Plan gathers what the hub says, plans, and has the hub judge the conditions. in says the
// rest: hub, template, classes and rules; moment and devices come from the hub.
func Plan(ctx context.Context, o Options, h Planner, in fleet.PlanInput) (*fleet.Plan, error) {
	if _, err := h.Statistics(ctx); err != nil && service.Status(err) == http.StatusUnauthorized {
		return nil, err // and the hub's clock is known from here on
	}
	in.At = h.Now()
	in.Rules.Now, o.Now = in.At, in.At
	g, err := Gather(ctx, o, in.Classes, in.Rules)
	if err != nil {
		return nil, err
	}
	in.Judged, in.Stays, in.Existing = g.Judged, g.Stays, g.Existing
	plan := fleet.BuildPlan(in)
	found, err := Crossing(ctx, o, g, plan)
	if err != nil {
		return nil, err
	}
	if found {
		in.Judged = g.Judged
		plan = fleet.BuildPlan(in)
	}
	for i, d := range plan.Deployments {
		o.tell("testing conditions", i, len(plan.Deployments))
		tested, err := h.TestQueries(ctx, d.TargetCondition)
		if err != nil {
			return nil, err
		}
		if tested.Condition != "" {
			plan.Refuse(d.ID, fleet.RuleDeployment, "the hub refuses its target condition: "+
				report.Clean(secret.Within(tested.Condition), 200))
		}
	}
	return plan, nil
}
