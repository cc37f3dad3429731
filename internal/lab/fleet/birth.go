package fleet

import (
	"fmt"
	"math"

	"edgenet/internal/edgeagent"
	"edgenet/internal/lab/twinsql"
)

// The images of this fleet, which a plan must not change by the way.
const (
	agentImage = "mcr.microsoft.com/azureiotedge-agent:1.5.21"
	hubImage   = "mcr.microsoft.com/azureiotedge-hub:1.5.21"
)

// starters are the runtimes that devices begin with.
type starters struct {
	base      *manifest
	manifests map[way]*manifest
	runtimes  map[starter]*runtime
}

type starter struct {
	bare     bool
	protocol int
	proxy    int
}

// prepare makes the deployment that every hub of this kind has: one base, which sets
// neither protocol nor proxy, for everything that is not set up by hand.
func (f *Fleet) prepare() error {
	f.start = starters{manifests: make(map[way]*manifest), runtimes: make(map[starter]*runtime)}
	content := object{member("modulesContent", BaseContent("", ""))}
	c, err := f.newConfiguration(object{
		member("id", "base"), member("labels", object{member("owner", "operations")}), member("content", content),
		member("targetCondition", "tags.managed='base'"), member("priority", 10.0),
	})
	if err != nil {
		return fmt.Errorf("the fleet's own deployment: %w", err)
	}
	c.created, c.updated = f.begun-60*day, f.begun-60*day
	f.configurations = append(f.configurations, c)
	f.start.base = c.content
	return nil
}

// BaseContent is the modulesContent of this fleet's deployments, with a protocol and a
// proxy for both system modules, or without.
func BaseContent(protocol, proxy string) twinsql.Object {
	env := object{}
	value := func(v string) object { return object{member("value", v)} }
	if protocol != "" {
		env = append(env, member(edgeagent.VarProtocol, value(protocol)))
	}
	if proxy != "" {
		env = append(env, member(edgeagent.VarProxy, value(proxy)))
	}
	system := func(image string, more ...twinsql.Member) object {
		o := object{member("type", "docker"), member("settings",
			object{member("image", image), member("createOptions", "{}")})}
		if len(env) > 0 {
			o = append(o, member("env", env))
		}
		return append(o, more...)
	}
	always := []twinsql.Member{member("status", "running"), member("restartPolicy", "always")}
	edgenet := object{member("version", "1.0"), member("type", "docker"), always[0], always[1],
		member("settings", object{member("image", "contoso.azurecr.io/edgenet:2.0.0"), member("createOptions", "{}")})}
	agent := object{member("schemaVersion", "1.1"),
		member("runtime", object{member("type", "docker"),
			member("settings", object{member("minDockerVersion", "v1.25")})}),
		member("systemModules", object{member("edgeAgent", system(agentImage)),
			member("edgeHub", system(hubImage, always...))}),
		member("modules", object{member("edgenet", edgenet)})}
	routes := object{member("edgenet", "FROM /messages/modules/edgenet/outputs/edgenet INTO $upstream")}
	hub := object{member("schemaVersion", "1.1"), member("routes", routes),
		member("storeAndForwardConfiguration", object{member("timeToLiveSecs", 7200.0)})}
	desired := func(o object) object { return object{member("properties.desired", o)} }
	return object{member("$edgeAgent", desired(agent)), member("$edgeHub", desired(hub))}
}

// manifestOf is what was applied by hand to devices that go a way.
func (f *Fleet) manifestOf(w way) *manifest {
	if m := f.start.manifests[w]; m != nil {
		return m
	}
	m, err := f.manifest(BaseContent(runtimeName(w.protocol), proxyURL(w.proxy)))
	if err != nil {
		panic("fleet: " + err.Error()) // BaseContent can be read
	}
	f.start.manifests[w] = m
	return m
}

func runtimeName(protocol int) string {
	if protocol < 0 || protocol > mqttws {
		return ""
	}
	return []string{"Amqp", "Mqtt", "AmqpWs", "MqttWs"}[protocol]
}

// runtimeOf is a runtime that was set up: by config.toml under the base deployment, or by
// hand, with a manifest of its own.
func (f *Fleet) runtimeOf(s starter) *runtime {
	if r := f.start.runtimes[s]; r != nil {
		return r
	}
	env := edgeagent.Env{}
	if p := runtimeName(s.protocol); p != "" {
		env[edgeagent.VarProtocol] = p
	}
	if s.proxy != 0 {
		env[edgeagent.VarProxy] = proxyURL(s.proxy)
	}
	state := edgeagent.State{Applied: edgeagent.Spec{Image: agentImage, Env: env, CreateOptions: "{}"}}.Restart()
	if s.bare {
		state = state.Deploy(f.start.base.system)
	} else {
		state = state.Deploy(f.manifestOf(way{protocol: s.protocol, proxy: s.proxy}).system)
	}
	r := f.runtimes.of(state)
	f.start.runtimes[s] = r
	return r
}

// makeDevice sets a device up as it has been for a while.
func (f *Fleet) makeDevice(n int) {
	d := &f.devices[n]
	chance := func(what uint64) float64 { return share(dice(f.options.Seed, what, uint64(n))) }
	*d = device{site: uint32(n / perSite), netAt: never, shownAt: never, applyAt: never, checkAt: never, movedAt: never,
		wish: absent, recommends: absent, desired: 3, applied: 3, told: 3, outcome: 200, toldCode: 200, seq: 1}
	s := &f.sites[d.site]
	d.net = s.changes[0].net
	fate := chance(askFate)
	d.set(running, fate >= 0.02)
	d.set(ownLine, fate > 0.97)
	d.set(flapping, fate > 0.50 && fate < 0.505)
	d.set(clockOff, fate > 0.51 && fate < 0.513)
	if d.is(ownLine) {
		d.net = netOpen
	}
	f.setUp(n, chance(askSetting))
	if d.given = absent; d.run.protocol != unset {
		d.given = uint8(d.run.protocol)
	}
	f.nextChange(d)
	f.connects(n, f.begun)
	f.readSettings(n)
	f.past(n, chance)
	d.plan()
}

// setUp chooses how the device was set up, and which deployment has it.
func (f *Fleet) setUp(n int, x float64) {
	d := &f.devices[n]
	kind := &kindsOfSite[f.sites[d.site].kind]
	s := starter{bare: kind.proxy == 0 && (d.is(ownLine) || n%10 != 0), protocol: unset}
	best, route := choose(int(d.net), kind.proxy, absent)
	if best == absent { // nothing works, or not HTTPS: it was set up for what did
		best = amqp
		if kind.proxy != 0 {
			best, route = amqpws, uint8(kind.proxy)
		}
	}
	switch {
	case x < 0.07 && kind.proxy == 0: // nobody set anything
	case x < 0.20 && label(int(d.net), int(route), mqtt) == good && kind.proxy == 0:
		s.protocol = mqtt
	case x < 0.20 && label(int(d.net), int(route), mqttws) == good:
		s.protocol = mqttws
	default:
		s.protocol = int(best)
	}
	if !s.bare {
		s.protocol, s.proxy = max(s.protocol, 0), int(route)
	}
	d.run = f.runtimeOf(s)
	d.set(managed, s.bare)
	d.set(byHand, !s.bare)
	d.wanted = f.start.base
	if !s.bare {
		d.wanted = f.manifestOf(way{protocol: s.protocol, proxy: s.proxy})
	}
	d.taken = d.wanted
	if s.bare {
		d.rules = f.rulesOf([]*configuration{f.configurations[0]})
		d.shown = d.rules
	}
	if x > 0.97 && d.is(running) { // what the twin says is expected is not what was set
		e := d.extra.clone()
		e.section("edgenet").desired = f.baseDesired(d).Set("expected", "Amqp")
		d.extra = e
	}
}

// past is what the device has reported until now.
func (f *Fleet) past(n int, chance func(uint64) float64) {
	d := &f.devices[n]
	age := func(low, high, x float64) int32 { return int32(low + (high-low)*x) }
	d.serial = uint32(1000 * chance(askSerial))
	d.hubChecked = f.begun - int32(f.seconds(checkInterval*0.85)*chance(askCheck)) - 5
	if chance(askSilence) > 0.985 { // somebody pulled the plug
		d.set(dead, true)
		d.set(agentUp|hubUp, false)
		gone := f.begun - age(20*3600, 40*day, math.Pow(chance(askSerial), 2))
		d.hubChecked, d.netAt = gone, never
		d.agentSeen, d.hubSeen = gone, gone
	}
	if !d.is(running) {
		return
	}
	f.recommend(d)
	d.local = f.factsOf(d)
	d.localChecked = d.hubChecked
	d.localChanged = d.hubChecked - age(1.2*day, 45*day, chance(askChange))
	if chance(askProfile) < 0.05 {
		d.localChanged = d.hubChecked - age(600, 10*3600, chance(askChange))
	}
	if d.is(hubUp) || d.is(dead) && len(d.run.hub) > 0 && d.wasUp() {
		d.hub, d.hubChanged, d.reports = d.local, d.localChanged, 1+uint32(40*chance(askSerial))
	}
	if !d.is(dead) {
		d.checkAt = d.hubChecked + f.delay(n, checkInterval*0.9, checkInterval*1.1)
	}
}

// wasUp tells of a device that is off whether its edgeHub would have been connected.
func (d *device) wasUp() bool {
	_, yes := working(d.run.hub, int(d.net))
	return yes
}
