package amqp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/amqp"
	"edgenet/internal/lab/hub"
)

// dialogue is the client of the recorded session, against the lab's hub.
type dialogue struct {
	t  *testing.T
	nc net.Conn
}

func (d *dialogue) write(b []byte) {
	d.t.Helper()
	if _, err := d.nc.Write(b); err != nil {
		d.t.Fatal(err)
	}
}

func (d *dialogue) send(p amqp.Performative, payload []byte) {
	d.t.Helper()
	d.write(amqp.AppendFrame(p, payload))
}

// read reads n bytes, or a whole frame where n is 0.
func (d *dialogue) read(n int) []byte {
	d.t.Helper()
	_ = d.nc.SetReadDeadline(time.Now().Add(5 * time.Second))
	head := make([]byte, max(n, 4))
	if _, err := io.ReadFull(d.nc, head); err != nil {
		d.t.Fatal(err)
	}
	if n > 0 {
		return head
	}
	rest := make([]byte, binary.BigEndian.Uint32(head)-4)
	if _, err := io.ReadFull(d.nc, rest); err != nil {
		d.t.Fatal(err)
	}
	return append(head, rest...)
}

// exactly holds what comes against recorded frame n, byte by byte.
func (d *dialogue) exactly(n int) {
	d.t.Helper()
	want := amqp.Recorded(d.t, n)
	size := 0
	if n == 0 || n == 3 {
		size = 8
	}
	if got := d.read(size); !bytes.Equal(got, want) {
		d.t.Errorf("frame %d:\n got %x\nwant %x", n, got, want)
	}
}

// like holds what comes against recorded frame n but for some fields, and
// returns the two payloads.
func (d *dialogue) like(n int, except ...int) (got, want []byte) {
	d.t.Helper()
	b := d.read(0)
	p, payload, err := amqp.ReadPerformative(b)
	if err != nil {
		d.t.Fatalf("frame %d: %v", n, err)
	}
	q, recorded, err := amqp.ReadPerformative(amqp.Recorded(d.t, n))
	if err != nil {
		d.t.Fatal(err)
	}
	mine, theirs := amqp.List(p), amqp.List(q)
	if reflect.TypeOf(p) == reflect.TypeOf(q) {
		for _, i := range except {
			mine[i], theirs[i] = nil, nil
		}
	}
	if !reflect.DeepEqual(mine, theirs) {
		d.t.Errorf("frame %d:\n got %T %v\nwant %T %v", n, p, mine, q, theirs)
	}
	return payload, recorded
}

// attach opens the link of recorded frame n: what the hub answered is what the
// client asked for, with the roles the other way round.
func (d *dialogue) attach(n int) *amqp.Attach {
	d.t.Helper()
	p, _, err := amqp.ReadPerformative(amqp.Recorded(d.t, n))
	if err != nil {
		d.t.Fatal(err)
	}
	a, ok := p.(*amqp.Attach)
	if !ok {
		d.t.Fatalf("frame %d is %T", n, p)
	}
	mine := *a
	mine.Role = !a.Role
	mine.InitialDeliveryCount = nil
	if mine.Role == amqp.RoleSender {
		zero := uint32(0)
		mine.InitialDeliveryCount = &zero
	}
	d.send(&mine, nil)
	return &mine
}

// credit lets the hub send on a link.
func (d *dialogue) credit(handle uint32) {
	n, next := uint32(100), uint32(0)
	d.send(&amqp.Flow{NextIncomingID: &next, IncomingWindow: 100, OutgoingWindow: 100, Handle: &handle, LinkCredit: &n},
		nil)
}

func (d *dialogue) request(handle, id uint32, m *amqp.Message) {
	format := uint32(0)
	d.send(&amqp.Transfer{Handle: handle, DeliveryID: &id, DeliveryTag: []byte{byte(id)}, MessageFormat: &format},
		m.Encode())
}

// The lab's hub, spoken to like the real one in the recorded session, says the
// same: byte by byte where nothing in it is made up anew each time.
func TestRecordedDialogue(t *testing.T) {
	d, h, id := startDialogue(t)
	d.write(amqp.HeaderSASL[:])
	d.exactly(0)
	d.exactly(1)
	d.write(amqp.EncodeSASL(&amqp.Init{Mechanism: "ANONYMOUS"}))
	d.exactly(2)
	d.write(amqp.HeaderAMQP[:])
	d.exactly(3)
	d.send(&amqp.Open{ContainerID: "client", MaxFrameSize: 65536, ChannelMax: 1}, nil)
	d.like(4, 0) // the container id is random
	d.send(&amqp.Begin{IncomingWindow: 100, OutgoingWindow: 100, HandleMax: 100}, nil)
	d.exactly(5)
	d.attach(6)
	d.exactly(6)
	d.exactly(7)
	d.attach(8)
	d.exactly(8)
	d.credit(1)
	d.request(0, 0, &amqp.Message{
		Properties: &amqp.Properties{MessageID: uint64(0)},
		ApplicationProperties: amqp.Map{
			{Key: "operation", Value: "put-token"}, {Key: "type", Value: "servicebus.windows.net:sastoken"},
			{Key: "name", Value: h.Name() + "/devices/" + id.Device},
		},
		Value: tokenOf(t, h, id),
	})
	d.exactly(9)
	d.exactly(10)
	// The real hub counts its window down, and the recorded client had sent more.
	const incomingID, outgoingWindow = 0, 3
	d.attach(11)
	d.exactly(11)
	d.like(12, outgoingWindow)
	d.attach(14)
	d.exactly(14)
	d.like(15, outgoingWindow)
	d.attach(13)
	d.exactly(13)
	d.attach(16)
	d.exactly(16)
	d.credit(5)
	d.attach(19)
	d.exactly(19)
	d.like(20, incomingID, outgoingWindow)
	d.attach(21)
	d.exactly(21)
	twinDialogue(t, d)
}

// twinDialogue gets the twin and subscribes, as recorded.
func twinDialogue(t *testing.T, d *dialogue) {
	t.Helper()
	const tag, first = 2, 1
	d.request(3, 1, &amqp.Message{
		Annotations: amqp.Map{{Key: amqp.Symbol("operation"), Value: "GET"}},
		Properties:  &amqp.Properties{CorrelationID: "one"}, Data: [][]byte{[]byte(" ")},
	})
	d.like(17, first)
	got, want := d.like(22, tag)
	sameMessage(t, got, want)
	d.request(3, 2, &amqp.Message{
		Annotations: amqp.Map{
			{Key: amqp.Symbol("operation"), Value: "PUT"},
			{Key: amqp.Symbol("resource"), Value: "/notifications/twin/properties/desired"},
		},
		Properties: &amqp.Properties{CorrelationID: "two"}, Data: [][]byte{[]byte(" ")},
	})
	d.like(26, first)
	const deliveryID = 1 // the recorded client had asked twice before
	got, want = d.like(25, deliveryID, tag)
	sameMessage(t, got, want)
}

// sameMessage compares messages but for the correlation id and JSON's order.
func sameMessage(t *testing.T, a, b []byte) {
	t.Helper()
	var sides [2]map[string]any
	for i, raw := range [][]byte{a, b} {
		m, err := amqp.DecodeMessage(raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := m.Properties.CorrelationID.(string); !ok {
			t.Errorf("correlation-id is %T", m.Properties.CorrelationID)
		}
		m.Properties.CorrelationID = nil
		var body any
		if len(m.Data) > 0 && json.Unmarshal(m.Body(), &body) != nil {
			t.Errorf("the body is no JSON: %q", m.Body())
		}
		sides[i] = map[string]any{"annotations": m.Annotations, "properties": *m.Properties,
			"application": m.ApplicationProperties, "body": body, "sections": len(m.Data)}
	}
	if !reflect.DeepEqual(sides[0], sides[1]) {
		t.Errorf("\n got %v\nwant %v", sides[0], sides[1])
	}
}

// startDialogue makes a hub of the recorded name with the recorded device, whose
// twin is the recorded one.
func startDialogue(t *testing.T) (*dialogue, *hub.Hub, hub.Identity) {
	t.Helper()
	p, _, err := amqp.ReadPerformative(amqp.Recorded(t, 14))
	if err != nil {
		t.Fatal(err)
	}
	address := p.(*amqp.Attach)
	address.Role = amqp.RoleSender
	host, path, _ := strings.Cut(strings.TrimPrefix(address.Address(), "amqps://"), "/devices/")
	device, _, _ := strings.Cut(path, "/")
	_, payload, err := amqp.ReadPerformative(amqp.Recorded(t, 22))
	if err != nil {
		t.Fatal(err)
	}
	m, err := amqp.DecodeMessage(payload)
	if err != nil {
		t.Fatal(err)
	}
	var twin struct {
		Desired json.RawMessage `json:"desired"`
	}
	if err := json.Unmarshal(m.Body(), &twin); err != nil {
		t.Fatal(err)
	}
	return dialogueWith(t, host, device, twin.Desired)
}

// dialogueWith makes a hub with one device and its twin.
func dialogueWith(t *testing.T, host, device string, desired json.RawMessage) (*dialogue, *hub.Hub, hub.Identity) {
	t.Helper()
	log := func(string, string, string) {}
	h := hub.New(host, log, nil)
	id := hub.Identity{Device: device}
	if _, err := h.Add(id); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SetDesired(id, desired); err != nil {
		t.Fatal(err)
	}
	return &dialogue{t, serve(t, &hub.Head{Backend: h, Log: log})}, h, id
}

// serve runs a head behind a real socket and returns the client's end.
func serve(t *testing.T, head *hub.Head) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if nc, err := l.Accept(); err == nil {
			_ = head.ServeAMQP(ctx, nc) // how it ends does not matter here
		}
	}()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close(); cancel(); _ = l.Close(); <-done })
	return nc
}

func tokenOf(t *testing.T, h *hub.Hub, id hub.Identity) string {
	t.Helper()
	key, err := h.Key(id)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(iothub.DeviceResource(h.Name(), id.Device, ""), "", time.Now().Add(time.Hour), sign)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}
