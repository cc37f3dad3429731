package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	goamqp "github.com/Azure/go-amqp"
	paho "github.com/eclipse/paho.mqtt.golang"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/hub"
)

// client is an identity's connection as a test drives it, by either protocol.
type client interface {
	// get reads the twin.
	get(t *testing.T) map[string]any
	// report patches the reported properties; the status and version answered.
	report(t *testing.T, patch string) (status int, version int64)
	// desired is the next notice of a change.
	desired(t *testing.T) string
	// serve answers method calls with status 200 and the payload echoed.
	serve(t *testing.T)
	// send sends telemetry to an output.
	send(t *testing.T, output, body string)
}

// amqpClient drives go-amqp.
type amqpClient struct {
	id       hub.Identity
	session  *goamqp.Session
	requests *goamqp.Sender
	answers  *goamqp.Receiver
}

func newAMQPClient(t *testing.T, l *Lab, place string, id hub.Identity) client {
	t.Helper()
	_, s := openAMQP(t, dialFor(t, l, place, hub.ProtocolAMQP), goamqp.SASLTypeAnonymous())
	if status := putToken(t, s, HubName+path(id), tokenFor(t, l, id, nextHour())); status != 200 {
		t.Fatalf("CBS: %d", status)
	}
	c := &amqpClient{id: id, session: s}
	c.answers = c.receiver(t, "/twin", "twin")
	c.requests = c.sender(t, "/twin", "twin")
	if status, _, _ := c.ask(t, "PUT", "/notifications/twin/properties/desired", " "); status != 200 {
		t.Fatalf("subscribe: %d", status)
	}
	return c
}

func properties(kind string) map[string]any {
	return map[string]any{"com.microsoft:channel-correlation-id": kind + ":1",
		"com.microsoft:api-version": "2021-04-12"}
}

func (c *amqpClient) receiver(t *testing.T, node, kind string) *goamqp.Receiver {
	t.Helper()
	r, err := c.session.NewReceiver(within(t, 5*time.Second), path(c.id)+node, &goamqp.ReceiverOptions{
		SettlementMode:            goamqp.ReceiverSettleModeFirst.Ptr(),
		RequestedSenderSettleMode: goamqp.SenderSettleModeSettled.Ptr(), Properties: properties(kind),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (c *amqpClient) sender(t *testing.T, node, kind string) *goamqp.Sender {
	t.Helper()
	s, err := c.session.NewSender(within(t, 5*time.Second), path(c.id)+node, &goamqp.SenderOptions{
		SettlementMode: goamqp.SenderSettleModeSettled.Ptr(), Properties: properties(kind),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (c *amqpClient) ask(t *testing.T, operation, resource, body string) (int, []byte, int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel() // at once, as TestSoak asks very often
	m := &goamqp.Message{
		Annotations: goamqp.Annotations{"operation": operation},
		Properties:  &goamqp.MessageProperties{CorrelationID: operation},
		Data:        [][]byte{[]byte(body)},
	}
	if resource != "" {
		m.Annotations["resource"] = resource
	}
	if err := c.requests.Send(ctx, m, nil); err != nil {
		t.Fatal(err)
	}
	for {
		a, err := c.answers.Receive(ctx, nil)
		if err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
		if a.Properties == nil || a.Properties.CorrelationID != any(operation) {
			continue
		}
		status, ok := a.Annotations["status"].(int32)
		if !ok {
			t.Fatalf("%s: status is %T", operation, a.Annotations["status"])
		}
		version, _ := a.Annotations["version"].(int64)
		return int(status), a.GetData(), version
	}
}

func (c *amqpClient) get(t *testing.T) map[string]any {
	t.Helper()
	status, body, _ := c.ask(t, "GET", "", " ")
	return twinOf(t, status, body)
}

func twinOf(t *testing.T, status int, body []byte) map[string]any {
	t.Helper()
	var twin map[string]any
	if err := json.Unmarshal(body, &twin); err != nil || status != 200 {
		t.Fatalf("twin: %d %q, %v", status, body, err)
	}
	return twin
}

func (c *amqpClient) report(t *testing.T, patch string) (int, int64) {
	t.Helper()
	status, _, version := c.ask(t, "PATCH", "/properties/reported", patch)
	return status, version
}

func (c *amqpClient) desired(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		m, err := c.answers.Receive(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Properties == nil || m.Properties.CorrelationID == nil {
			return string(m.GetData())
		}
	}
}

func (c *amqpClient) serve(t *testing.T) {
	t.Helper()
	calls := c.receiver(t, "/methods/devicebound", "methods")
	answers := c.sender(t, "/methods/devicebound", "methods")
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		for {
			m, err := calls.Receive(ctx, nil)
			if err != nil {
				return
			}
			_ = answers.Send(ctx, &goamqp.Message{
				Properties:            &goamqp.MessageProperties{CorrelationID: m.Properties.CorrelationID},
				ApplicationProperties: map[string]any{"IoThub-status": int32(200)},
				Data: [][]byte{fmt.Appendf(nil, `{"method":%q,"payload":%s}`,
					m.ApplicationProperties["IoThub-methodname"], m.GetData())},
			}, nil)
		}
	}()
}

func (c *amqpClient) send(t *testing.T, output, body string) {
	t.Helper()
	ctx := within(t, 5*time.Second)
	s, err := c.session.NewSender(ctx, path(c.id)+"/messages/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	m := goamqp.NewMessage([]byte(body))
	m.ApplicationProperties = map[string]any{"iothub-outputname": output, "k": "v"}
	if err := s.Send(ctx, m, nil); err != nil {
		t.Fatal(err)
	}
}

// mqttClient drives paho.
type mqttClient struct {
	id       hub.Identity
	c        paho.Client
	results  chan paho.Message
	patches  chan paho.Message
	requests int
}

func newMQTTClient(t *testing.T, l *Lab, place string, id hub.Identity) client {
	t.Helper()
	p, err := connectMQTT(t, dialFor(t, l, place, hub.ProtocolMQTT), id, HubName, id.String(),
		tokenFor(t, l, id, nextHour()))
	if err != nil {
		t.Fatal(err)
	}
	c := &mqttClient{id: id, c: p, results: make(chan paho.Message, 10), patches: make(chan paho.Message, 10)}
	c.subscribe(t, "$iothub/twin/res/#", func(_ paho.Client, m paho.Message) { c.results <- m })
	c.subscribe(t, "$iothub/twin/PATCH/properties/desired/#", func(_ paho.Client, m paho.Message) { c.patches <- m })
	return c
}

func (c *mqttClient) subscribe(t *testing.T, filter string, f paho.MessageHandler) {
	t.Helper()
	if token := c.c.Subscribe(filter, 0, f); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
		t.Fatal(token.Error())
	}
}

func (c *mqttClient) ask(t *testing.T, topic, body string) (int, []byte, int64) {
	t.Helper()
	c.requests++
	c.c.Publish(fmt.Sprintf("%s?$rid=r%d", topic, c.requests), 0, false, body)
	select {
	case m := <-c.results:
		var status, rid int
		var version int64
		text := strings.Replace(m.Topic(), "&$version=", " ", 1)
		if n, _ := fmt.Sscanf(text, "$iothub/twin/res/%d/?$rid=r%d %d", &status, &rid, &version); n < 2 ||
			rid != c.requests {
			t.Fatalf("answer on %s", m.Topic())
		}
		return status, m.Payload(), version
	case <-time.After(5 * time.Second):
		t.Fatal("no answer")
	}
	return 0, nil, 0
}

func (c *mqttClient) get(t *testing.T) map[string]any {
	t.Helper()
	status, body, _ := c.ask(t, "$iothub/twin/GET/", "")
	return twinOf(t, status, body)
}

func (c *mqttClient) report(t *testing.T, patch string) (int, int64) {
	t.Helper()
	status, _, version := c.ask(t, "$iothub/twin/PATCH/properties/reported/", patch)
	return status, version
}

func (c *mqttClient) desired(t *testing.T) string {
	t.Helper()
	select {
	case m := <-c.patches:
		return string(m.Payload())
	case <-time.After(5 * time.Second):
		t.Fatal("no notice of desired properties")
	}
	return ""
}

func (c *mqttClient) serve(t *testing.T) {
	t.Helper()
	c.subscribe(t, "$iothub/methods/POST/#", func(p paho.Client, m paho.Message) {
		rest := strings.TrimPrefix(m.Topic(), "$iothub/methods/POST/")
		name, rid, _ := strings.Cut(rest, "/?$rid=")
		p.Publish("$iothub/methods/res/200/?$rid="+rid, 0, false, fmt.Sprintf(`{"method":%q,"payload":%s}`, name,
			m.Payload()))
	})
}

func (c *mqttClient) send(t *testing.T, output, body string) {
	t.Helper()
	topic := "devices/" + c.id.Device + "/modules/" + c.id.Module + "/messages/events/%24.on=" + output + "&k=v"
	if token := c.c.Publish(topic, 1, false, body); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
		t.Fatal(token.Error())
	}
}

// eventually waits for what happens behind an acknowledgement.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s: not within 10 s", what)
}

// A module's whole life, by every protocol, at the hub and at the edgeHub.
func TestModule(t *testing.T) {
	t.Parallel()
	clients := map[string]func(*testing.T, *Lab, string, hub.Identity) client{
		"amqps": newAMQPClient, "edgeAmqps": newAMQPClient, "mqtts": newMQTTClient, "edgeMqtts": newMQTTClient,
		"https AMQP": newAMQPClient, "edgeHttps AMQP": newAMQPClient, "https MQTT": newMQTTClient,
		"edgeHttps MQTT": newMQTTClient,
	}
	for name, open := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t, Options{})
			place, _, _ := strings.Cut(name, " ")
			c := open(t, l, place, module)
			moduleLife(t, l, c, strings.HasPrefix(place, "edge"))
		})
	}
}

func moduleLife(t *testing.T, l *Lab, c client, edge bool) {
	t.Helper()
	twin := c.get(t)
	desired, _ := twin["desired"].(map[string]any)
	if desired["$version"] != float64(1) || twin["tags"] != nil || desired["$metadata"] != nil {
		t.Errorf("twin %v", twin)
	}
	status, version := c.report(t, `{"edgenet":{"status":"ok","n":1}}`)
	if status != 204 || (version == 0) != edge || !edge && version != 2 {
		t.Errorf("reported: %d, version %d", status, version)
	}
	if status, _ := c.report(t, `{"a.b":1}`); status != 400 {
		t.Errorf("a key with a dot: %d", status)
	}
	if b, err := l.Hub().Reported(module); err != nil || string(b) != `{"$version":2,"edgenet":{"n":1,"status":"ok"}}` {
		t.Errorf("the hub has %s, %v", b, err)
	}
	if _, err := l.Hub().SetDesired(module, []byte(`{"intervalSec":900}`)); err != nil {
		t.Fatal(err)
	}
	if got := c.desired(t); got != `{"$version":2,"intervalSec":900}` {
		t.Errorf("desired: %s", got)
	}
	c.serve(t)
	answer, err := l.Hub().Invoke(within(t, 5*time.Second), module, "check", []byte(`{"wait":true}`), time.Second,
		5*time.Second)
	if err != nil || answer.Status != 200 || string(answer.Payload) != `{"method":"check","payload":{"wait":true}}` {
		t.Errorf("method: %d %s, %v", answer.Status, answer.Payload, err)
	}
	c.send(t, "edgenet", "transition")
	m := l.Hub().Telemetry()
	if len(m) != 1 || m[0].Output != "edgenet" || m[0].From != module || m[0].Properties["k"] != "v" ||
		string(m[0].Body) != "transition" {
		t.Errorf("telemetry: %+v", m)
	}
}

// A cut upstream: acknowledged at once, stored, forwarded in order, and desired
// changes caught up with.
func TestStoreAndForward(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	c := newMQTTClient(t, l, "edgeMqtts", module)
	c.get(t)
	if err := l.SetFault(Fault{Place: PlaceUpstream, Name: faultCut}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		c.send(t, "o", fmt.Sprint(i))
	}
	if status, _ := c.report(t, `{"a":{"x":1,"y":2}}`); status != 204 {
		t.Errorf("reported while cut: %d", status)
	}
	if status, _ := c.report(t, `{"a":{"x":null}}`); status != 204 {
		t.Errorf("reported while cut: %d", status)
	}
	if reported, _ := c.get(t)["reported"].(map[string]any); reported["a"] == nil {
		t.Error("the copy does not show what was reported")
	}
	if n := len(l.Hub().Telemetry()); n != 0 || l.Edge().Stored() != 3 {
		t.Errorf("%d messages went through, %d are stored", n, l.Edge().Stored())
	}
	if _, err := l.Hub().SetDesired(module, []byte(`{"k":"new"}`)); err != nil {
		t.Fatal(err)
	}
	if err := l.ClearFault(PlaceUpstream); err != nil {
		t.Fatal(err)
	}
	if got := c.desired(t); !strings.Contains(got, `"k":"new"`) {
		t.Errorf("caught up with %s", got)
	}
	var bodies []string
	for _, m := range l.Hub().Telemetry() {
		bodies = append(bodies, string(m.Body))
	}
	if strings.Join(bodies, "") != "012" {
		t.Errorf("forwarded %v", bodies)
	}
	if b, err := l.Hub().Reported(module); err != nil || !strings.Contains(string(b), `"a":{"y":2}`) {
		t.Errorf("the hub has %s, %v", b, err)
	}
}

// One live connection per identity, whatever the protocol.
func TestSecondConnection(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	first := newMQTTClient(t, l, "mqtts", module).(*mqttClient)
	newAMQPClient(t, l, "amqps", module)
	eventually(t, "the first connection is thrown out", func() bool { return !first.c.IsConnectionOpen() })
	newMQTTClient(t, l, "mqtts", module)
}

// A connection that several identities share loses the links of the one that
// logs in elsewhere, and nothing else.
func TestSharedConnection(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	conn, s := openAMQP(t, mustDial(t, l, "amqps"), nil)
	agent := hub.Identity{Device: DeviceID, Module: "$edgeAgent"}
	events := map[hub.Identity]*goamqp.Sender{}
	for _, id := range []hub.Identity{module, agent} {
		if status := putToken(t, s, HubName+path(id), tokenFor(t, l, id, nextHour())); status != 200 {
			t.Fatalf("CBS: %d", status)
		}
		sender, err := s.NewSender(within(t, 5*time.Second), path(id)+"/messages/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		events[id] = sender
	}
	newMQTTClient(t, l, "mqtts", module)
	var gone *goamqp.LinkError
	eventually(t, "the module's link is gone", func() bool {
		return errors.As(events[module].Send(within(t, time.Second), goamqp.NewMessage([]byte("x")), nil), &gone)
	})
	if gone != nil && (gone.RemoteErr == nil || gone.RemoteErr.Condition != "amqp:link:stolen") {
		t.Errorf("gone with %v", gone)
	}
	if err := events[agent].Send(within(t, 5*time.Second), goamqp.NewMessage([]byte("y")), nil); err != nil ||
		conn.Err() != nil {
		t.Errorf("the other identity: %v, %v", err, conn.Err())
	}
}

// An expired token ends the connection.
func TestExpiry(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	token := tokenFor(t, l, device, time.Now().Add(4*time.Second))
	c, err := connectMQTT(t, mustDial(t, l, "mqtts"), device, HubName, DeviceID, token)
	if err != nil {
		t.Fatal(err)
	}
	conn, s := openAMQP(t, mustDial(t, l, "amqps"), nil)
	other := hub.Identity{Device: DeviceID, Module: ModuleID}
	putToken(t, s, HubName+path(other), tokenFor(t, l, other, time.Now().Add(4*time.Second)))
	if _, err := s.NewSender(within(t, 5*time.Second), path(other)+"/messages/events", nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "MQTT ends", func() bool { return !c.IsConnectionOpen() })
	select {
	case <-conn.Done():
	case <-time.After(plenty):
		t.Error("AMQP goes on")
	}
}

// A token that is renewed in time keeps its connection, and a device's token
// stands for its modules.
func TestRenewal(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	conn, s := openAMQP(t, mustDial(t, l, "amqps"), nil)
	putToken(t, s, HubName+path(device), tokenFor(t, l, device, time.Now().Add(4*time.Second)))
	for _, id := range []hub.Identity{device, module} {
		if _, err := s.NewSender(within(t, 5*time.Second), path(id)+"/messages/events", nil); err != nil {
			t.Fatal(err)
		}
	}
	if status := putToken(t, s, HubName+path(device), tokenFor(t, l, device, nextHour())); status != 200 {
		t.Fatalf("renewal: %d", status)
	}
	select {
	case <-conn.Done():
		t.Errorf("the connection ended: %v", conn.Err())
	case <-time.After(5 * time.Second):
	}
}

// What breaks the hub's rules of MQTT ends the connection without a packet.
func TestMQTTViolations(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for name, act := range map[string]func(paho.Client){
		"QoS 2":            func(c paho.Client) { c.Publish("devices/lab-device/messages/events/", 2, false, "x") },
		"unknown topic":    func(c paho.Client) { c.Publish("some/topic", 0, false, "x") },
		"another's topic":  func(c paho.Client) { c.Publish("devices/lab-x509/messages/events/", 0, false, "x") },
		"unknown filter":   func(c paho.Client) { c.Subscribe("#", 0, nil) },
		"twin GET, no rid": func(c paho.Client) { c.Publish("$iothub/twin/GET/", 0, false, "") },
		"method answer, text": func(c paho.Client) {
			c.Publish("$iothub/methods/res/200/?$rid=1", 0, false,
				"no json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := connectMQTT(t, mustDial(t, l, "mqtts"), device, HubName, DeviceID,
				tokenFor(t, l, device, nextHour()))
			if err != nil {
				t.Fatal(err)
			}
			act(c)
			eventually(t, "closed", func() bool { return !c.IsConnectionOpen() })
		})
	}
}

// The service's side of twins and methods.
func TestServiceAPI(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	client := httpClient(t, l, "https")
	sign, err := iothub.KeySigner(l.Hub().PolicyKey(hub.PolicyService))
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(HubName, hub.PolicyService, nextHour(), sign)
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path, body string, headers ...string) (int, map[string]any, http.Header) {
		t.Helper()
		r, err := http.NewRequestWithContext(within(t, 10*time.Second), method, "https://"+HubName+path+
			"?api-version=2021-04-12", bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", token.Reveal())
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		var o map[string]any
		_ = json.Unmarshal(b, &o) // of an empty body there is nothing to read
		return response.StatusCode, o, response.Header
	}
	const twinPath = "/twins/lab-device/modules/edgenet"
	status, twin, header := call("GET", twinPath, "")
	etag, _ := twin["etag"].(string)
	if status != 200 || twin["moduleId"] != "edgenet" || twin["connectionState"] != "Disconnected" ||
		header.Get("ETag") != `"`+etag+`"` {
		t.Fatalf("GET: %d %v %v", status, twin, header)
	}
	if status, _, h := call("PATCH", twinPath, `{"properties":{"desired":{"a":1}}}`, "If-Match",
		`"stale"`); status != 412 || h.Get("Iothub-Errorcode") != "PreconditionFailed" {
		t.Errorf("PATCH with a stale ETag: %d", status)
	}
	status, twin, _ = call("PATCH", twinPath, `{"properties":{"desired":{"a":1,"b":{"c":2}}}}`, "If-Match",
		`"`+etag+`"`)
	if status != 200 || twin["etag"] == etag {
		t.Errorf("PATCH: %d %v", status, twin)
	}
	status, twin, _ = call("PUT", twinPath, `{"properties":{"desired":{"only":1}}}`, "If-Match", "*")
	properties, _ := twin["properties"].(map[string]any)
	desired, _ := properties["desired"].(map[string]any)
	if status != 200 || desired["only"] != float64(1) || desired["a"] != nil || desired["$version"] != float64(3) ||
		desired["$metadata"] == nil {
		t.Errorf("PUT: %d %v", status, desired)
	}
	if status, twin, _ := call("PATCH", "/twins/lab-device", `{"tags":{"site":"north"}}`); status != 200 ||
		fmt.Sprint(twin["tags"]) != "map[site:north]" {
		t.Errorf("tags: %d %v", status, twin["tags"])
	}
	if status, _, _ := call("PATCH", "/twins/lab-device", `{"tags":{"x":"`+strings.Repeat("x", 4000)+`","y":"`+
		strings.Repeat("x", 4095)+`"},"properties":{"desired":{"half":1}}}`); status != 200 {
		t.Errorf("8 KB of tags: %d", status)
	}
	if status, _, _ := call("PATCH", "/twins/lab-device", `{"properties":{"desired":{"half":2}},"tags":{"z":"`+
		strings.Repeat("x", 200)+`"}}`); status != 400 {
		t.Errorf("too many tags: %d", status)
	}
	if _, twin, _ := call("GET", "/twins/lab-device", ""); !strings.Contains(fmt.Sprint(twin["properties"]), "half:1") {
		t.Errorf("half of a refused change was made: %v", twin["properties"])
	}
	if status, _, h := call("GET", "/twins/nobody", ""); status != 404 ||
		h.Get("Iothub-Errorcode") != "DeviceNotFound" {
		t.Errorf("nobody: %d", status)
	}
	if status, o, h := call("POST", twinPath+"/methods",
		`{"methodName":"check","responseTimeoutInSeconds":5}`); status != 404 ||
		h.Get("Iothub-Errorcode") != "DeviceNotOnline" {
		t.Errorf("method, offline: %d %v", status, o)
	}
	newMQTTClient(t, l, "mqtts", module).serve(t)
	if status, o, _ := call("POST", twinPath+"/methods", `{"methodName":"check","payload":{"x":1}}`); status != 200 ||
		o["status"] != float64(200) || fmt.Sprint(o["payload"]) != "map[method:check payload:map[x:1]]" {
		t.Errorf("method: %d %v", status, o)
	}
	if status := statusOf(t, client, "https://"+HubName+"/twins/lab-device?api-version=2021-04-12"); status != 401 {
		t.Errorf("a stranger: %d", status)
	}
}
