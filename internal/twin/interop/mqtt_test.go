//go:build interop && unix

package interop

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/twin"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// mosquitto starts a broker with TLS, and a second listener for its own clients.
func mosquitto(t *testing.T, s *server, websockets bool) (plain string, broker *blackbox.Process) {
	t.Helper()
	blackbox.Need(t, "mosquitto", "mosquitto_sub", "mosquitto_pub")
	plain = testkit.NobodyAt(t)
	_, plainPort, _ := strings.Cut(plain, ":")
	conf := []string{"per_listener_settings true", "user root", "listener " + plainPort + " 127.0.0.1",
		"allow_anonymous true"}
	listener := "listener " + s.port() + " 127.0.0.1"
	if websockets { // this kind of listener takes no address
		listener = "listener " + s.port()
	}
	conf = append(conf, listener, "allow_anonymous true", "certfile "+s.cert, "keyfile "+s.key)
	if websockets {
		conf = append(conf, "protocol websockets")
	}
	name := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(name, []byte(strings.Join(conf, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broker = blackbox.Start(t, nil, "mosquitto", "-c", name, "-v").AwaitTCP(t, 20*time.Second, s.address, plain)
	return plain, broker
}

// pub publishes with mosquitto's own client.
func pub(t *testing.T, plain, topic, payload string) {
	t.Helper()
	_, port, _ := strings.Cut(plain, ":")
	cmd := exec.CommandContext(testkit.Within(t, plenty), "mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-t", topic,
		"-m", payload) //nolint:gosec // the test's own words
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_pub %s: %v\n%s", topic, err, out)
	}
}

// The module's topics as mosquitto's clients see them, answered by them.
func TestMosquitto(t *testing.T) {
	for name, transport := range map[string]twin.Transport{"TLS": twin.MQTT, "WebSocket": twin.MQTTWS} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			plain, broker := mosquitto(t, s, transport == twin.MQTTWS)
			_, port, _ := strings.Cut(plain, ":")
			seen := blackbox.Start(t, nil, "mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-v", "-t", "$iothub/#",
				"-t", "devices/#")
			broker.Await(t, plenty, "subscribed", func() bool { return strings.Count(broker.Log(), "SUBACK") >= 1 })
			desired := make(chan twin.Desired, 8)
			session := s.module(t, transport, 0, twin.Handler{
				Desired: func(d twin.Desired) { desired <- d },
				Method: func(_ context.Context, m twin.Method) twin.Reply {
					return twin.Reply{Status: 200,
						Payload: m.Payload}
				},
			})
			talk(t, session, plain, seen, desired)
			if err := session.Close(); err != nil {
				t.Error(err)
			}
			broker.Await(t, plenty, "said goodbye",
				func() bool { return strings.Contains(broker.Log(), "Received DISCONNECT from d/m") })
			if log := broker.Log(); !regexp.MustCompile(
				`connected from \S+ as d/m \(p2, c0, k120, u'hub.azure-devices.net/d/m/\?api-version=2021-04-12'\)`).MatchString(log) {
				t.Errorf("the login, as mosquitto saw it:\n%s", log)
			}
		})
	}
}

func talk(t *testing.T, session *twin.Session, plain string, seen *blackbox.Process, desired <-chan twin.Desired) {
	t.Helper()
	ctx := testkit.Within(t, plenty)
	await := func(form string) string {
		t.Helper()
		re := regexp.MustCompile(`(?m)^` + form + `$`)
		seen.Await(t, plenty, "seeing "+form, func() bool { return re.MatchString(seen.Log()) })
		return re.FindStringSubmatch(seen.Log())[1]
	}
	done := make(chan error, 1)
	go func() {
		tw, err := session.Twin(ctx)
		if err == nil && (tw.DesiredVersion != 4 || string(tw.Desired) != `{"a":1}`) {
			t.Errorf("twin %+v", tw)
		}
		done <- err
	}()
	rid := await(`\$iothub/twin/GET/\?\$rid=(\w+) \(null\)`)
	pub(t, plain, "$iothub/twin/res/200/?$rid="+rid, `{"desired":{"a":1,"$version":4},"reported":{"$version":1}}`)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	go func() { done <- session.Report(ctx, []byte(`{"edgenet":{"status":"ok"}}`)) }()
	rid = await(`\$iothub/twin/PATCH/properties/reported/\?\$rid=(\w+) \{"edgenet":\{"status":"ok"\}\}`)
	pub(t, plain, "$iothub/twin/res/204/?$rid="+rid, "")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	pub(t, plain, "$iothub/twin/PATCH/properties/desired/?$version=5", `{"a":2,"$version":5}`)
	if d := <-desired; d.Version != 5 || string(d.Document) != `{"a":2}` {
		t.Errorf("told %+v", d)
	}
	pub(t, plain, "$iothub/methods/POST/check/?$rid=ab-1", `{"wait":true}`)
	await(`(\$iothub/methods/res/200/\?\$rid=ab-1) \{"wait":true\}`)
	if err := session.Send(ctx, twin.Message{Output: "edgenet", ID: "7", Body: []byte(`{"to":"ok"}`)}); err != nil {
		t.Fatal(err)
	}
	await(`(devices/d/modules/m/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&%24.on=edgenet&%24.mid=7) \{"to":"ok"\}`)
}

// With a new token MQTT's connection is replaced in this order: no more calls, goodbye,
// login, subscription. The broker throws nobody out.
func TestMosquittoRenewal(t *testing.T) {
	s := newServer(t)
	_, broker := mosquitto(t, s, false)
	session := s.module(t, twin.MQTT, 2*time.Second, twin.Handler{})
	again := func() bool { return strings.Count(broker.Log(), "Sending SUBACK to d/m") >= 3 }
	broker.Await(t, plenty, "subscribed a third time", again)
	steps := regexp.MustCompile(`(Received (UNSUBSCRIBE|DISCONNECT|SUBSCRIBE) from|Sending (CONNACK|UNSUBACK|SUBACK) to) d/m`)
	var got []string
	for _, m := range steps.FindAllStringSubmatch(broker.Log(), -1) {
		got = append(got, m[2]+m[3])
	}
	login, change := []string{"CONNACK", "SUBSCRIBE", "SUBACK"}, []string{"UNSUBSCRIBE", "UNSUBACK", "DISCONNECT"}
	want := slices.Concat(login, change, login, change, login)
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) ||
		strings.Contains(broker.Log(), "already connected") || session.Err() != nil {
		t.Errorf("mosquitto saw %v, %v\n%s", got, session.Err(), broker.Log())
	}
}
