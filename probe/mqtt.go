package probe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/neterr"
	"edgenet/internal/secret"
	"edgenet/report"
)

// connackMeanings are MQTT 3.1.1's return codes (section 3.2.2.3).
var connackMeanings = map[int]string{0: "accepted", 1: "unacceptable protocol version", 2: "identifier rejected",
	3: "server unavailable", 4: "bad user name or password", 5: "not authorized"}

// sessionPresent is the one flag of a CONNACK; the others are reserved and 0 (MQTT 3.1.1,
// section 3.2.2.1).
const sessionPresent = 1

// mqtt sends CONNECT and reads CONNACK. Without an identity a made-up one is refused
// by the service itself (4 or 5), which proves that the service answers.
func (a *attempt) mqtt(ctx context.Context, s *stream) *hop.Fault {
	login, err := a.mqttLogin()
	if err != nil {
		return a.beginAuth().noToken(err)
	}
	m := a.trace.Begin(report.HopTarget, report.StageMQTT)
	d := &report.MQTTDetail{}
	if err := mqttConnect(login).Write(s); err != nil {
		return a.failMQTT(m, d, s, err, nil)
	}
	raw := make([]byte, 4) // a CONNACK has four bytes, whatever a length byte claims
	n, err := io.ReadFull(s, raw)
	raw = raw[:n]
	if err != nil || raw[0] != 0x20 || raw[1] != 2 || raw[2]&^sessionPresent != 0 {
		return a.failMQTT(m, d, s, err, raw)
	}
	p, err := packets.ReadPacket(bytes.NewReader(raw))
	ack, ok := p.(*packets.ConnackPacket)
	if err != nil || !ok || ack.ReturnCode > 5 {
		return a.failMQTT(m, d, s, err, raw)
	}
	code := int(ack.ReturnCode)
	d.ReturnCode, d.Meaning = &code, connackMeanings[code]
	if code >= 1 && code <= 3 {
		d.At = a.env.UTC()
		return m.Fail(hop.Fault{Cause: report.MQTTRefused,
			Summary: fmt.Sprintf("%s is reached and refuses MQTT with return code %d (%s)", a.Host, code, d.Meaning)},
			d)
	}
	m.OK(d)
	a.prove()
	if code == 0 { // who refuses closes by itself (MQTT 3.1.1, section 3.2.2.3), and hears no goodbye
		_ = packets.NewControlPacket(packets.Disconnect).Write(s) // nobody waits for an answer
		a.after(func() { s.leave(ctx) })
	}
	if a.Depth == DepthAuth {
		return a.authMQTT(code)
	}
	return nil
}

// login is what a CONNECT says of who it is.
type login struct {
	clientID, user string
	password       secret.Value
}

// mqttLogin gives the identity of the run, or the made-up one with a token that is well
// formed and wrongly signed: the refusal must be about authentication, not syntax.
func (a *attempt) mqttLogin() (login, error) {
	if a.Depth == DepthAuth && a.Identity != nil {
		l, err := a.Identity.mqttLogin(a.env.Clock())
		a.trace.Sent(l.password)
		return l, err
	}
	sign, err := iothub.KeySigner(secret.New("ZWRnZW5ldCBwcm9iZSwgbm8ga2V5IGF0IGFsbA=="))
	if err != nil {
		return login{}, err
	}
	token, err := iothub.NewToken(iothub.DeviceResource(a.Host, madeUpDevice, ""), "",
		a.env.Clock().Add(10*time.Minute), sign)
	return login{madeUpDevice, a.Host + "/" + madeUpDevice + "/?api-version=" + apiVersion, token}, err
}

func mqttConnect(l login) *packets.ConnectPacket {
	c := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	c.ProtocolName, c.ProtocolVersion = "MQTT", 4
	c.CleanSession, c.Keepalive = true, 60
	c.ClientIdentifier = l.clientID
	c.UsernameFlag, c.Username = true, l.user
	if !l.password.IsZero() {
		c.PasswordFlag, c.Password = true, []byte(l.password.Reveal())
	}
	return c
}

// failMQTT is the classifier of what came in place of a CONNACK.
func (a *attempt) failMQTT(m *hop.Move, d *report.MQTTDetail, s *stream, err error, raw []byte) *hop.Fault {
	d.At, d.Error, d.FirstBytes = a.env.UTC(), neterr.Text(err), report.CleanBytes(raw, 16)
	if len(raw) == 0 && err != nil {
		if f := s.session.ClientRefusal(err); f != nil {
			return f
		}
	}
	how := silenceOf(err, s)
	switch {
	case len(raw) > 0 && (raw[0] != 0x20 || len(raw) > 1 && raw[1] != 2 || len(raw) == 4):
		return m.Fail(hop.Fault{Cause: report.MQTTNotMQTT,
			Summary: fmt.Sprintf("what answers at %s is not an MQTT CONNACK: %s", a.Host, d.FirstBytes)}, d)
	case how == timedOut:
		return m.Fail(hop.Fault{Cause: report.MQTTTimeout,
			Summary: fmt.Sprintf("TLS with %s is up, and MQTT's CONNECT got no answer within %s", a.Host,
				hop.Seconds(m.Elapsed()))}, d)
	case how == garbled:
		return a.wsGarbled(err)
	case how == cut && len(raw) == 0:
		return a.wsCut(err)
	case how == closed || how == cut:
		return m.Fail(hop.Fault{Cause: report.MQTTClosed, Summary: fmt.Sprintf("TLS with %s is up, and the "+
			"connection was closed before MQTT's CONNACK: by a middlebox, or by the service", a.Host)}, d)
	}
	return m.Fail(hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("MQTT with %s failed: %s", a.Host, d.Error)}, d)
}
