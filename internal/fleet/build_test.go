package fleet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/deploy/module"
)

func judgedOf(d *Device, c *Classes, deployments map[string]string) Judged {
	return Judged{Device: *d, Decision: Decide(d, c, Rules{Now: noon, Fresh: 24 * time.Hour, Steady: 24 * time.Hour}),
		Deployments: deployments}
}

func input(t *testing.T, devices ...Judged) PlanInput {
	t.Helper()
	return PlanInput{Hub: "h", At: noon, Base: "base.json", Template: module.Base(), Classes: classesWith(t, "proxya"),
		Rules: Rules{Now: noon, Fresh: 24 * time.Hour, Steady: 24 * time.Hour}, Judged: devices}
}

const baseContent = `{"$edgeAgent":{"properties.desired":{"systemModules":{},"modules":{}}}}`

// TestBuildPlan has a row for every way through F5, F6 and F12.
func TestBuildPlan(t *testing.T) {
	t.Parallel()
	base := func(id string, priority int) Deployment {
		return Deployment{id, "tags.x='y'", priority, []byte(baseContent)}
	}
	layered := func(id string, priority int, modules string) Deployment {
		return Deployment{id, "tags.x='y'", priority, []byte(`{"$edgeAgent":{` + modules + `}}`)}
	}
	own := `"properties.desired.modules.edgenet":{}`
	for _, c := range []struct {
		name     string
		under    map[string]string
		existing []Deployment
		change   func(in *PlanInput)
		priority int    // of the deployment; 0: refused
		why      string // of the refusal
	}{
		{"nothing else rules", nil, nil, nil, 10, ""},
		{"F6 above what rules", map[string]string{"old": "Applied"}, []Deployment{base("old", 30)}, nil, 31, ""},
		{"F6 above what targets and does not rule", map[string]string{"old": "Targeted"}, []Deployment{base("old", 30)},
			nil, 31, ""},
		{"F6 what has other devices does not matter", nil, []Deployment{base("old", 30)}, nil, 10, ""},
		{"F6 everything has all devices", nil, []Deployment{{"all", "*", 7, []byte(baseContent)}}, nil, 8, ""},
		{"F6 below what is layered", map[string]string{"l": "Targeted"}, []Deployment{layered("l", 20, "")},
			nil, 19, ""},
		{"F6 between both", map[string]string{"old": "Applied", "l": "Targeted"},
			[]Deployment{base("old", 10), layered("l",
				20, "")}, nil, 11, ""},
		{"F6 no place between", map[string]string{"old": "Applied", "l": "Targeted"}, []Deployment{base("old", 10),
			layered("l", 11, "")}, nil, 0, "F6 the layered deployment l"},
		{"F6 the same priority", map[string]string{"old": "Applied"}, []Deployment{base("old", 30)},
			func(in *PlanInput) { in.Classes.Priority = 30 }, 0, "F6 at priority 30"},
		{"F6 a lower priority", map[string]string{"old": "Applied"}, []Deployment{base("old", 30)},
			func(in *PlanInput) { in.Classes.Priority = 20 }, 0, "F6 the deployment old"},
		{"F6 the priority asked for", map[string]string{"old": "Applied"}, []Deployment{base("old", 30)},
			func(in *PlanInput) { in.Classes.Priority = 90 }, 90, ""},
		{"F6 another rendering lets its devices go", map[string]string{"edgenet-amqp-0": "Applied"},
			[]Deployment{{"edgenet-amqp-0", "tags.edgenet.class='amqp' AND tags.edgenet.base='0'", 50,
				[]byte(baseContent)}},
			nil, 10, ""},
		{"F5 no manifest", nil, nil, func(in *PlanInput) { in.Template = []byte("{}") }, 0, "F5"},
		{"F5 layered", nil, nil, func(in *PlanInput) { in.Template = module.Layered() }, 0, "F5"},
		{"F5 lint", nil, nil, func(in *PlanInput) {
			in.Template = []byte(strings.Replace(string(in.Template), `"schemaVersion": "1.1"`,
				`"schemaVersion": "2.0"`, 1))
		}, 0, "F5 manifest lint refuses it"},
		{"F5 too large", nil, nil, func(in *PlanInput) {
			in.Template = []byte(strings.Replace(string(in.Template), `"expected": "AmqpWs"`,
				`"pad":[`+strings.Repeat(`"`+strings.Repeat("x", 1000)+`",`, 33)+`""]`, 1))
		}, 0, "F5 the desired properties of edgenet"},
		{"F5 a value too long", nil, nil, func(in *PlanInput) {
			in.Template = []byte(strings.Replace(string(in.Template), `"expected": "AmqpWs"`, `"pad":"`+
				strings.Repeat("x",
					5000)+`"`, 1))
		}, 0, "F5 a value in edgenet"},
		{"F5 nobody to verify", nil, nil, func(in *PlanInput) { in.Template = without(t, in.Template, "edgenet") }, 0,
			"F5 neither the template nor"},
		{"F5 edgenet is layered", map[string]string{"l": "Targeted"}, []Deployment{layered("l", 20, own)},
			func(in *PlanInput) { in.Template = without(t, in.Template, "edgenet") }, 19, ""},
		{"F12 the 101st", nil, many(100), nil, 0, "F12 the hub holds 100"},
		{"F12 the 100th", nil, many(99), nil, 10, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := input(t)
			d := broken()
			in.Judged = []Judged{judgedOf(d, in.Classes, c.under)}
			in.Existing = c.existing
			if c.change != nil {
				c.change(&in)
			}
			p := BuildPlan(in)
			if c.priority == 0 {
				if len(p.Refused) != 1 || !strings.Contains(p.Refused[0].Why, c.why) || len(p.Moves)+
					len(p.Deployments) > 0 ||
					len(p.Held) != 1 {
					t.Fatalf("refused %+v, moves %d, held %+v, want %q", p.Refused, len(p.Moves), p.Held, c.why)
				}
				return
			}
			if len(p.Refused) > 0 || len(p.Deployments) != 1 || p.Deployments[0].Priority != c.priority ||
				len(p.Moves) != 1 {
				t.Fatalf("refused %+v, deployments %+v, want priority %d", p.Refused, p.Deployments, c.priority)
			}
		})
	}
}

func many(n int) []Deployment {
	var out []Deployment
	for i := range n {
		out = append(out, Deployment{fmt.Sprint("x", i), "tags.none='x'", 1, []byte(baseContent)})
	}
	return out
}

// without takes a module out of a manifest.
func without(t *testing.T, text []byte, name string) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	content := object(m, "modulesContent")
	delete(object(content, "$edgeAgent", "properties.desired", "modules"), name)
	delete(content, name)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRender: both system modules get protocol and proxy, a class without a proxy loses the
// template's, edgenet is told what is meant, and nothing else changes.
func TestRender(t *testing.T) {
	t.Parallel()
	classes := classesWith(t, "proxya")
	for _, c := range []struct {
		class    Class
		protocol string
		proxy    string
	}{{Class{"AMQPWS", "proxya"}, "AmqpWs", "http://proxya.corp:3128"}, {Class{"MQTT", ""}, "Mqtt", ""}} {
		r, err := Render("base.json", module.Base(), c.class, classes)
		if err != nil {
			t.Fatal(err)
		}
		var content map[string]any
		if err := json.Unmarshal(r.Content, &content); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"edgeAgent", "edgeHub"} {
			env := object(content, "$edgeAgent", "properties.desired", "systemModules", name, "env")
			if got := object(env, "UpstreamProtocol")["value"]; got != c.protocol {
				t.Errorf("%s of %s: UpstreamProtocol %v", name, c.class.Name(), got)
			}
			if got, _ := object(env, "https_proxy")["value"].(string); got != c.proxy {
				t.Errorf("%s of %s: https_proxy %q", name, c.class.Name(), got)
			}
			if object(env, "StorageFolder")["value"] != "/iotedge/storage" {
				t.Errorf("%s of %s lost a variable", name, c.class.Name())
			}
		}
		if got := object(content, "edgenet", "properties.desired")["expected"]; got != c.protocol {
			t.Errorf("%s: edgenet expects %v", c.class.Name(), got)
		}
	}
	a, _ := Render("b", module.Base(), Class{"AMQPWS", ""}, classes)
	b, _ := Render("b", module.Base(), Class{"MQTTWS", ""}, classes)
	if a.Hash == b.Hash || a.ID() == b.ID() {
		t.Error("two contents have one id")
	}
	classes.Proxies[0].Proxy.Port = 1
	before, _ := Render("b", module.Base(), Class{"AMQPWS", "proxya"}, classesWith(t, "proxya"))
	after, _ := Render("b", module.Base(), Class{"AMQPWS", "proxya"}, classes)
	if before.ID() == after.ID() {
		t.Error("another address of the proxy gives the same deployment")
	}
}

// TestRestarts: what differs restarts, what the template lacks goes, what is layered stays.
func TestRestarts(t *testing.T) {
	t.Parallel()
	classes := classesWith(t, "proxya")
	r, err := Render("base.json", module.Base(), Class{"AMQPWS", ""}, classes)
	if err != nil {
		t.Fatal(err)
	}
	run := &Running{Modules: map[string]ModuleSpec{"edgeAgent": r.Modules["edgeAgent"], "edgeHub": r.Modules["edgeHub"],
		"edgenet": r.Modules["edgenet"], "theirs": {}, "laid": {}}}
	hub := run.Modules["edgeHub"]
	hub.Env = `{"UpstreamProtocol":{"value":"Amqp"}}`
	run.Modules["edgeHub"] = hub
	restarts, removes := changes(run, r, map[string]bool{"laid": true})
	if !slices.Equal(restarts, []string{"edgeHub"}) || !slices.Equal(removes, []string{"theirs"}) {
		t.Errorf("restarts %v, removes %v", restarts, removes)
	}
}

// TestPlanKeys: the contract's keys are there, empty lists as lists.
func TestPlanKeys(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(BuildPlan(input(t)))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schema", "tool", "hub", "at", "base", "classes", "moves", "stays", "held",
		"deployments", "refused"} {
		if v, ok := m[key]; !ok || v == nil {
			t.Errorf("%s: %v", key, v)
		}
	}
}
