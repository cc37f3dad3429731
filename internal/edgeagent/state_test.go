package edgeagent_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/edgeagent"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type env = edgeagent.Env

func spec(e env) edgeagent.Spec {
	return edgeagent.Spec{Image: "agent:1.5", Env: e, CreateOptions: "{}"}
}

func ws(proxy string) env {
	e := env{edgeagent.VarProtocol: "AmqpWs"}
	if proxy != "" {
		e[edgeagent.VarProxy] = proxy
	}
	return e
}

func bootstrap(e env) *edgeagent.Box {
	return &edgeagent.Box{Env: e, From: spec(e), Bootstrap: true}
}

// words is a container's environment in a line.
func words(b *edgeagent.Box) string {
	if b == nil {
		return "no container"
	}
	proto, _ := b.Env.Lookup(edgeagent.VarProtocol)
	proxy, _ := b.Env.Lookup(edgeagent.VarProxy)
	return fmt.Sprintf("%s/%s", proto, proxy)
}

// TestRules: for each situation, what the containers have after config apply, after a
// restart and after the deployment, and the fact that it follows from.
func TestRules(t *testing.T) {
	const p = "http://p:1"
	proto := func(v string) env { return env{edgeagent.VarProtocol: v} }
	for _, tt := range []struct {
		name                       string
		state                      edgeagent.State
		deploy                     edgeagent.Deployment
		apply, restart, agent, hub string
		fact                       string
	}{
		{"a new device", edgeagent.State{Written: spec(ws(p)), Applied: spec(nil)},
			edgeagent.Deployment{Agent: spec(ws(p)), Hub: spec(ws(p))},
			"AmqpWs/" + p, "/", "AmqpWs/" + p, "AmqpWs/" + p, edgeagent.FactCreateOnce},
		{"config edited under a running first edgeAgent",
			edgeagent.State{Written: spec(ws(p)), Applied: spec(nil),
				Agent: bootstrap(nil)}, edgeagent.Deployment{Agent: spec(nil), Hub: spec(nil)},
			"/", "/", "/", "/", edgeagent.FactCreateOnce},
		{"a bare deployment leaves the first edgeAgent and its proxy",
			edgeagent.State{Written: spec(ws(p)), Applied: spec(ws(p)),
				Agent: bootstrap(ws(p))}, edgeagent.Deployment{Agent: spec(nil), Hub: spec(nil)},
			"AmqpWs/" + p, "AmqpWs/" + p, "AmqpWs/" + p, "AmqpWs/", edgeagent.FactEmptyLabel},
		{"a deployment with another image drops what it does not repeat",
			edgeagent.State{Written: spec(ws(p)), Applied: spec(ws(p)), Agent: bootstrap(ws(p))},
			edgeagent.Deployment{Agent: edgeagent.Spec{Image: "agent:1.6"},
				Hub: spec(nil)}, "AmqpWs/" + p, "AmqpWs/" + p, "/", "/", edgeagent.FactRecreate},
		{"the protocol without the proxy", edgeagent.State{Written: spec(ws(p)), Applied: spec(ws(p)),
			Agent: bootstrap(ws(p))}, edgeagent.Deployment{Agent: spec(ws("")), Hub: spec(ws(""))},
			"AmqpWs/" + p, "AmqpWs/" + p, "AmqpWs/", "AmqpWs/", edgeagent.FactRecreate},
		{"edgeHub inherits the protocol, and not the proxy", edgeagent.State{Applied: spec(nil)},
			edgeagent.Deployment{Agent: spec(ws(p)), Hub: spec(nil)},
			"/", "/", "AmqpWs/" + p, "AmqpWs/", edgeagent.FactInherit},
		{"a protocol of its own is kept", edgeagent.State{},
			edgeagent.Deployment{Agent: spec(ws("")), Hub: spec(proto("Mqtt"))},
			"/", "/", "AmqpWs/", "Mqtt/", edgeagent.FactInherit},
		{"a key in another case counts as its own", edgeagent.State{},
			edgeagent.Deployment{Agent: spec(ws("")), Hub: spec(env{"upstreamprotocol": "Mqtt"})},
			"/", "/", "AmqpWs/", "Mqtt/", edgeagent.FactInherit},
		{"an ignored value is not passed on", edgeagent.State{},
			edgeagent.Deployment{Agent: spec(proto("AMQP-WS")), Hub: spec(nil)},
			"/", "/", "AMQP-WS/", "/", edgeagent.FactSilent},
		{"an odd spelling is passed on as the runtime writes it", edgeagent.State{},
			edgeagent.Deployment{Agent: spec(proto("AMQPWS")), Hub: spec(nil)},
			"/", "/", "AMQPWS/", "AmqpWs/", edgeagent.FactInherit},
		{"createOptions.Env wins over env", edgeagent.State{},
			edgeagent.Deployment{Agent: spec(ws("")),
				Hub: edgeagent.Spec{Env: proto("AmqpWs"), CreateEnv: proto("Amqp")}},
			"/", "/", "AmqpWs/", "Amqp/", edgeagent.FactCreateEnv},
		{"createOptions.Env wins over what is inherited", edgeagent.State{},
			edgeagent.Deployment{Agent: spec(ws("")), Hub: edgeagent.Spec{CreateEnv: proto("Amqp")}},
			"/", "/", "AmqpWs/", "Amqp/", edgeagent.FactCreateEnv},
		{"a deployed edgeAgent does not mind the configuration",
			edgeagent.State{Written: spec(ws(p)), Applied: spec(nil),
				Agent: &edgeagent.Box{Env: proto("Mqtt"), From: spec(proto("Mqtt"))}},
			edgeagent.Deployment{Agent: spec(proto("Mqtt")),
				Hub: spec(nil)}, "Mqtt/", "Mqtt/", "Mqtt/", "Mqtt/", edgeagent.FactRestart},
	} {
		if got := words(tt.state.Apply().Agent); got != tt.apply {
			t.Errorf("%s: after config apply edgeAgent has %s, want %s (%s)", tt.name, got, tt.apply, tt.fact)
		}
		if got := words(tt.state.Restart().Agent); got != tt.restart {
			t.Errorf("%s: after a restart edgeAgent has %s, want %s (%s)", tt.name, got, tt.restart, tt.fact)
		}
		after := tt.state.Apply().Deploy(tt.deploy)
		if tt.name != "a new device" {
			after = tt.state.Deploy(tt.deploy)
		}
		if got := words(after.Agent); got != tt.agent {
			t.Errorf("%s: after the deployment edgeAgent has %s, want %s (%s)", tt.name, got, tt.agent, tt.fact)
		}
		if got := words(after.Hub); got != tt.hub {
			t.Errorf("%s: after the deployment edgeHub has %s, want %s (%s)", tt.name, got, tt.hub, tt.fact)
		}
	}
}

// TestRemoveAgent: the documented cure for an edited configuration.
func TestRemoveAgent(t *testing.T) {
	s := edgeagent.State{Written: spec(ws("http://p:1")), Applied: spec(nil), Agent: bootstrap(nil)}
	if got := words(s.RemoveAgent().Agent); got != "/" {
		t.Errorf("before config apply it comes back with %s", got)
	}
	if got := words(s.Apply().RemoveAgent().Agent); got != "AmqpWs/http://p:1" {
		t.Errorf("after config apply it comes back with %s", got)
	}
	if words(s.Agent) != "/" || words(s.Hub) != "no container" {
		t.Error("the state given was changed")
	}
}

// TestSticks: a module that does not change keeps what it was created with.
func TestSticks(t *testing.T) {
	d := edgeagent.Deployment{Agent: spec(ws("")), Hub: spec(nil)}
	s := edgeagent.State{}.Deploy(d)
	d.Agent = spec(env{edgeagent.VarProtocol: "Mqtt"})
	if s = s.Deploy(d); words(s.Agent) != "Mqtt/" || words(s.Hub) != "AmqpWs/" {
		t.Errorf("edgeAgent %s, edgeHub %s", words(s.Agent), words(s.Hub))
	}
}

func TestParseUpstream(t *testing.T) {
	for value, want := range map[string]struct {
		p report.Protocol
		r edgeagent.Reading
	}{
		"Amqp": {report.AMQP, edgeagent.Exact}, "AmqpWs": {report.AMQPWS, edgeagent.Exact}, "Mqtt": {report.MQTT,
			edgeagent.Exact}, "MqttWs": {report.MQTTWS, edgeagent.Exact},
		"AMQPWS": {report.AMQPWS, edgeagent.OddCase}, " mqtt ": {report.MQTT, edgeagent.OddCase},
		"": {"", edgeagent.Unset}, "  ": {"", edgeagent.Unset},
		"0": {report.AMQP, edgeagent.AsNumber}, "1": {report.AMQPWS, edgeagent.AsNumber}, "2": {report.MQTT,
			edgeagent.AsNumber}, "3": {report.MQTTWS, edgeagent.AsNumber},
		"4": {"", edgeagent.Breaks}, "-1": {"", edgeagent.Breaks}, "Amqp,AmqpWs": {report.AMQPWS,
			edgeagent.AsNumber}, "AmqpWs, Mqtt": {report.MQTTWS, edgeagent.AsNumber},
		"AMQP-WS": {"", edgeagent.Ignored}, "https": {"", edgeagent.Ignored}, "Amqp,x": {"",
			edgeagent.Ignored}, "Amqp;": {"", edgeagent.Ignored},
	} {
		if p, r := edgeagent.ParseUpstream(value); p != want.p || r != want.r {
			t.Errorf("%q: got %s, %d, want %s, %d", value, p, r, want.p, want.r)
		}
	}
}

// TestMerged: of one variable in two spellings createOptions' remains, and nothing else
// is touched.
func TestMerged(t *testing.T) {
	got := edgeagent.Spec{Env: env{edgeagent.VarProtocol: "Amqp", "HTTPS_PROXY": "http://a:1", "other": "1"},
		CreateEnv: env{"upstreamprotocol": "Mqtt", "https_proxy": "http://b:1", "OTHER": "2"}}.Merged()
	if fmt.Sprint(got) != fmt.Sprint(env{"upstreamprotocol": "Mqtt", "https_proxy": "http://b:1", "other": "1",
		"OTHER": "2"}) {
		t.Errorf("got %v", got)
	}
	if got := (edgeagent.Spec{CreateEnv: env{"A": "1"}}).Merged(); got["A"] != "1" {
		t.Errorf("got %v", got)
	}
}

// TestLabel: what counts as a difference from the empty label of the first edgeAgent,
// and from the full one of a deployed edgeAgent.
func TestLabel(t *testing.T) {
	first := edgeagent.State{Applied: spec(ws("http://p:1"))}.Restart()
	options := `{"HostConfig":{}}`
	for name, tt := range map[string]struct {
		want edgeagent.Spec
		kept bool
	}{
		"the same":          {edgeagent.Spec{Image: "agent:1.5", CreateOptions: "{}"}, true},
		"no createOptions":  {edgeagent.Spec{Image: "agent:1.5"}, true},
		"createOptions.Env": {edgeagent.Spec{Image: "agent:1.5", CreateEnv: env{"A": "1"}}, false},
		"createOptions":     {edgeagent.Spec{Image: "agent:1.5", CreateOptions: options}, false},
		"env":               {edgeagent.Spec{Image: "agent:1.5", Env: env{"A": "1"}}, false},
		"image":             {edgeagent.Spec{Image: "agent:1.6"}, false},
	} {
		after := first.Deploy(edgeagent.Deployment{Agent: tt.want})
		if kept := words(after.Agent) == "AmqpWs/http://p:1"; kept != tt.kept || after.Agent.Bootstrap != tt.kept {
			t.Errorf("%s: kept %v", name, kept)
		}
		again := after.Deploy(edgeagent.Deployment{Agent: tt.want})
		if again.Agent != after.Agent {
			t.Errorf("%s: the same deployment twice re-creates edgeAgent", name)
		}
	}
	deployed := first.Deploy(edgeagent.Deployment{Agent: spec(ws(""))})
	if bare := deployed.Deploy(edgeagent.Deployment{Agent: spec(nil)}); words(bare.Agent) != "/" {
		t.Errorf("a deployed edgeAgent keeps %s under a bare deployment", words(bare.Agent))
	}
}
