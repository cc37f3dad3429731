package fleet

import (
	"fmt"
	"math"
	"strings"

	"edgenet/internal/lab/twinsql"
)

// Documented limits of deployments.
const (
	maxConfigurations     = 100
	maxConfigurationsFree = 10
	maxMetrics            = 5
	maxID                 = 128
	maxModules            = 50
	maxDesired            = 32 << 10
)

// configuration is an automatic deployment. Its content never changes; what may is
// replaced under the fleet's lock.
type configuration struct {
	id       string
	labels   object
	raw      object // modulesContent and its kin, as it came
	content  *manifest
	layer    bool
	forEdge  bool
	text     string // the target condition
	target   target
	priority float64
	metrics  object // name to query
	version  int    // of the ETag
	created  int32
	updated  int32
	order    int // of creation
}

// target is a parsed target condition.
type target struct {
	all       bool
	condition twinsql.Condition // nil without, which targets nothing
}

// newConfiguration reads what somebody wants to create.
func (f *Fleet) newConfiguration(body object) (*configuration, error) {
	c := &configuration{id: text(body.Get("id")), version: 1}
	if !validConfigurationID(c.id) {
		return nil, fmt.Errorf("the id %q: expected 1 to %d of a-z 0-9 and -:+%%_#*?!(),=@;$'", c.id, maxID)
	}
	content, _ := body.Get("content").(object)
	modules, edge := content.Get("modulesContent").(object)
	c.raw, c.forEdge = content, edge
	if len(content) == 0 {
		return nil, fmt.Errorf("the content is missing")
	}
	if edge {
		if err := c.readContent(f, modules); err != nil {
			return nil, err
		}
	}
	return c, c.change(f, body)
}

func (c *configuration) readContent(f *Fleet, modules object) error {
	c.layer = layered(modules)
	if c.layer {
		if strings.Contains(string(twinsql.Append(nil, modules)), `"properties.desired.systemModules`) {
			return fmt.Errorf("a layered deployment holds no system modules")
		}
		return nil
	}
	m, err := f.manifest(modules)
	if err != nil {
		return err
	}
	if n := len(twinsql.Append(nil, m.agent)); n > maxDesired {
		return fmt.Errorf("the desired properties of $edgeAgent take %d bytes, at most %d are allowed", n, maxDesired)
	}
	if list, _ := m.agent.Get("modules").(object); len(list) > maxModules {
		return fmt.Errorf("%d modules, at most %d are allowed", len(list), maxModules)
	}
	c.content = m
	return nil
}

func validConfigurationID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-:+%_#*?!(),=@;$'", c) >= 0) {
			return false
		}
	}
	return true
}

// change takes what can be changed later, too.
func (c *configuration) change(f *Fleet, body object) error {
	priority, ok := body.Get("priority").(float64)
	if _, given := body.Get("priority").(twinsql.Undefined); !given &&
		(!ok || priority < 0 || priority != math.Trunc(priority) || priority > math.MaxInt32) {
		return fmt.Errorf("the priority: expected a whole number of at least 0")
	}
	condition := text(body.Get("targetCondition"))
	aim, err := f.readTarget(condition)
	if err != nil {
		return fmt.Errorf("the target condition: %w", err)
	}
	labels, _ := body.Get("labels").(object)
	metrics, _ := twinsql.At(body, []string{"metrics", "queries"}).(object)
	if len(metrics) > maxMetrics {
		return fmt.Errorf("%d custom metrics, at most %d are allowed", len(metrics), maxMetrics)
	}
	for _, m := range metrics {
		if _, err := twinsql.Parse(text(m.Value), f.dialect()); err != nil {
			return fmt.Errorf("the metric %s: %w", m.Name, err)
		}
	}
	c.text, c.target, c.labels, c.metrics, c.priority = condition, aim, labels, metrics, priority
	return nil
}

// readTarget reads a target condition: of the device's tags and its id, unless a switch
// says more.
func (f *Fleet) readTarget(condition string) (target, error) {
	switch strings.TrimSpace(condition) {
	case "":
		return target{}, nil
	case "*":
		return target{all: true}, nil
	}
	const modules = "from devices.modules where "
	if len(condition) > len(modules) && strings.EqualFold(condition[:len(modules)], modules) {
		_, err := twinsql.ParseCondition(condition[len(modules):], twinsql.FromModules, f.dialect())
		return target{}, err // configurations of modules are kept, and change nothing here
	}
	c, err := twinsql.ParseCondition(condition, twinsql.FromDevices, f.dialect())
	if err != nil {
		return target{}, err
	}
	for _, path := range twinsql.Paths(c) {
		first := strings.ToLower(path[0])
		reported := f.switches.ReportedConditions && first == "properties" && len(path) > 1 && path[1] == "reported"
		if first != "tags" && first != "deviceid" && !reported {
			return target{}, fmt.Errorf("%s: expected tags or deviceId", strings.Join(path, "."))
		}
	}
	return target{condition: c}, nil
}

// targets tells whether a device meets the condition.
func (t target) targets(r twinsql.Row) bool {
	return t.all || t.condition != nil && twinsql.True(t.condition, r)
}

func (f *Fleet) configuration(id string) *configuration {
	for _, c := range f.configurations {
		if c.id == id {
			return c
		}
	}
	return nil
}

// quota is how many deployments the hub keeps.
func (f *Fleet) quota() int {
	if f.switches.Tier == "F1" {
		return maxConfigurationsFree
	}
	return maxConfigurations
}
