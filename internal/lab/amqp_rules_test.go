package lab

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	goamqp "github.com/Azure/go-amqp"

	"edgenet/internal/lab/hub"
)

// openWith opens a connection with options and a session as the module.
func openWith(t *testing.T, l *Lab, place string, o *goamqp.ConnOptions) (*goamqp.Conn, *goamqp.Session) {
	t.Helper()
	conn, err := goamqp.NewConn(within(t, 5*time.Second), mustDial(t, l, place), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s, err := conn.NewSession(within(t, 5*time.Second), nil)
	if err != nil {
		t.Fatal(err)
	}
	if status := putToken(t, s, HubName+path(module), tokenFor(t, l, module, nextHour())); status != 200 {
		t.Fatalf("CBS: %d", status)
	}
	return conn, s
}

// A client that takes small frames gets a large twin in many of them.
func TestSmallFrames(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for i := range 5 {
		if _, err := l.Hub().SetDesired(module,
			fmt.Appendf(nil, `{"k%d":%q}`, i, strings.Repeat("x", 4000))); err != nil {
			t.Fatal(err)
		}
	}
	_, s := openWith(t, l, "amqps", &goamqp.ConnOptions{MaxFrameSize: 512})
	c := &amqpClient{id: module, session: s}
	c.answers = c.receiver(t, "/twin", "twin")
	c.requests = c.sender(t, "/twin", "twin")
	desired, _ := c.get(t)["desired"].(map[string]any)
	for i := range 5 {
		if text, _ := desired[fmt.Sprintf("k%d", i)].(string); len(text) != 4000 {
			t.Errorf("k%d has %d bytes", i, len(text))
		}
	}
}

// Messages up to 256 KiB arrive, in many frames; longer ones end the link, not the
// connection.
func TestMessageSize(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	conn, s := openWith(t, l, "amqps", nil)
	send := func(size int) error {
		events, err := s.NewSender(within(t, 5*time.Second), path(module)+"/messages/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		return events.Send(within(t, 5*time.Second), goamqp.NewMessage(bytes.Repeat([]byte("x"), size)), nil)
	}
	if err := send(256 << 10); err != nil {
		t.Errorf("256 KiB: %v", err)
	}
	if m := l.Hub().Telemetry(); len(m) != 1 || len(m[0].Body) != 256<<10 {
		t.Errorf("%d messages arrived", len(m))
	}
	for _, size := range []int{256<<10 + 1, 1<<20 + 1} {
		if err := send(size); err == nil {
			t.Errorf("%d bytes are taken", size)
		}
	}
	if conn.Err() != nil {
		t.Errorf("the connection ended: %v", conn.Err())
	}
	if err := send(1); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A batch of telemetry is so many messages.
func TestBatch(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	_, s := openWith(t, l, "amqps", nil)
	events, err := s.NewSender(within(t, 5*time.Second), path(module)+"/messages/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := &goamqp.Message{Format: 0x80013700}
	for i := range 3 {
		b, err := goamqp.NewMessage([]byte{byte('a' + i)}).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		batch.Data = append(batch.Data, b)
	}
	if err := events.Send(within(t, 5*time.Second), batch, nil); err != nil {
		t.Fatal(err)
	}
	var got string
	for _, m := range l.Hub().Telemetry() {
		got += string(m.Body)
	}
	if got != "abc" {
		t.Errorf("arrived %q", got)
	}
}

// Credit that a client gives by itself, and takes back by draining.
func TestDrain(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	_, s := openWith(t, l, "amqps", nil)
	receiver, err := s.NewReceiver(within(t, 5*time.Second), path(module)+"/twin", &goamqp.ReceiverOptions{Credit: -1})
	if err != nil {
		t.Fatal(err)
	}
	c := &amqpClient{id: module, session: s, answers: receiver}
	c.requests = c.sender(t, "/twin", "twin")
	if err := receiver.IssueCredit(5); err != nil {
		t.Fatal(err)
	}
	if err := receiver.DrainCredit(within(t, 5*time.Second), nil); err != nil {
		t.Fatalf("drain: %v", err)
	}
	// Without credit the answer waits.
	err = c.requests.Send(within(t, 5*time.Second), &goamqp.Message{
		Annotations: goamqp.Annotations{"operation": "GET"}, Properties: &goamqp.MessageProperties{CorrelationID: "x"},
		Data: [][]byte{[]byte(" ")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := receiver.Receive(within(t, patience/3), nil); err == nil {
		t.Fatalf("came without credit: %v", m)
	}
	if err := receiver.IssueCredit(1); err != nil {
		t.Fatal(err)
	}
	if m, err := receiver.Receive(within(t, 5*time.Second), nil); err != nil || m.Properties.CorrelationID != any("x") {
		t.Errorf("%v, %v", m, err)
	}
}

// Heartbeats keep a client that wants one a second; edgeHub refuses below five.
func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	short := &goamqp.ConnOptions{IdleTimeout: 2 * time.Second} // announced as half of it
	conn, _ := openWith(t, l, "amqps", short)
	select {
	case <-conn.Done():
		t.Errorf("the hub sent no heartbeats: %v", conn.Err())
	case <-time.After(4 * time.Second):
	}
	refused, err := goamqp.NewConn(within(t, 5*time.Second), mustDial(t, l, "edgeAmqps"), short)
	if err == nil {
		_, err = refused.NewSession(within(t, 5*time.Second), nil)
		_ = refused.Close()
	}
	var closed *goamqp.ConnError
	if !errors.As(err, &closed) || closed.RemoteErr == nil || closed.RemoteErr.Condition != "amqp:not-allowed" {
		t.Errorf("edgeHub, one second: %v", err)
	}
}

// Addresses that lead nowhere.
func TestAddresses(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	_, s := openWith(t, l, "amqps", nil)
	for _, address := range []string{"", "nowhere", path(module) + "/nowhere", "/devices//twin", path(module) +
		"/messages/devicebound"} {
		_, err := s.NewReceiver(within(t, 5*time.Second), address, nil)
		var refused *goamqp.Error
		if !errors.As(err, &refused) || refused.Condition != "amqp:not-found" {
			t.Errorf("%q: %v", address, err)
		}
	}
	other := path(hub.Identity{Device: DeviceID, Module: "$edgeAgent"}) + "/twin"
	if _, err := s.NewReceiver(within(t, 5*time.Second), other, nil); err == nil {
		t.Error("another module's twin opened")
	}
	// A module's inputs open, and stay empty.
	if _, err := s.NewReceiver(within(t, 5*time.Second), path(module)+"/messages/events", nil); err != nil {
		t.Error(err)
	}
}
