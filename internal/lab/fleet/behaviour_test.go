package fleet

import (
	"fmt"
	"testing"
	"time"

	"edgenet/internal/lab/twinsql"
)

// agentOf is a device's twin of $edgeAgent, as the service reads it.
func agentOf(t *testing.T, f *Fleet, n int) object {
	t.Helper()
	o, ok := call(t, f, "GET", "/twins/"+f.ID(n)+"/modules/%24edgeAgent", "").at(t).(object)
	if !ok {
		t.Fatal("no twin of $edgeAgent")
	}
	return o
}

func metricsOf(t *testing.T, f *Fleet, id string) string {
	t.Helper()
	return string(twinsql.Append(nil, call(t, f, "GET", "/configurations/"+id, "").at(t, "systemMetrics", "results")))
}

// One base deployment for all cuts off whoever needs a proxy, and taking it away brings
// nobody back.
func TestNaiveDeploymentStrandsForGood(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 800, Seed: 11})
	want, online := 0, 0
	for n := range f.devices {
		d := &f.devices[n]
		if d.is(agentUp) {
			if online++; label(int(d.net), 0, amqpws) != good {
				want++
			}
		}
	}
	if want == 0 || want == online {
		t.Fatalf("of %d devices %d would be cut off: the seed shows nothing", online, want)
	}
	if a := deploy(t, f, "naive", "*", 20, BaseContent("AmqpWs", "")); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	f.Advance(2 * time.Hour)
	s := f.Stranded()
	if s.Stranded != want || s.Saveable != want || s.Changed != 0 {
		t.Errorf("%+v, want %d stranded", s, want)
	}
	metrics := fmt.Sprintf(`{"targetedCount":800,"appliedCount":800,"reportedSuccessfulCount":%d,"reportedFailedCount":0}`, online-want)
	if got := metricsOf(t, f, "naive"); got != metrics {
		t.Errorf("%s, want %s", got, metrics)
	}
	n, _ := f.find(s.IDs[0])
	a := agentOf(t, f, n)
	if a.Get("connectionState") != "Disconnected" ||
		string(twinsql.Append(nil, twinsql.At(a, []string{"configurations", "naive"}))) != `{"status":"Applied"}` ||
		twinsql.At(a, []string{"properties", "desired", "$version"}) == twinsql.At(a,
			[]string{"properties", "reported", "lastDesiredVersion"}) {
		t.Errorf("the twin of a stranded device: %s", twinsql.Append(nil, a))
	}
	before := f.report(n)
	if a := call(t, f, "DELETE", "/configurations/naive", ""); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	f.Advance(30 * 24 * time.Hour)
	if s := f.Stranded(); s.Stranded != want {
		t.Errorf("a month later: %+v", s)
	}
	if got := f.report(n); string(twinsql.Append(nil, got)) != string(twinsql.Append(nil, before)) {
		t.Errorf("a stranded device reports: %s", twinsql.Append(nil, got))
	}
}

// A network that changes back lets a device hear of the fix that waits.
func TestStrandedDeviceHearsOfTheFixWhenItsNetworkOpens(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Seed: 2})
	f.sites[0].changes = []change{{0, netProxyA}, {f.begun + 10*3600, netOpenA}}
	f.sites[0].kind = 1
	for n := range f.devices {
		f.makeDevice(n)
	}
	deploy(t, f, "naive", "*", 20, BaseContent("AmqpWs", ""))
	f.Advance(2 * time.Hour)
	stranded := f.Stranded().Stranded
	if stranded < 30 {
		t.Fatalf("%d stranded", stranded)
	}
	deploy(t, f, "fix", "*", 30, BaseContent("AmqpWs", ProxyURL("a")))
	f.Advance(7 * time.Hour)
	for n := range f.devices { // those with a line of their own have no such proxy: the fix cuts them off
		if f.devices[n].is(ownLine) {
			stranded++
		}
	}
	if s := f.Stranded(); s.Stranded != stranded {
		t.Errorf("the fix alone: %+v", s)
	}
	f.Advance(3 * time.Hour)
	for _, id := range f.Stranded().IDs {
		if n, _ := f.find(id); !f.devices[n].is(ownLine) {
			t.Errorf("%s is still cut off", id)
		}
	}
	if s := f.Stranded(); s.Moved < stranded {
		t.Errorf("with the network open: %+v", s)
	}
}

// A device that goes the way that its own report says ok for stays connected, and says so
// after the change.
func TestProvenMove(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 400, Seed: 5})
	var chosen []string
	for n := range f.devices {
		d := &f.devices[n]
		if d.hub != nil && d.is(agentUp) && d.wish == absent && d.proxy == proxyA && d.hub.key.proxy == proxyA &&
			d.hub.key.recommends == amqpws {
			chosen = append(chosen, f.ID(n))
		}
	}
	if len(chosen) < 10 {
		t.Fatalf("%d devices", len(chosen))
	}
	f.Advance(time.Minute)
	deploy(t, f, "class", "tags.edgenet.class='amqpws-proxya'", 20, BaseContent("AmqpWs", ProxyURL("a")))
	moved := f.Now()
	for _, id := range chosen {
		call(t, f, "PATCH", "/twins/"+id, `{"tags":{"edgenet":{"class":"amqpws-proxya"}}}`, "If-Match", `"*"`)
	}
	f.Advance(10 * time.Minute)
	if s := f.Stranded(); s.Stranded != 0 || s.Cut > 0 && s.Left == 0 {
		t.Errorf("%+v", s)
	}
	for _, id := range chosen {
		n, _ := f.find(id)
		r := f.report(n)
		checked, err := time.Parse(time.RFC3339, text(r.Get("checkedAt")))
		if err != nil || !checked.After(moved) || r.Get("status") == "down" || r.Get("configured") != "AMQPWS" {
			t.Errorf("%s: %s", id, twinsql.Append(nil, r))
		}
	}
}

// The highest priority rules whole; of equals the newest; layers need a higher priority
// than the base; the rest is only targeted.
func TestPriorities(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Seed: 1})
	layer := object{member("$edgeAgent", object{member("properties.desired.modules.more",
		object{member("settings", object{member("image", "more:1")})})})}
	deploy(t, f, "low", "*", 5, BaseContent("Amqp", ""))
	deploy(t, f, "first", "*", 20, BaseContent("Amqp", ""))
	deploy(t, f, "second", "*", 20, BaseContent("Mqtt", ""))
	deploy(t, f, "under", "*", 19, layer)
	deploy(t, f, "layer", "*", 21, layer)
	f.Advance(2 * time.Minute)
	a := agentOf(t, f, 0)
	got := string(twinsql.Append(nil, a.Get("configurations").(object).Without("base")))
	if want := `{"low":{"status":"Targeted"},"first":{"status":"Targeted"},"second":{"status":"Applied"},"under":{"status":"Targeted"},"layer":{"status":"Applied"}}`; got != want {
		t.Errorf("%s", got)
	}
	protocol := []string{"properties", "desired", "systemModules", "edgeHub", "env", "UpstreamProtocol", "value"}
	if p := twinsql.At(a, protocol); p != "Mqtt" {
		t.Errorf("ruled by the one that sets %v", p)
	}
	if image := twinsql.At(a, []string{"properties", "desired", "modules", "more", "settings",
		"image"}); image != "more:1" {
		t.Errorf("the layer's module: %v", image)
	}
	etag := text(call(t, f, "GET", "/configurations/first", "").at(t, "etag"))
	if a := deploy(t, f, "first", "*", 25, BaseContent("Amqp", ""), "If-Match", `"`+etag+`"`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	f.Advance(2 * time.Minute)
	if p := twinsql.At(agentOf(t, f, 0), protocol); p != "Amqp" {
		t.Errorf("after the change of priority: %v", p)
	}
}

// What edgeAgent refuses is reported with its code, and changes nothing.
func TestRefusedManifest(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 80, Seed: 1})
	content := BaseContent("AmqpWs", "")
	desired, _ := desiredOf(content, "$edgeAgent")
	content = content.Set("$edgeAgent", object{member("properties.desired", desired.Set("schemaVersion", "1.2"))})
	deploy(t, f, "wrong", "*", 20, content)
	f.Advance(time.Hour)
	failed := call(t, f, "GET", "/configurations/wrong", "").at(t, "systemMetrics", "results", "reportedFailedCount")
	online := 0
	for n := range f.devices {
		if f.devices[n].is(agentUp) {
			online++
		}
	}
	if failed != float64(online) || f.Stranded().Moved != 0 {
		t.Errorf("%v failed of %d, %+v", failed, online, f.Stranded())
	}
	if code := twinsql.At(agentOf(t, f, 0), []string{"properties", "reported", "lastDesiredStatus",
		"code"}); code != 412.0 {
		t.Errorf("code %v", code)
	}
}

// A manifest without edgenet silences the module; its last report stays and grows old.
func TestManifestWithoutTheModule(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Seed: 1})
	content := BaseContent("", "")
	desired, _ := desiredOf(content, "$edgeAgent")
	deploy(t, f, "bare", "*", 20, content.Set("$edgeAgent",
		object{member("properties.desired", desired.Set("modules", object{}))}))
	before := f.Count()
	f.Advance(48 * time.Hour)
	if c := f.Count(); c.Reporting != before.Reporting || c.Stale < c.Reporting*8/10 {
		t.Errorf("%+v", c)
	}
}

// Whoever looks when, the same happens: in one step or in many.
func TestStepsDoNotMatter(t *testing.T) {
	t.Parallel()
	all := "SELECT * FROM devices.modules"
	var texts []string
	for _, step := range []time.Duration{96 * time.Hour, time.Hour, 7 * time.Minute} {
		f := newFleet(t, Options{Devices: 240, Seed: 9, Changes: 24 * time.Hour})
		deploy(t, f, "ws", "tags.region='north'", 20, BaseContent("AmqpWs", ""))
		for spent := time.Duration(0); spent < 96*time.Hour; spent += step {
			f.Advance(min(step, 96*time.Hour-spent))
		}
		rows, _ := ask(t, f, all, 1000)
		texts = append(texts, string(twinsql.Append(nil, rows)))
	}
	if texts[0] != texts[1] || texts[0] != texts[2] {
		t.Error("the twins differ with the size of the steps")
	}
	f := newFleet(t, Options{Devices: 240, Seed: 10, Changes: 24 * time.Hour})
	if rows, _ := ask(t, f, all, 1000); string(twinsql.Append(nil, rows)) == texts[0] {
		t.Error("another seed gives the same fleet")
	}
}

// A recommendation is sticky: it changes when its way failed three times in a row.
func TestRecommendationIsSticky(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Seed: 4})
	f.sites[0].kind = 0
	f.sites[0].changes = []change{{0, netOpen}, {f.begun + 3600, netNo5671}}
	for n := range f.devices {
		f.makeDevice(n)
	}
	n := -1
	for i := range f.devices { // edgeHub goes by MQTT, and AMQP is what the twin expects
		if d := &f.devices[i]; d.is(running) && !d.is(dead|ownLine) && d.run.hub[0].protocol == mqtt {
			n = i
		}
	}
	if n < 0 {
		t.Fatal("no device goes by MQTT")
	}
	call(t, f, "PATCH", "/twins/"+f.ID(n)+"/modules/edgenet", `{"properties":{"desired":{"expected":"Amqp"}}}`)
	f.Advance(50 * time.Minute)
	if r := f.report(n); r.Get("configured") != "AMQP" || r.Get("recommended") != "MQTT" &&
		r.Get("recommended") != "AMQP" {
		t.Fatalf("%s", twinsql.Append(nil, r))
	}
	f.devices[n].recommends, f.devices[n].route = amqp, 0
	f.Advance(16 * time.Minute) // the network has changed, and one or two checks saw it
	if r := f.report(n); r.Get("recommended") != "AMQP" || r.Get("status") != "degraded" {
		t.Errorf("after the first failed check: %s", twinsql.Append(nil, r))
	}
	f.Advance(30 * time.Minute)
	if r := f.report(n); r.Get("recommended") == "AMQP" || r.Get("consistent") != false {
		t.Errorf("after three: %s", twinsql.Append(nil, r))
	}
}

// edgenet's container keeps the protocol that it was made with while its own part of the
// deployment stays: what it calls configured is out of date until the twin says better.
func TestModuleKeepsTheProtocolOfItsBirth(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 400, Seed: 5})
	n := -1
	for i := range f.devices {
		if d := &f.devices[i]; d.is(managed) && d.is(hubUp) && d.is(running) && d.wish == absent && d.net == netOpen &&
			d.run.protocol == amqp {
			n = i
		}
	}
	if n < 0 {
		t.Fatal("no device of that kind")
	}
	said := func() string {
		r := f.report(n)
		return fmt.Sprint(r.Get("configured"), " ", r.Get("recommended"), " ", r.Get("consistent"), " ",
			r.Get("status"))
	}
	deploy(t, f, "ws", "deviceId='"+f.ID(n)+"'", 20, BaseContent("AmqpWs", ""))
	f.Advance(10 * time.Minute)
	if got := said(); f.devices[n].run.hub[0].protocol != amqpws || got != "AMQP AMQP true ok" {
		t.Errorf("after a deployment that leaves edgenet alone: %s", got)
	}
	content := BaseContent("AmqpWs", "").Set("edgenet",
		object{member("properties.desired", object{member("expected", "AmqpWs")})})
	deploy(t, f, "ws2", "deviceId='"+f.ID(n)+"'", 30, content)
	f.Advance(10 * time.Minute)
	if got := said(); got != "AMQPWS AMQPWS true ok" {
		t.Errorf("with expected in the twin: %s", got)
	}
}
