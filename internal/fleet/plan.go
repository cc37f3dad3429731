package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// PlanSchema is that of Plan.
const PlanSchema = "edgenet.plan/1"

// Plan says what would change, and changes nothing. It holds no secret: the contents are
// rendered again from the template and the classes file, and have to have the same hash.
type Plan struct {
	Schema      string              `json:"schema"`
	Tool        Tool                `json:"tool"`
	Hub         string              `json:"hub"`
	At          time.Time           `json:"at"`
	Base        string              `json:"base"` // a file, or a deployment's id
	Classes     []PlannedClass      `json:"classes"`
	Moves       []PlannedMove       `json:"moves"`
	Stays       int                 `json:"stays"`
	Held        []Held              `json:"held"`
	Deployments []PlannedDeployment `json:"deployments"`
	Refused     []Refused           `json:"refused"`

	BaseFile    string   `json:"baseFile,omitempty"`    // absolute; empty: the base is a deployment
	ClassesFile string   `json:"classesFile,omitempty"` // absolute
	SiteTag     string   `json:"siteTag,omitempty"`
	FreshSec    int64    `json:"freshSec"`
	SteadySec   int64    `json:"steadySec"`
	Prefer      []string `json:"prefer,omitempty"`
	Notes       []string `json:"notes,omitempty"`
}

// PlannedClass is a class with devices that move to it.
type PlannedClass struct {
	Name       string          `json:"name"`
	Protocol   report.Protocol `json:"protocol"`
	Proxy      string          `json:"proxy"` // its name; empty: directly
	Devices    int             `json:"devices"`
	Deployment string          `json:"deployment"`
}

// PlannedMove is one device's move.
type PlannedMove struct {
	Device   string   `json:"device"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Evidence Evidence `json:"evidence"`
	Restarts []string `json:"restarts"`

	Removes    []string        `json:"removes,omitempty"` // modules that it runs and the template does not hold
	Why        string          `json:"why,omitempty"`
	Deployment string          `json:"deployment,omitempty"`
	Tags       json.RawMessage `json:"tags"` // tags.edgenet as they were when it was planned
}

// Held is a device that is not moved, with the rule and the reason.
type Held struct {
	Device string `json:"device"`
	Reason string `json:"reason"`
	Kind   Kind   `json:"kind"`
}

// PlannedDeployment is a deployment that is to be there before any tag is written.
type PlannedDeployment struct {
	ID              string    `json:"id"`
	Class           string    `json:"class"`
	TargetCondition string    `json:"targetCondition"`
	Priority        int       `json:"priority"`
	Devices         int       `json:"devices"`
	Overlaps        []Overlap `json:"overlaps"`

	Hash   string `json:"hash"`
	Exists bool   `json:"exists,omitempty"` // it is there already, with this content
}

// Overlap is another deployment that some of the same devices are under.
type Overlap struct {
	ID       string `json:"id"`
	Priority int    `json:"priority"`
	Devices  int    `json:"devices"`
	Rules    int    `json:"rules,omitempty"` // of these, how many it rules now
	Layered  bool   `json:"layered,omitempty"`
}

// Refused is a part of a plan that the rules do not allow.
type Refused struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// MaxPlan bounds a plan's file, in bytes.
const MaxPlan = 512 << 20

// ReadPlan reads a plan.
func ReadPlan(text []byte) (*Plan, error) {
	p := &Plan{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("not a plan: %s", report.Clean(secret.Within(err.Error()), 160))
	}
	if p.Schema != PlanSchema {
		return nil, fmt.Errorf("its schema is %q: expected %q, which edgenet fleet plan writes",
			secret.Name(p.Schema, 60),
			PlanSchema)
	}
	return p, p.check()
}

// check refuses a plan that was changed into one that nobody made.
func (p *Plan) check() error {
	ids := map[string]bool{}
	for _, d := range p.Deployments {
		ids[d.ID] = true
	}
	seen := map[string]bool{}
	for _, m := range p.Moves {
		switch {
		case m.Device == "":
			return errors.New("a move without a device")
		case seen[m.Device]:
			return fmt.Errorf("the device %s moves twice", secret.Name(m.Device, 128))
		case !ids[m.Deployment]:
			return fmt.Errorf("the device %s moves to the deployment %q, which the plan does not hold",
				secret.Name(m.Device,
					128), secret.Name(m.Deployment, 128))
		}
		seen[m.Device] = true
	}
	return nil
}

// Refuse takes a deployment out of the plan, with the devices that would move to it.
func (p *Plan) Refuse(id string, rule Rule, why string) {
	p.Refused = append(p.Refused, Refused{What: "deployment " + id, Why: string(rule) + " " + why})
	var left []PlannedDeployment
	for _, d := range p.Deployments {
		if d.ID != id {
			left = append(left, d)
		}
	}
	var classes []PlannedClass
	for _, c := range p.Classes {
		if c.Deployment != id {
			classes = append(classes, c)
		}
	}
	var moves []PlannedMove
	for _, m := range p.Moves {
		if m.Deployment != id {
			moves = append(moves, m)
			continue
		}
		p.Held = append(p.Held, Held{m.Device, string(rule) + " its deployment is refused: " + why, KindRefused})
	}
	p.Deployments, p.Classes, p.Moves = left, classes, moves
	p.filled()
}

// filled makes empty lists of what is not there, as the contract has it.
func (p *Plan) filled() {
	p.Classes = append([]PlannedClass{}, p.Classes...)
	p.Moves = append([]PlannedMove{}, p.Moves...)
	p.Held = append([]Held{}, p.Held...)
	p.Deployments = append([]PlannedDeployment{}, p.Deployments...)
	p.Refused = append([]Refused{}, p.Refused...)
}
