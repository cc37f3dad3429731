package amqp_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"edgenet/internal/lab/amqp"
)

// says holds what comes against bytes.
func (d *dialogue) says(what string, want []byte) {
	d.t.Helper()
	size := 0
	if len(want) == 8 {
		size = 8
	}
	if got := d.read(size); string(got) != string(want) {
		d.t.Errorf("%s:\n got %x\nwant %x", what, got, want)
	}
}

// answer reads a performative of one type, with what it carries.
func answer[P amqp.Performative](d *dialogue) (P, []byte) {
	d.t.Helper()
	p, payload, err := amqp.ReadPerformative(d.read(0))
	if err != nil {
		d.t.Fatal(err)
	}
	x, ok := p.(P)
	if !ok {
		d.t.Fatalf("%T %v came, and not %T", p, p, x)
	}
	return x, payload
}

// link attaches a link of our own, and wants the hub's answer to be the same with the roles
// the other way round, and credit where the hub receives.
func (d *dialogue) link(handle uint32, role amqp.Role, address string) {
	d.t.Helper()
	a := &amqp.Attach{Name: address, Handle: handle, Role: role, SndSettleMode: new(uint8), RcvSettleMode: new(uint8),
		Source: amqp.Described{Descriptor: uint64(0x28), Value: []any{address}},
		Target: amqp.Described{Descriptor: uint64(0x29), Value: []any{address}}}
	if role == amqp.RoleSender {
		a.InitialDeliveryCount = new(uint32)
	}
	d.send(a, nil)
	back, _ := answer[*amqp.Attach](d)
	if back.Name != a.Name || back.Role == a.Role || back.Address() != address {
		d.t.Errorf("%s is answered with %+v", address, back)
	}
	if role == amqp.RoleSender {
		if f, _ := answer[*amqp.Flow](d); f.LinkCredit == nil || *f.LinkCredit == 0 {
			d.t.Errorf("no credit for %s: %+v", address, f)
		}
	} else {
		d.credit(handle)
	}
}

// TestOwnDialogue is the recorded session with a hub, a device and a twin of our own.
func TestOwnDialogue(t *testing.T) {
	t.Parallel()
	d, h, id := dialogueWith(t, "own.example", "d1", json.RawMessage(`{"a":1}`))
	d.write(amqp.HeaderSASL[:])
	d.says("the header", amqp.HeaderSASL[:])
	d.says("what it offers",
		amqp.EncodeSASL(&amqp.Mechanisms{Names: []amqp.Symbol{"EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"}}))
	d.write(amqp.EncodeSASL(&amqp.Init{Mechanism: "ANONYMOUS"}))
	d.says("the outcome", amqp.EncodeSASL(&amqp.Outcome{Code: amqp.SASLOK, Additional: []byte("Welcome!")}))
	d.write(amqp.HeaderAMQP[:])
	d.says("the second header", amqp.HeaderAMQP[:])
	d.send(&amqp.Open{ContainerID: "client", MaxFrameSize: 65536, ChannelMax: 1}, nil)
	if o, _ := answer[*amqp.Open](d); o.MaxFrameSize != 65536 || o.ChannelMax != 8191 || o.IdleTimeout == nil ||
		*o.IdleTimeout != 240000 || o.ContainerID == "" {
		t.Errorf("opened with %+v", o)
	}
	d.send(&amqp.Begin{IncomingWindow: 100, OutgoingWindow: 100, HandleMax: 100}, nil)
	if b, _ := answer[*amqp.Begin](d); b.IncomingWindow != 5000 || b.HandleMax != 262143 || b.RemoteChannel == nil {
		t.Errorf("began with %+v", b)
	}
	d.link(0, amqp.RoleSender, "$cbs")
	d.link(1, amqp.RoleReceiver, "$cbs")
	d.request(0, 0, &amqp.Message{Properties: &amqp.Properties{MessageID: "own-1"},
		ApplicationProperties: amqp.Map{{Key: "operation", Value: "put-token"},
			{Key: "type", Value: "servicebus.windows.net:sastoken"}, {Key: "name", Value: "own.example/devices/d1"}},
		Value: tokenOf(t, h, id)})
	if s, _ := answer[*amqp.Disposition](d); !s.Settled || s.Role != amqp.RoleReceiver {
		t.Errorf("the token is settled with %+v", s)
	}
	tr, payload := answer[*amqp.Transfer](d)
	m, err := amqp.DecodeMessage(payload)
	if err != nil || tr.Handle != 1 || m.Properties.CorrelationID != any("own-1") {
		t.Fatalf("%+v, %+v, %v", tr, m, err)
	}
	want := amqp.Map{{Key: "status-code", Value: int32(200)}, {Key: "status-description", Value: "OK"}}
	if !reflect.DeepEqual(m.ApplicationProperties, want) || len(m.Data) != 0 {
		t.Errorf("the token is answered with %+v", m)
	}
}
