package lab

import (
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"edgenet/internal/lab/hub"
)

// connectRaw logs the device in packet by packet and returns its CONNACK.
func connectRaw(t *testing.T, nc net.Conn, l *Lab, change func(*packets.ConnectPacket)) *packets.ConnackPacket {
	t.Helper()
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.CleanSession, p.Keepalive = "MQTT", 4, true, 60
	p.ClientIdentifier, p.Username, p.UsernameFlag = DeviceID, HubName+"/"+DeviceID+"/?api-version=2021-04-12", true
	p.Password, p.PasswordFlag = []byte(tokenFor(t, l, device, nextHour())), true
	if change != nil {
		change(p)
	}
	write(t, nc, p)
	ack, ok := read(t, nc).(*packets.ConnackPacket)
	if !ok {
		t.Fatal("the answer is no CONNACK")
	}
	return ack
}

func write(t *testing.T, nc net.Conn, p packets.ControlPacket) {
	t.Helper()
	if err := p.Write(nc); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, nc net.Conn) packets.ControlPacket {
	t.Helper()
	_ = nc.SetReadDeadline(time.Now().Add(plenty))
	p, err := packets.ReadPacket(nc)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// closedWithin tells whether the other side closes without another packet.
func closedWithin(nc net.Conn, d time.Duration) bool {
	_ = nc.SetReadDeadline(time.Now().Add(d))
	_, err := packets.ReadPacket(nc)
	return seen(err) == "closed" || seen(err) == "reset"
}

// Who is silent for one and a half times its keep-alive is thrown out, and who
// pings is not.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	short := func(p *packets.ConnectPacket) { p.Keepalive = 3 } // a busy machine alone breaks a shorter one
	silent := mustDial(t, l, "mqtts")
	connectRaw(t, silent, l, short)
	begin := time.Now()
	if !closedWithin(silent, plenty) || time.Since(begin) < 4400*time.Millisecond {
		t.Errorf("a silent client after %s", time.Since(begin))
	}
	pinging := mustDial(t, l, "mqtts")
	connectRaw(t, pinging, l, short)
	for range 11 {
		time.Sleep(500 * time.Millisecond)
		write(t, pinging, packets.NewControlPacket(packets.Pingreq))
		if _, ok := read(t, pinging).(*packets.PingrespPacket); !ok {
			t.Fatal("no PINGRESP")
		}
	}
}

// CleanSession 0 brings subscriptions back; 1 forgets them.
func TestMQTTSessions(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	login := func(clean bool) (net.Conn, bool) {
		nc := mustDial(t, l, "mqtts")
		ack := connectRaw(t, nc, l, func(p *packets.ConnectPacket) { p.CleanSession = clean })
		return nc, ack.SessionPresent
	}
	nc, present := login(false)
	if present {
		t.Error("a session before the first")
	}
	s := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	s.MessageID, s.Topics, s.Qoss = 7, []string{"$iothub/twin/PATCH/properties/desired/#", "$iothub/methods/POST/#"},
		[]byte{2, 0}
	write(t, nc, s)
	if ack, ok := read(t, nc).(*packets.SubackPacket); !ok || ack.MessageID != 7 ||
		string(ack.ReturnCodes) != "\x01\x00" {
		t.Errorf("SUBACK %v", ack)
	}
	_ = nc.Close()
	nc, present = login(false)
	if !present {
		t.Error("the session is forgotten")
	}
	eventually(t, "logged in", func() bool { return l.Hub().Connected(device) })
	if _, err := l.Hub().SetDesired(device, []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	if m, ok := read(t, nc).(*packets.PublishPacket); !ok ||
		m.TopicName != "$iothub/twin/PATCH/properties/desired/?$version=2" || m.Qos != 0 {
		t.Errorf("got %v", m)
	}
	u := packets.NewControlPacket(packets.Unsubscribe).(*packets.UnsubscribePacket)
	u.MessageID, u.Topics = 8, s.Topics
	write(t, nc, u)
	if ack, ok := read(t, nc).(*packets.UnsubackPacket); !ok || ack.MessageID != 8 {
		t.Errorf("UNSUBACK %v", ack)
	}
	_ = nc.Close()
	if _, present = login(true); present {
		t.Error("a clean session is not")
	}
}

// What is no login at all, or a second one, ends the connection without CONNACK.
func TestMQTTBeforeAndAfterConnect(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	first := mustDial(t, l, "mqtts")
	write(t, first, packets.NewControlPacket(packets.Pingreq))
	if !closedWithin(first, plenty) {
		t.Error("a first packet that is not CONNECT")
	}
	second := mustDial(t, l, "mqtts")
	connectRaw(t, second, l, nil)
	write(t, second, packets.NewControlPacket(packets.Connect))
	if !closedWithin(second, plenty) {
		t.Error("a second CONNECT")
	}
	old := mustDial(t, l, "mqtts")
	if ack := connectRaw(t, old, l, func(p *packets.ConnectPacket) {
		p.ProtocolName, p.ProtocolVersion = "MQIsdp",
			3
	}); ack.ReturnCode != 1 || !closedWithin(old, plenty) {
		t.Errorf("MQTT 3.1: %v", ack)
	}
	will := mustDial(t, l, "mqtts")
	ack := connectRaw(t, will, l, func(p *packets.ConnectPacket) {
		p.WillFlag, p.WillTopic, p.WillMessage = true, "devices/"+DeviceID+"/messages/events/", []byte("gone")
	})
	if ack.ReturnCode != 0 {
		t.Errorf("a will that is telemetry: %v", ack)
	}
	_ = will.Close()
	eventually(t, "the will arrives", func() bool { return arrived(l, "gone") })
	lying := mustDial(t, l, "edgeMqtts")
	if _, err := lying.Write([]byte{0x10, 0xff, 0xff, 0xff, 0x7f}); err != nil || !closedWithin(lying, plenty) {
		t.Errorf("a CONNECT of 256 MiB: %v", err)
	}
	disabled := hub.Identity{Device: DisabledDeviceID}
	if _, err := connectMQTT(t, mustDial(t, l, "mqtts"), disabled, HubName, disabled.Device,
		tokenFor(t, l, disabled, nextHour())); err == nil || err.Error() != "not Authorized" {
		t.Errorf("a disabled device: %v", err)
	}
}
