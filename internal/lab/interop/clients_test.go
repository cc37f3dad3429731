//go:build interop

package interop

import (
	"context"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
)

const userName = lab.HubName + "/" + lab.DeviceID + "/?api-version=2021-04-12"

// npm rhea: ANONYMOUS, CBS, a message of several frames.
func TestRhea(t *testing.T) {
	l := startLab(t)
	i := l.Info()
	env := func(token string) map[string]string {
		return map[string]string{
			"LAB_HOST": i.Addresses.Hub, "LAB_PORT": strconv.Itoa(i.Ports.AMQPS), "LAB_SERVERNAME": i.Hub,
			"LAB_AUDIENCE": i.Hub + "/devices/" + lab.DeviceID, "LAB_PATH": "/devices/" + lab.DeviceID,
			"LAB_TOKEN": token,
		}
	}
	p := node(t, l, "rhea.js", env(tokenFor(t, l, device, time.Now().Add(time.Hour))))
	p.expectValue("open", `"DeviceGateway_"`)
	p.expectValue("cbs", `{"status":200,"correlation":"one"}`)
	p.expect("accepted")
	p.expect("closed")
	if m := l.Hub().Telemetry(); len(m) != 1 || len(m[0].Body) != 100000 {
		t.Errorf("%d messages", len(m))
	}
	p = node(t, l, "rhea.js", env(tokenFor(t, l, device, time.Now().Add(-time.Hour))))
	p.expectValue("cbs", `{"status":401,"correlation":"one"}`)
	p.expectValue("refused", `"amqp:unauthorized-access"`)
	p.expect("closed")
}

// npm mqtt: the hub's rules as it sees them.
func TestMQTTjs(t *testing.T) {
	l := startLab(t)
	i := l.Info()
	for url, name := range map[string]string{
		"mqtts://" + i.Hub + ":" + strconv.Itoa(i.Ports.MQTTS): "tls",
		"wss://" + i.Hub + "/$iothub/websocket":                "websocket",
	} {
		env := map[string]string{
			"LAB_URL": url, "LAB_CLIENT": lab.DeviceID, "LAB_USER": userName, "LAB_SERVERNAME": i.Hub,
			"LAB_TOKEN": tokenFor(t, l, device, time.Now().Add(time.Hour)),
		}
		t.Run(name, func(t *testing.T) {
			p := node(t, l, "mqttjs.js", env)
			p.expectValue("connect", "0")
			p.expectValue("granted", "1") // QoS 2 is granted as 1
			p.expectValue("twin", `"$iothub/twin/res/200/?$rid=1"`)
			p.expect("closed") // QoS 2 ends the connection
		})
		t.Run(name+" refused", func(t *testing.T) {
			env["LAB_TOKEN"] = "SharedAccessSignature sr=x&sig=x&se=1"
			node(t, l, "mqttjs.js", env).expectValue("error", "5")
		})
		t.Run(name+" version 5", func(t *testing.T) {
			env["LAB_VERSION"] = "5"
			for s := range node(t, l, "mqttjs.js", env).steps {
				if s.Step == "connect" {
					t.Error("MQTT 5 is spoken")
				}
			}
		})
	}
}

// mosquitto's clients.
func TestMosquitto(t *testing.T) {
	l := startLab(t)
	i := l.Info()
	arguments := func(topic string, more ...string) []string {
		return append([]string{
			"-h", i.Addresses.Hub, "-p", strconv.Itoa(i.Ports.MQTTS), "--cafile", i.CAFile, "-i", lab.DeviceID, "-u",
			userName, "-V", "mqttv311",
			"-P", tokenFor(t, l, device, time.Now().Add(time.Hour)), "-t", topic,
		}, more...)
	}
	pub := func(args []string) (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, "mosquitto_pub", args...).CombinedOutput()
		return string(out), err
	}
	events := "devices/" + lab.DeviceID + "/messages/events/k=v"
	if out, err := pub(arguments(events, "-q", "1", "-m", "from mosquitto")); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if m := l.Hub().Telemetry(); len(m) != 1 || string(m[0].Body) != "from mosquitto" || m[0].Properties["k"] != "v" {
		t.Errorf("telemetry %+v", m)
	}
	for name, args := range map[string][]string{
		"QoS 2":         arguments(events, "-q", "2", "-m", "x"),
		"unknown topic": arguments("some/topic", "-q", "1", "-m", "x"),
	} {
		before := violations(l)
		out, err := pub(args)
		if len(l.Hub().Telemetry()) != 1 || violations(l) == before {
			t.Errorf("%s was taken: %v: %s", name, err, out)
		}
	}
	bad := arguments(events, "-m", "x")
	bad[slices.Index(bad, "-P")+1] = "wrong"
	if out, err := pub(bad); err == nil || !strings.Contains(strings.ToLower(out), "not auth") {
		t.Errorf("wrong password: %v: %s", err, out)
	}
	// A second connection of the identity throws the first out.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	sub := exec.CommandContext(ctx, "mosquitto_sub", arguments("devices/"+lab.DeviceID+"/messages/devicebound/#")...)
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if l.Hub().Connected(device) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if out, err := pub(arguments(events, "-q", "1", "-m", "second")); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	kicked := false
	for _, e := range l.Events() {
		kicked = kicked || e.Kind == lab.KindKick
	}
	if !kicked {
		t.Error("the first connection was not thrown out")
	}
	cancel()
	_ = sub.Wait() // it was ended
}

// python-qpid-proton: SASL PLAIN.
func TestProton(t *testing.T) {
	python := "/usr/bin/python3" // where Debian's package installs to
	if err := exec.Command(python, "-c", "import proton").Run(); err != nil {
		t.Skip("python3-qpid-proton is not installed")
	}
	l := startLab(t)
	i := l.Info()
	env := map[string]string{
		"LAB_HOST": i.Addresses.Hub, "LAB_PORT": strconv.Itoa(i.Ports.AMQPS), "LAB_SERVERNAME": i.Hub,
		"LAB_PATH": "/devices/" + lab.DeviceID,
		"LAB_USER": lab.DeviceID + "@sas.lab", "LAB_TOKEN": tokenFor(t, l, device, time.Now().Add(time.Hour)),
	}
	p := run(t, l, env, python, "testdata/qpid.py")
	p.expect("open")
	p.expect("accepted")
	p.expect("closed")
	if m := l.Hub().Telemetry(); len(m) != 1 || string(m[0].Body) != "from proton" {
		t.Errorf("telemetry %+v", m)
	}
	env["LAB_TOKEN"] = "wrong"
	p = run(t, l, env, python, "testdata/qpid.py")
	if got := p.expect("transport"); !strings.Contains(got, "amqp:unauthorized-access") {
		t.Errorf("wrong password: %s", got)
	}
}

// violations counts the connections that ended for breaking a rule.
func violations(l *lab.Lab) int {
	n := 0
	for _, e := range l.Events() {
		if e.Kind == lab.KindViolation {
			n++
		}
	}
	return n
}
