package survey

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// Gathered is what a plan is made of.
type Gathered struct {
	Judged   []fleet.Judged
	Stays    int
	Existing []fleet.Deployment
}

// readers is how many devices are read at once.
const readers = 8

// Gather judges every device: by the index, and where that may move it by its twins
// themselves.
func Gather(ctx context.Context, o Options, classes *fleet.Classes, rules fleet.Rules) (*Gathered, error) {
	g := &Gathered{}
	known, suspects, err := o.screen(ctx, g, classes, rules)
	if err != nil {
		return nil, err
	}
	if o.Where == "" {
		err := rows(ctx, o.Hub, devices(), func(row fleet.Row) error {
			if !known[row.Device] && (row.Edge == nil || *row.Edge) {
				known[row.Device] = true
				d := fleet.Device{ID: strings.Clone(row.Device)}
				g.Judged = append(g.Judged, fleet.Judged{Device: d, Decision: fleet.Decide(&d, classes, rules)})
			}
			return nil
		}, func(n int) { o.tell("reading devices", n, 0) })
		if err != nil {
			return nil, err
		}
	}
	if err := o.close(ctx, g, suspects, classes, rules); err != nil {
		return nil, err
	}
	list, err := o.Hub.Configurations(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if c.Edge() {
			g.Existing = append(g.Existing, fleet.Deployment{ID: c.ID, Condition: c.TargetCondition,
				Priority: c.Priority,
				Content:  c.Content.ModulesContent})
		}
	}
	return g, nil
}

// screen goes through all reports once: what stays and what is held for good, and the ids
// of the others.
func (o *Options) screen(ctx context.Context, g *Gathered, classes *fleet.Classes,
	rules fleet.Rules) (known map[string]bool, suspects []string, err error) {
	known = map[string]bool{}
	err = rows(ctx, o.Hub, o.modules(), func(row fleet.Row) error {
		d := fleet.Device{ID: row.Device, Report: row.Reported, Class: row.Class()}
		if known[d.ID] {
			return nil
		}
		known[d.ID] = true
		switch decision, final := fleet.Screen(&d, classes, rules); {
		case !final:
			suspects = append(suspects, d.ID)
		case decision.Fate == fleet.Stay:
			g.Stays++
		default:
			g.Judged = append(g.Judged, fleet.Judged{Device: d, Decision: decision})
		}
		return nil
	}, func(n int) { o.tell("reading reports", n, 0) })
	return known, suspects, err
}

// close reads the twins of those that may move, and judges them.
func (o *Options) close(parent context.Context, g *Gathered, suspects []string, classes *fleet.Classes,
	rules fleet.Rules) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	var mu sync.Mutex
	var wg sync.WaitGroup
	next, done := 0, 0
	take := func() (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(suspects) || ctx.Err() != nil {
			return "", false
		}
		next++
		return suspects[next-1], true
	}
	for range min(readers, len(suspects)) {
		wg.Go(func() {
			for id, ok := take(); ok; id, ok = take() {
				j, err := o.read(ctx, id, classes, rules)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				if done++; j.Decision.Fate == fleet.Stay {
					g.Stays++
				} else {
					g.Judged = append(g.Judged, *j)
				}
				o.tell("reading twins", done, len(suspects))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if parent.Err() != nil {
		return parent.Err() // not its cause, which may be any error
	}
	return context.Cause(ctx)
}

// read reads the three twins that say everything of a device.
func (o *Options) read(ctx context.Context, id string, classes *fleet.Classes, rules fleet.Rules) (*fleet.Judged,
	error) {
	d := fleet.Device{ID: id}
	j := &fleet.Judged{Deployments: map[string]string{}}
	for _, module := range []string{"", fleet.Module, "$edgeAgent"} {
		twin, err := o.Hub.Twin(ctx, id, module)
		if service.Status(err) == http.StatusNotFound {
			continue // gone, or never there: what is missing is not proven
		}
		if err != nil {
			return nil, err
		}
		for name, c := range twin.Configurations {
			if module != fleet.Module {
				j.Deployments[name] = c.Status
			}
		}
		switch module {
		case "":
			row := fleet.Row{Tags: twin.Tags}
			d.Site, d.Class, j.Tags = row.Tag(classes.SiteTag()), row.Class(), twin.Tags["edgenet"]
		case fleet.Module:
			var reported struct {
				Edgenet json.RawMessage `json:"edgenet"`
			}
			_ = json.Unmarshal(twin.Properties.Reported, &reported) // what cannot be read says nothing
			d.Report, d.Proxies = fleet.ParseReport(reported.Edgenet), fleet.DesiredProxies(twin.Properties.Desired)
		default:
			d.Running = fleet.ParseRunning(twin.Properties.Desired, twin.Properties.Reported)
		}
	}
	j.Device = d
	j.Decision = fleet.Decide(&j.Device, classes, rules)
	return j, nil
}

// Crossing finds deployments that share devices with the plan and whose place matters, by
// their conditions: a twin names those that the hub has evaluated already, and the rest is
// asked for. It tells whether it found any that the judged did not know of.
func Crossing(ctx context.Context, o Options, g *Gathered, plan *fleet.Plan) (found bool, err error) {
	moves, at := map[string]bool{}, map[string]int{}
	for _, m := range plan.Moves {
		moves[m.Device] = true
	}
	for i, j := range g.Judged {
		if moves[j.Device.ID] {
			at[j.Device.ID] = i
		}
	}
	for _, e := range g.Existing {
		if len(moves) == 0 || !matters(e, plan) {
			continue
		}
		err := rows(ctx, o.Hub, []string{"SELECT deviceId FROM devices WHERE " + e.Condition,
			"SELECT * FROM devices WHERE " + e.Condition}, func(row fleet.Row) error {
			if i, ok := at[row.Device]; ok && g.Judged[i].Deployments[e.ID] == "" {
				g.Judged[i].Deployments[e.ID] = "Targeted"
				found = true
			}
			return nil
		}, nil)
		if err != nil && !refused(err) { // a condition that is no question of devices targets none
			return found, err
		}
	}
	return found, nil
}

// matters tells of a deployment that would rule in place of a planned one, or be ruled out
// by it.
func matters(e fleet.Deployment, plan *fleet.Plan) bool {
	c := strings.TrimSpace(e.Condition)
	if c == "" || c == "*" || strings.Contains(c, "tags.edgenet.base='") || strings.HasPrefix(strings.ToLower(c),
		"from ") {
		return false
	}
	_, layered := fleet.Layered(e.Content)
	for _, d := range plan.Deployments {
		if layered && e.Priority <= d.Priority || !layered && e.Priority >= d.Priority {
			return true
		}
	}
	return false
}
