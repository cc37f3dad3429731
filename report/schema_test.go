package report

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instance(t *testing.T, r *Report) any {
	t.Helper()
	p, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(p))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func words[T ~string](list ...T) (out []string) {
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func TestSchemaEnumsEqualTheTables(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Enum []string `json:"enum"`
		} `json:"$defs"`
	}
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"hop":      words(HopProxy, HopTarget),
		"stage":    words(Stages()...),
		"status":   words(OK, Failed, Skipped),
		"actor":    words(Actors()...),
		"severity": words(SeverityError, SeverityWarning, SeverityInfo),
		"endpoint": words(EndpointIoTHub, EndpointParent, EndpointDPS, EndpointRegistry, EndpointRegistryData,
			EndpointCustom),
		"protocol":         words(Protocols()...),
		"upstreamProtocol": words(UpstreamProtocols()...),
		"cause":            codesOfCauses(),
		"experimentName":   words(ExperimentNames()...),
		"outcome":          words(Answered, Killed, Silent, Blocked, Unavailable),
		"finding-code":     codesOfFindings(),
	} {
		if got := doc.Defs[name].Enum; !slices.Equal(got, want) {
			t.Errorf("%s:\nschema %v\ntables %v", name, got, want)
		}
	}
	if n := len(actorWords); n != len(Actors()) {
		t.Errorf("%d actors have words, %d are in the schema", n, len(Actors()))
	}
}

func TestSchemaAdmitsRealReports(t *testing.T) {
	s := compiled(t)
	check := func(name string, r *Report) {
		t.Helper()
		if err := s.Validate(instance(t, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	check("sample", sample())
	bare := sample()
	bare.Routes, bare.Results, bare.Findings, bare.Verdict = nil, nil, nil, Verdict{ExitCode: 1}
	check("null verdict", bare)
	beside := sample()
	beside.Vantage = &Vantage{Resolvers: []string{"192.0.2.53"}, Gateways: []string{"192.0.2.1 eth0"},
		Interfaces: []Interface{{Name: "eth0", MTU: 1500, Addresses: []string{"192.0.2.7/24"}, Forwarding: ptr(true)}}}
	beside.Container = &Container{Engine: "/var/run/docker.sock", Network: "azure-iot-edge", NetworkSource: "default",
		Internal: true, Subnets: []string{"172.18.0.0/16"}, Report: sample(),
		Differences: []Difference{{Result: "r1", Protocol: AMQP, Route: RouteDirect, Host: "ok",
			Container: string(TCPTimeout), Why: "w", Remedy: "r", Actor: ActorHost}}}
	check("beside a container", beside)
	beside.Container = &Container{NetworkSource: "fallback", Subnets: []string{}, Error: "it did not end",
		Differences: []Difference{}}
	check("beside a container without a report", beside)
	partial := sample()
	partial.Partial, partial.Verdict = true, Verdict{ExitCode: 130}
	check("partial", partial)
	skipped := sample()
	for i := range skipped.Results {
		skipped.Results[i] = Result{ID: "r", Endpoint: EndpointCustom, Protocol: HTTPS, Route: "proxy12",
			Status: Skipped, SkipReason: "x"}
	}
	check("skipped", skipped)
	for stage, d := range fullDetails() {
		hop := HopTarget
		if stage == StageConnect {
			hop = HopProxy
		}
		for _, status := range []Status{OK, Failed} {
			r, cause := sample(), Cause("")
			if status == Failed {
				cause = Unknown
			}
			res := &r.Results[1]
			res.Status, res.Hop, res.Stage, res.Cause = Failed, hop, stage, Unknown
			res.Steps = []Step{{Hop: hop, Stage: stage, Status: status, Cause: cause, Detail: d}}
			check(string(stage)+" "+string(status), r)
		}
	}
	for _, i := range Causes() {
		r := sample()
		r.Results[1].Cause = i.Code
		check(string(i.Code), r)
	}
}

func TestSchemaAdmitsFieldsOfALaterVersion(t *testing.T) {
	v := instance(t, sample()).(map[string]any)
	v["later"] = 1
	step(v, 0)["later"] = true
	step(v, 0)["detail"].(map[string]any)["later"] = []any{}
	v["verdict"].(map[string]any)["later"] = nil
	if err := compiled(t).Validate(v); err != nil {
		t.Error(err)
	}
}

func result(v map[string]any, i int) map[string]any {
	return v["results"].([]any)[i].(map[string]any)
}

func step(v map[string]any, i int) map[string]any {
	return result(v, i)["steps"].([]any)[0].(map[string]any)
}

func TestSchemaRejectsBrokenReports(t *testing.T) {
	s := compiled(t)
	for name, breakIt := range map[string]func(v map[string]any){
		"schema of another major": func(v map[string]any) { v["schema"] = "edgenet.report/2" },
		"no verdict":              func(v map[string]any) { delete(v, "verdict") },
		"null results":            func(v map[string]any) { v["results"] = nil },
		"local time":              func(v map[string]any) { v["startedAt"] = "2026-01-02T03:04:05+01:00" },
		"no time at all":          func(v map[string]any) { v["startedAt"] = "2026-99-99T03:04:05Z" },
		"negative duration":       func(v map[string]any) { v["durationMs"] = -1 },
		"unknown status":          func(v map[string]any) { result(v, 0)["status"] = "pass" },
		"unknown cause":           func(v map[string]any) { result(v, 1)["cause"] = "tcp.magic" },
		"unknown protocol":        func(v map[string]any) { result(v, 0)["protocol"] = "AmqpWs" },
		"unknown endpoint":        func(v map[string]any) { result(v, 0)["endpoint"] = "hub" },
		"unknown actor":           func(v map[string]any) { result(v, 1)["actor"] = "me" },
		"unknown failure cause": func(v map[string]any) {
			result(v,
				0)["failureCauses"] = map[string]any{"x": 1}
		},
		"route with a name":           func(v map[string]any) { result(v, 0)["route"] = "proxy1" },
		"failed without a cause":      func(v map[string]any) { delete(result(v, 1), "cause") },
		"failed without a hop":        func(v map[string]any) { delete(result(v, 1), "hop") },
		"ok with a cause":             func(v map[string]any) { result(v, 0)["cause"] = "tcp.timeout" },
		"skipped without a reason":    func(v map[string]any) { delete(result(v, 2), "skipReason") },
		"skipped with a cause":        func(v map[string]any) { result(v, 2)["cause"] = "tcp.timeout" },
		"steps missing":               func(v map[string]any) { delete(result(v, 2), "steps") },
		"connect at the target":       func(v map[string]any) { step(v, 1)["hop"] = "target" },
		"result connect at target":    func(v map[string]any) { result(v, 1)["hop"] = "target" },
		"websocket at the proxy":      func(v map[string]any) { step(v, 1)["stage"] = "websocket" },
		"unknown stage":               func(v map[string]any) { step(v, 0)["stage"] = "udp" },
		"step failed without a cause": func(v map[string]any) { delete(step(v, 1), "cause") },
		"detail without its field": func(v map[string]any) {
			delete(step(v, 1)["detail"].(map[string]any),
				"target")
		},
		"detail of a wrong type": func(v map[string]any) { step(v, 0)["detail"].(map[string]any)["local"] = 1 },
		"HTTPS as upstream": func(v map[string]any) {
			v["verdict"].(map[string]any)["upstreamProtocol"] = "HTTPS"
		},
		"upstream missing": func(v map[string]any) {
			delete(v["verdict"].(map[string]any),
				"upstreamProtocol")
		},
		"exit code 4": func(v map[string]any) { v["verdict"].(map[string]any)["exitCode"] = 4 },
		"unknown finding": func(v map[string]any) {
			v["findings"].([]any)[0].(map[string]any)["code"] = "x.y"
		},
		"unknown severity": func(v map[string]any) {
			v["findings"].([]any)[0].(map[string]any)["severity"] = "fatal"
		},
	} {
		v := instance(t, sample()).(map[string]any)
		breakIt(v)
		if err := s.Validate(v); err == nil {
			t.Errorf("%s: passes", name)
		} else if !strings.Contains(err.Error(), "report.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
