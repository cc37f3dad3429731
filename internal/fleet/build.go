package fleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// The rules of deployments.
const (
	RuleDeployment Rule = "F5"
	RuleOverlap    Rule = "F6"
	RuleCap        Rule = "F12"
)

// Deployment is an automatic deployment that the hub holds.
type Deployment struct {
	ID        string
	Condition string
	Priority  int
	Content   []byte // modulesContent
}

// Judged is a device with what the rules say of it and what rules it.
type Judged struct {
	Device      Device
	Decision    Decision
	Tags        json.RawMessage   // tags.edgenet, nil where there are none
	Deployments map[string]string // id -> Targeted or Applied
}

// PlanInput is what a plan is made of.
type PlanInput struct {
	Hub       string
	At        time.Time
	Tool      Tool
	Base      string // as it was named
	Template  []byte
	Classes   *Classes
	Rules     Rules
	Judged    []Judged // those that move or are held, and none that stays
	Stays     int
	Existing  []Deployment
	MostBases int // zero means what a hub holds
}

// maxDeployments is how many a hub holds, layered ones included.
const maxDeployments = 100

// BuildPlan makes the plan (F5, F6, F12): one deployment a class, above what rules its
// devices, below what is layered on them.
func BuildPlan(in PlanInput) *Plan {
	if in.MostBases == 0 {
		in.MostBases = maxDeployments
	}
	b := &builder{in: in, plan: &Plan{
		Schema: PlanSchema, Tool: in.Tool, Hub: in.Hub, At: in.At.UTC(), Base: in.Base, Stays: in.Stays,
		SiteTag:  in.Classes.SiteTag(),
		FreshSec: int64(in.Rules.Fresh / time.Second), SteadySec: int64(in.Rules.Steady / time.Second),
	}}
	for _, p := range in.Rules.Prefer {
		b.plan.Prefer = append(b.plan.Prefer, string(p))
	}
	groups := map[string][]Judged{}
	for _, j := range in.Judged {
		if j.Decision.Fate == Move {
			groups[j.Decision.To.Name()] = append(groups[j.Decision.To.Name()], j)
		} else {
			b.plan.Held = append(b.plan.Held, Held{j.Device.ID, j.Decision.Reason, j.Decision.Kind})
		}
	}
	for _, name := range sortedKeys(groups) {
		b.class(groups[name])
	}
	b.cap()
	moves, held := b.plan.Moves, b.plan.Held
	sort.Slice(moves, func(x, y int) bool { return moves[x].Device < moves[y].Device })
	sort.Slice(held, func(x, y int) bool { return held[x].Device < held[y].Device })
	b.plan.filled()
	return b.plan
}

type builder struct {
	in   PlanInput
	plan *Plan
}

// class plans the deployment of one class, or says why there is none.
func (b *builder) class(devices []Judged) {
	class := devices[0].Decision.To
	r, err := Render(b.in.Base, b.in.Template, class, b.in.Classes)
	if err != nil {
		b.refuse(class, devices, RuleDeployment, err.Error())
		return
	}
	around := b.around(devices, r)
	if !r.Edgenet && !around.edgenet {
		b.refuse(class, devices, RuleDeployment,
			"neither the template nor a layered deployment of these devices holds "+
				"the module edgenet: nothing could tell whether they came back")
		return
	}
	d := PlannedDeployment{ID: r.ID(), Class: class.Name(), TargetCondition: r.Condition(), Devices: len(devices),
		Hash: r.Hash, Overlaps: around.overlaps}
	if rule, why := b.priority(&d, around); why != "" {
		b.refuse(class, devices, rule, why)
		return
	}
	b.plan.Deployments = append(b.plan.Deployments, d)
	b.plan.Classes = append(b.plan.Classes, PlannedClass{class.Name(), class.Protocol, class.Proxy, len(devices), d.ID})
	for _, j := range devices {
		restarts, removes := changes(j.Device.Running, r, around.layered)
		b.plan.Moves = append(b.plan.Moves, PlannedMove{Device: j.Device.ID, From: j.Decision.From.Name(),
			To:       class.Name(),
			Evidence: j.Decision.Evidence,
			Restarts: restarts, Removes: removes, Why: j.Decision.Reason, Deployment: d.ID, Tags: j.Tags})
	}
}

func (b *builder) refuse(class Class, devices []Judged, rule Rule, why string) {
	b.plan.Refused = append(b.plan.Refused, Refused{What: "class " + class.Name(), Why: string(rule) + " " + why})
	for _, j := range devices {
		b.plan.Held = append(b.plan.Held, Held{j.Device.ID,
			string(rule) + " the deployment of its class " + class.Name() + " is refused", KindRefused})
	}
}

// around is what other deployments do with the devices of a class.
type around struct {
	overlaps []Overlap
	top      int // the highest priority of a base deployment; 0: none
	topID    string
	lowest   int // the lowest of a layered one; 0: none
	lowestID string
	layered  map[string]bool // modules that layered deployments bring
	edgenet  bool            // one of these is edgenet
}

func (b *builder) around(devices []Judged, r *Rendered) around {
	a := around{overlaps: []Overlap{}, layered: map[string]bool{}}
	for _, e := range b.in.Existing {
		if e.ID == r.ID() {
			continue
		}
		o := Overlap{ID: e.ID, Priority: e.Priority}
		for _, j := range devices {
			status, there := j.Deployments[e.ID]
			if there || everything(e.Condition) {
				o.Devices++
			}
			if status == "Applied" {
				o.Rules++
			}
		}
		if o.Devices == 0 {
			continue
		}
		modules, layered := Layered(e.Content)
		o.Layered = layered
		a.overlaps = append(a.overlaps, o)
		switch {
		case !stays(e):
		case layered:
			for _, m := range modules {
				a.layered[m] = true
				a.edgenet = a.edgenet || m == Module
			}
			if a.lowest == 0 || e.Priority < a.lowest {
				a.lowest, a.lowestID = e.Priority, e.ID
			}
		case e.Priority >= a.top:
			a.top, a.topID = e.Priority, e.ID
		}
	}
	sort.Slice(a.overlaps, func(i, j int) bool {
		x, y := &a.overlaps[i], &a.overlaps[j]
		return cmp.Or(y.Priority-x.Priority, cmp.Compare(x.ID, y.ID)) < 0
	})
	return a
}

// stays tells whether a deployment still has the device once its tags are written: one of
// another rendering does not.
func stays(e Deployment) bool { return !strings.Contains(e.Condition, "tags.edgenet.base='") }

// everything tells of a condition that all devices meet.
func everything(condition string) bool {
	c := strings.TrimSpace(condition)
	return c == "*"
}

// firstPriority is for devices that no deployment rules.
const firstPriority = 10

// priority finds the place between what rules the devices and what is layered on them.
func (b *builder) priority(d *PlannedDeployment, a around) (Rule, string) {
	for _, e := range b.in.Existing {
		if e.ID == d.ID {
			d.Exists, d.Priority = true, e.Priority
		}
	}
	switch {
	case d.Exists:
	case b.in.Classes.Priority > 0:
		d.Priority = b.in.Classes.Priority
	case a.top > 0:
		d.Priority = a.top + 1
	case a.lowest > 0:
		d.Priority = max(a.lowest-1, 1)
	default:
		d.Priority = firstPriority
	}
	switch {
	case a.topID != "" && d.Priority == a.top:
		return RuleOverlap, fmt.Sprintf("at priority %d it shares devices with the deployment %s: of equals the "+
			"newest wins without a word. Give another priority in the classes file", d.Priority, a.topID)
	case a.topID != "" && d.Priority < a.top:
		return RuleOverlap, fmt.Sprintf("the deployment %s has the same devices at priority %d and would go on to "+
			"rule them. Give a priority above it, or narrow its condition", a.topID, a.top)
	case a.lowestID != "" && d.Priority >= a.lowest:
		return RuleOverlap, fmt.Sprintf("the layered deployment %s, at priority %d, would no longer be laid on "+
			"it (%d): "+
			"its modules would go. Raise the layered one's priority first", a.lowestID, a.lowest, d.Priority)
	}
	return "", ""
}

// cap refuses what the hub has no room for (F12).
func (b *builder) cap() {
	n := 0
	for _, d := range b.plan.Deployments {
		if !d.Exists {
			n++
		}
	}
	if n == 0 || len(b.in.Existing)+n <= b.in.MostBases {
		return
	}
	why := fmt.Sprintf("the hub holds %d deployments, layered ones included, and %d more would exceed the %d that it "+
		"takes: delete what targets nobody any more", len(b.in.Existing), n, b.in.MostBases)
	for _, d := range slices.Clone(b.plan.Deployments) {
		if !d.Exists {
			b.plan.Refuse(d.ID, RuleCap, why)
		}
	}
}

// changes says which containers are made anew, and which go.
func changes(run *Running, r *Rendered, layered map[string]bool) (restarts, removes []string) {
	restarts = []string{}
	if run == nil {
		return restarts, nil
	}
	for _, name := range sortedKeys(run.Modules) {
		want, there := r.Modules[name]
		switch {
		case !there && !layered[name]:
			removes = append(removes, name)
		case there && want != run.Modules[name]:
			restarts = append(restarts, name)
		}
	}
	return restarts, removes
}
