package lab

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/lab/mqtt"
)

// dpsPacket reads the next packet of a type.
func dpsPacket(t *testing.T, r *bufio.Reader, kind byte) mqtt.Packet {
	t.Helper()
	p, err := mqtt.Read(r, 1<<16)
	if err != nil || p.Type != kind {
		t.Fatalf("packet %v, %v; want type %d", p, err, kind)
	}
	return p
}

// Over MQTT, and over MQTT in a WebSocket: the topics of the vendor's SDKs.
func TestDPSOverMQTT(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	user := DPSScope + "/registrations/" + RegistrationID + "/api-version=2019-03-31&ClientVersion=test"
	for _, place := range []string{"dpsMqtts", "dpsHttps /$iothub/websocket", "dpsHttps /mqtt"} {
		nc := dpsDial(t, l, place)
		r := bufio.NewReader(nc)
		say := func(b []byte) {
			t.Helper()
			if _, err := nc.Write(b); err != nil {
				t.Fatal(err)
			}
		}
		say(mqttConnect(RegistrationID, user, dpsToken(t, l.DPS().Key(RegistrationID), RegistrationID, soon(), false)))
		if p := dpsPacket(t, r, mqtt.TypeConnack); p.Body[1] != mqtt.Accepted {
			t.Fatalf("%s: CONNACK %d", place, p.Body[1])
		}
		say(mqttSubscribe(1, "$dps/registrations/res/#"))
		dpsPacket(t, r, mqtt.TypeSuback)
		ask := func(topic, body string) (string, dpsAnswer) {
			t.Helper()
			say(mqtt.Publish{Topic: topic, Payload: []byte(body), QoS: 1, ID: 7}.Encode())
			dpsPacket(t, r, mqtt.TypePuback)
			m, err := dpsPacket(t, r, mqtt.TypePublish).Publish()
			if err != nil {
				t.Fatal(err)
			}
			var a dpsAnswer
			if err := json.Unmarshal(m.Payload, &a); err != nil {
				t.Fatal(err)
			}
			return m.Topic, a
		}
		topic, a := ask("$dps/registrations/PUT/iotdps-register/?$rid=one", `{"registrationId":"`+RegistrationID+`"}`)
		if topic != "$dps/registrations/res/202/?$rid=one&retry-after=3" || a.Status != "assigning" {
			t.Fatalf("%s: %s %+v", place, topic, a)
		}
		id := a.OperationID
		for deadline := time.Now().Add(20 * time.Second); a.Status == "assigning" && time.Now().Before(deadline); {
			time.Sleep(100 * time.Millisecond)
			topic, a = ask("$dps/registrations/GET/iotdps-get-operationstatus/?$rid=two&operationId="+id, " ")
		}
		if topic != "$dps/registrations/res/200/?$rid=two" || a.RegistrationState.AssignedHub != HubName {
			t.Errorf("%s: %s %+v", place, topic, a)
		}
		if topic, a = ask("$dps/registrations/PUT/iotdps-register/?$rid=three", "{"); a.ErrorCode/1000 != 400 ||
			topic != "$dps/registrations/res/400/?$rid=three" {
			t.Errorf("%s: %s %+v", place, topic, a)
		}
		say(mqttSubscribe(2, "devices/x/#"))
		if _, err := mqtt.Read(r, 1<<16); err == nil {
			t.Errorf("%s: a topic of the hub's is taken", place)
		}
	}
}

func TestDPSRefusesMQTT(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	good := dpsToken(t, l.DPS().Key(RegistrationID), RegistrationID, soon(), false)
	path := DPSScope + "/registrations/" + RegistrationID
	for name, row := range map[string]struct {
		client, user, password string
		want                   byte
	}{
		"good":           {RegistrationID, path + "/api-version=2019-03-31", good, mqtt.Accepted},
		"other password": {RegistrationID, path + "/api-version=2019-03-31", "x", mqtt.NotAuthorized},
		"no version":     {RegistrationID, path + "/ClientVersion=x", good, mqtt.NotAuthorized},
		"a hub's name": {RegistrationID, HubName + "/" + RegistrationID + "/?api-version=2019-03-31", good,
			mqtt.NotAuthorized},
		"another client": {"x", path + "/?api-version=2019-03-31", good, mqtt.IdentifierRejected},
	} {
		nc := dpsDial(t, l, "dpsMqtts")
		if _, err := nc.Write(mqttConnect(row.client, row.user, row.password)); err != nil {
			t.Fatal(err)
		}
		if p := dpsPacket(t, bufio.NewReader(nc), mqtt.TypeConnack); p.Body[1] != row.want {
			t.Errorf("%s: CONNACK %d, want %d", name, p.Body[1], row.want)
		}
	}
}

// Faults of the service's ports hit it and nothing else.
func TestDPSFaults(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Faults: []Fault{{Place: "dpsHttps", Name: "status", Arg: "503"},
		{Place: "dpsMqtts", Name: "mqtt-connack", Arg: "3"}}})
	resp, err := dpsClient(t, l, "dpsHttps", "", nil).Get("https://" + DPSName + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 503 {
		t.Errorf("%d", resp.StatusCode)
	}
	nc := dpsDial(t, l, "dpsMqtts")
	if _, err := nc.Write(mqttConnect("a", "b", "c")); err != nil {
		t.Fatal(err)
	}
	if p := dpsPacket(t, bufio.NewReader(nc), mqtt.TypeConnack); p.Body[1] != mqtt.ServerUnavailable {
		t.Errorf("CONNACK %d", p.Body[1])
	}
}

// dialPlace leads a client to a place, whatever name it asks for.
func dialPlace(l *Lab, place string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", l.ports[place].address)
	}
}

// dpsDial opens a connection that MQTT goes over at a place.
func dpsDial(t *testing.T, l *Lab, place string) net.Conn {
	t.Helper()
	place, path, _ := strings.Cut(place, " ") // of a WebSocket
	nc, err := tls.Dial("tcp", l.ports[place].address, clientTLS(l, DPSName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	if place != "dpsHttps" {
		return nc
	}
	tr := &http.Transport{TLSClientConfig: clientTLS(l, DPSName), DialContext: dialPlace(l, place)}
	t.Cleanup(tr.CloseIdleConnections)
	ctx := within(t, 30*time.Second)
	ws, _, err := websocket.Dial(ctx, "wss://"+DPSName+path, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: tr}, Subprotocols: []string{"mqtt"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return websocket.NetConn(ctx, ws, websocket.MessageBinary)
}

// mqttConnect and mqttSubscribe are written by hand: the lab's own codec reads them.
func mqttConnect(client, user, password string) []byte {
	var b bytes.Buffer
	b.WriteString("\x00\x04MQTT\x04\xc2\x00\x3c")
	for _, text := range []string{client, user, password} {
		b.Write([]byte{byte(len(text) >> 8), byte(len(text))})
		b.WriteString(text)
	}
	return mqttPacket(mqtt.TypeConnect<<4, b.Bytes())
}

func mqttSubscribe(id byte, filter string) []byte {
	body := append([]byte{0, id, byte(len(filter) >> 8), byte(len(filter))}, filter...)
	return mqttPacket(mqtt.TypeSubscribe<<4|2, append(body, 0))
}

func mqttPacket(first byte, body []byte) []byte {
	n := len(body)
	return append([]byte{first, byte(n&127 | 128), byte(n >> 7)}, body...)
}
