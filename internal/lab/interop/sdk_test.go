//go:build interop

package interop

import (
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
)

var (
	device = hub.Identity{Device: lab.DeviceID}
	module = hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID}
)

// The vendor's device SDK, unchanged: a device at the hub and a module at the
// edgeHub, by all its transports.
func TestDeviceSDK(t *testing.T) {
	for _, transport := range []string{"Mqtt", "MqttWs", "Amqp", "AmqpWs"} {
		t.Run(transport+" device", func(t *testing.T) {
			l := startLab(t)
			sdkLife(t, l, device, node(t, l, "device.js", map[string]string{"LAB_TRANSPORT": transport,
				"LAB_CONNECTION": l.Info().Device}))
		})
		t.Run(transport+" module", func(t *testing.T) {
			l := startLab(t)
			connection := l.Info().Module + ";GatewayHostName=" + lab.GatewayName
			sdkLife(t, l, module, node(t, l, "device.js", map[string]string{"LAB_TRANSPORT": transport,
				"LAB_CONNECTION": connection}))
		})
	}
	for _, transport := range []string{"MqttWs", "AmqpWs"} {
		t.Run(transport+" through the Basic proxy", func(t *testing.T) {
			l := startLab(t, "amqps=refuse", "mqtts=refuse", "https=refuse")
			sdkLife(t, l, device, node(t, l, "device.js", map[string]string{
				"LAB_TRANSPORT": transport, "LAB_CONNECTION": l.Info().Device, "LAB_PROXY": l.Info().Proxy("basic"),
			}))
		})
	}
}

// sdkLife goes through open, telemetry, twin, desired change and method.
func sdkLife(t *testing.T, l *lab.Lab, id hub.Identity, p *process) {
	t.Helper()
	p.expect("open")
	p.expect("sent")
	p.expectValue("twin", `{"desired":{"$version":1},"reported":{"$version":1}}`)
	p.expect("reported")
	telemetry := l.Hub().Telemetry()
	if len(telemetry) != 1 || telemetry[0].From != id || telemetry[0].Properties["k"] != "v" ||
		!strings.HasPrefix(string(telemetry[0].Body), `{"from":`) {
		t.Errorf("telemetry %+v", telemetry)
	}
	if id.Module != "" && telemetry[0].Output != "out1" {
		t.Errorf("output %q", telemetry[0].Output)
	}
	if reported, err := l.Hub().Reported(id); err != nil || !strings.Contains(string(reported), `"sdk":`) {
		t.Errorf("reported %s, %v", reported, err)
	}
	if _, err := l.Hub().SetDesired(id, []byte(`{"interval":5}`)); err != nil {
		t.Fatal(err)
	}
	for {
		if got := p.expect("desired"); strings.Contains(got, `"interval":5`) {
			break // the SDK tells of the whole at first
		}
	}
	answer, err := l.Hub().Invoke(within(t), id, "check", []byte(`{"x":1}`), 10*time.Second, 10*time.Second)
	if err != nil || answer.Status != 200 || strings.ReplaceAll(string(answer.Payload), " ", "") != `{"echo":{"x":1}}` {
		t.Errorf("method: %d %s, %v", answer.Status, answer.Payload, err)
	}
	p.expectValue("answered", "null")
	if _, err := p.stdin.Write([]byte("end\n")); err != nil {
		t.Fatal(err)
	}
	p.expect("closed")
}

// What is refused comes out as the error that the SDK has for it.
func TestDeviceSDKRefusals(t *testing.T) {
	const wrongKey = "YmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmE="
	refusals := map[string]func(*testing.T, *lab.Lab) map[string]string{
		"wrong key": func(_ *testing.T, l *lab.Lab) map[string]string {
			_, key, _ := strings.Cut(l.Info().Device, "SharedAccessKey=")
			return map[string]string{"LAB_CONNECTION": strings.Replace(l.Info().Device, key, wrongKey, 1)}
		},
		"unknown device": func(_ *testing.T, l *lab.Lab) map[string]string {
			return map[string]string{"LAB_CONNECTION": strings.Replace(l.Info().Device, lab.DeviceID, "nobody", 1)}
		},
		"expired": func(t *testing.T, l *lab.Lab) map[string]string {
			return map[string]string{"LAB_CONNECTION": l.Info().Device, "LAB_TOKEN": tokenFor(t, l, device,
				time.Now().Add(-time.Minute))}
		},
	}
	for _, transport := range []string{"Mqtt", "MqttWs", "Amqp", "AmqpWs"} {
		for name, change := range refusals {
			t.Run(transport+" "+name, func(t *testing.T) {
				l := startLab(t)
				env := change(t, l)
				env["LAB_TRANSPORT"] = transport
				refusedAs(t, node(t, l, "device.js", env), "UnauthorizedError")
			})
		}
	}
}

// refusedAs waits for the failure and holds the error's name against want.
func refusedAs(t *testing.T, p *process, want string) {
	t.Helper()
	for s := range p.steps {
		switch s.Step {
		case "open":
			t.Fatal("it opened")
		case "failed":
			if !strings.Contains(string(s.Value), want) {
				t.Errorf("failed with %s", s.Value)
			}
			return
		}
	}
	t.Errorf("ended without an answer: %s", last(p.stderr.String(), 5))
}

// The vendor's service SDK: twins with If-Match, tags, and a method that a module
// answers through the edgeHub.
func TestServiceSDK(t *testing.T) {
	l := startLab(t)
	connection := l.Info().Module + ";GatewayHostName=" + lab.GatewayName
	m := node(t, l, "device.js", map[string]string{"LAB_TRANSPORT": "Amqp", "LAB_CONNECTION": connection})
	m.expect("reported")
	p := node(t, l, "service.js", map[string]string{"LAB_CONNECTION": l.Info().Service})
	p.expect("device twin")
	p.expectValue("tags", `{"site":"north"}`)
	p.expectValue("stale", `"InvalidEtagError"`)
	p.expectValue("module desired", "1")
	p.expectValue("nobody", `"DeviceNotFoundError"`)
	p.expectValue("method", `{"payload":{"echo":{"x":1}},"status":200}`)
	p.expect("done")
}
