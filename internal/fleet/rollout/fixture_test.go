package rollout

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/deploy/module"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/fakehub"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a hub with devices whose AMQP is closed, and a plan for them.
type world struct {
	hub      *fakehub.Hub
	url      string
	plan     *fleet.Plan
	contents map[string]json.RawMessage
	path     string // of the journal
}

const classesFile = `site = "site"
[proxies.proxya]
url = "http://proxy-a.corp:3128"
sites = ["plant-1"]
`

// device is one whose AMQP is closed: odd ones stand at a site with a proxy.
func device(i int) *fakehub.Device {
	now := time.Now().UTC()
	d := &fakehub.Device{ID: fmt.Sprintf("dev-%02d", i), Tags: map[string]any{"site": "plant-0"}, Protocol: "Amqp",
		Works: map[string]bool{}}
	d.Report = map[string]any{"schema": fleet.Schema, "status": "ok", "configured": "AMQP", "consistent": false,
		"recommended": "AMQPWS", "route": "direct",
		"checkedAt": now.Add(-time.Hour).Format(time.RFC3339),
		"changedAt": now.Add(-100 * time.Hour).Format(time.RFC3339),
		"flapping":  []any{}, "clockSuspect": false,
		"cause": "tcp.timeout", "direct": map[string]any{"AMQP": "tcp.timeout", "AMQPWS": "ok", "HTTPS": "ok"}}
	d.Works["AMQPWS@direct"] = true
	if i%2 == 1 {
		d.Tags["site"] = "plant-1"
		d.Works = map[string]bool{"AMQPWS@proxy": true}
		d.Report["route"], d.Report["proxySource"] = "proxy", "env"
		d.Report["direct"] = map[string]any{"AMQP": "tcp.timeout", "AMQPWS": "tcp.timeout"}
		d.Report["proxy"] = map[string]any{"AMQPWS": "ok", "HTTPS": "ok"}
	}
	return d
}

func newWorld(t *testing.T, devices int) *world {
	t.Helper()
	w := &world{hub: &fakehub.Hub{Devices: map[string]*fakehub.Device{},
		Configurations: map[string]*fakehub.Configuration{}}, path: filepath.Join(t.TempDir(), "journal")}
	for i := range devices {
		d := device(i)
		w.hub.Devices[d.ID] = d
	}
	w.url = w.hub.Start(t.Cleanup)
	classes, err := fleet.ParseClasses([]byte(classesFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := fleet.Rules{Now: time.Now(), Fresh: 24 * time.Hour, Steady: 24 * time.Hour}
	in := fleet.PlanInput{Hub: "fake", At: rules.Now, Base: "base.json", Template: module.Base(), Classes: classes,
		Rules: rules}
	for _, id := range slices.Sorted(maps.Keys(w.hub.Devices)) {
		d := w.hub.Devices[id]
		report, _ := json.Marshal(d.Report)
		x := fleet.Device{ID: id, Report: fleet.ParseReport(report), Site: d.Tags["site"].(string)}
		in.Judged = append(in.Judged, fleet.Judged{Device: x, Decision: fleet.Decide(&x, classes, rules)})
	}
	w.plan = fleet.BuildPlan(in)
	if len(w.plan.Moves) != devices {
		t.Fatalf("the plan moves %d of %d: %+v %+v", len(w.plan.Moves), devices, w.plan.Held, w.plan.Refused)
	}
	w.contents = map[string]json.RawMessage{}
	for _, c := range w.plan.Classes {
		r, err := fleet.Render("base.json", module.Base(), fleet.Class{Protocol: c.Protocol, Proxy: c.Proxy}, classes)
		if err != nil {
			t.Fatal(err)
		}
		w.contents[r.ID()] = r.Content
	}
	return w
}

func (w *world) client(t *testing.T) *service.Client {
	t.Helper()
	auth, err := service.Fixed(secret.New("token"), "test")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return service.New(service.Options{Hub: "fake", Base: w.url, Auth: auth, HTTP: &http.Client{Transport: transport},
		Tier: service.Tier{Name: "S3", Units: 200}})
}

func (w *world) options(t *testing.T, hub Hub, log Log) Options {
	return Options{Hub: hub, Log: log, HubName: "fake", Plan: w.plan, PlanHash: "p", Contents: w.contents, Canary: 3,
		Wave: 7, Window: 20 * time.Second, Poll: 5 * time.Millisecond, Workers: 1}
}

// state is everything that a rollout may change at the hub.
func (w *world) state() string {
	w.hub.Lock()
	defer w.hub.Unlock()
	all := map[string]any{}
	for id, d := range w.hub.Devices {
		all[id] = []any{d.Tags, d.ModTags["edgenet"]}
	}
	for id, c := range w.hub.Configurations {
		all["deployment "+id] = []any{c.Condition, c.Priority, c.Content}
	}
	out, _ := json.Marshal(all)
	return string(out)
}

func (w *world) open(t *testing.T) *File {
	t.Helper()
	f, err := OpenFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
