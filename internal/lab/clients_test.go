package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	goamqp "github.com/Azure/go-amqp"
	"github.com/coder/websocket"
	paho "github.com/eclipse/paho.mqtt.golang"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/hub"
)

var (
	device = hub.Identity{Device: DeviceID}
	module = hub.Identity{Device: DeviceID, Module: ModuleID}
)

// tokenFor makes a token with the identity's own key.
func tokenFor(t *testing.T, l *Lab, id hub.Identity, expiry time.Time) string {
	t.Helper()
	key, err := l.Hub().Key(id)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(iothub.DeviceResource(HubName, id.Device, id.Module), "", expiry, sign)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

func nextHour() time.Time { return time.Now().Add(time.Hour) }

// path is the start of an identity's link addresses.
func path(id hub.Identity) string {
	p := "/devices/" + url.PathEscape(id.Device)
	if id.Module != "" {
		p += "/modules/" + url.PathEscape(id.Module)
	}
	return p
}

// dialWS opens a WebSocket to a place of the lab.
func dialWS(t *testing.T, l *Lab, place, protocol string) (net.Conn, error) {
	t.Helper()
	name := HubName
	if place == "edgeHttps" {
		name = GatewayName
	}
	ws, _, err := websocket.Dial(within(t, 5*time.Second), "wss://"+name+hub.WebSocketPath, &websocket.DialOptions{
		HTTPClient: httpClient(t, l, place), Subprotocols: []string{protocol},
	})
	if err != nil {
		return nil, err
	}
	if ws.Subprotocol() != protocol {
		t.Errorf("subprotocol %q", ws.Subprotocol())
	}
	nc := websocket.NetConn(context.Background(), ws, websocket.MessageBinary)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return nc, nil
}

// dialFor connects to a place for a protocol, over WebSocket where it is HTTPS.
func dialFor(t *testing.T, l *Lab, place, protocol string) net.Conn {
	t.Helper()
	if place != "https" && place != "edgeHttps" {
		return mustDial(t, l, place)
	}
	nc, err := dialWS(t, l, place, protocol)
	if err != nil {
		t.Fatal(err)
	}
	return nc
}

// openAMQP opens a connection and a session with go-amqp.
func openAMQP(t *testing.T, nc net.Conn, sasl goamqp.SASLType) (*goamqp.Conn, *goamqp.Session) {
	t.Helper()
	conn, err := goamqp.NewConn(within(t, 5*time.Second), nc, &goamqp.ConnOptions{SASLType: sasl, HostName: HubName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	session, err := conn.NewSession(within(t, 5*time.Second), nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn, session
}

// putToken speaks CBS and returns the status.
func putToken(t *testing.T, s *goamqp.Session, audience, token string) int32 {
	t.Helper()
	ctx := within(t, 5*time.Second)
	receiver, err := s.NewReceiver(ctx, "$cbs", nil)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := s.NewSender(ctx, "$cbs", nil)
	if err != nil {
		t.Fatal(err)
	}
	id := uint64(77)
	err = sender.Send(ctx, &goamqp.Message{
		Properties: &goamqp.MessageProperties{MessageID: id},
		ApplicationProperties: map[string]any{"operation": "put-token", "type": "servicebus.windows.net:sastoken",
			"name": audience},
		Value: token,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := receiver.Receive(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.AcceptMessage(ctx, m); err != nil {
		t.Fatal(err)
	}
	if m.Properties == nil || m.Properties.CorrelationID != any(id) {
		t.Errorf("correlation-id is not the message-id in its type: %#v", m.Properties)
	}
	status, ok := m.ApplicationProperties["status-code"].(int32)
	if !ok {
		t.Fatalf("no status-code: %#v", m.ApplicationProperties)
	}
	return status
}

func TestAMQPWithCBS(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for _, place := range []string{"amqps", "edgeAmqps", "https", "edgeHttps"} {
		for name, sasl := range map[string]goamqp.SASLType{"no SASL": nil, "anonymous": goamqp.SASLTypeAnonymous()} {
			t.Run(place+" "+name, func(t *testing.T) {
				_, s := openAMQP(t, dialFor(t, l, place, hub.ProtocolAMQP), sasl)
				if status := putToken(t, s, HubName+path(module), tokenFor(t, l, module, nextHour())); status != 200 {
					t.Fatalf("status %d", status)
				}
				ctx := within(t, 5*time.Second)
				for _, address := range []string{path(module) + "/twin", "amqps://" + HubName + path(module) +
					"/methods/devicebound"} {
					if _, err := s.NewReceiver(ctx, address,
						&goamqp.ReceiverOptions{SettlementMode: goamqp.ReceiverSettleModeFirst.Ptr(),
							RequestedSenderSettleMode: goamqp.SenderSettleModeSettled.Ptr()}); err != nil {
						t.Errorf("receiver %s: %v", address, err)
					}
				}
				events, err := s.NewSender(ctx, path(module)+"/messages/events", nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := events.Send(ctx, goamqp.NewMessage([]byte("hello from "+place+name)), nil); err != nil {
					t.Error(err)
				}
				if !arrived(l, "hello from "+place+name) {
					t.Error("the hub has not got the message")
				}
			})
		}
	}
}

func arrived(l *Lab, body string) bool {
	for _, m := range l.Hub().Telemetry() {
		if string(m.Body) == body {
			return true
		}
	}
	return false
}

func TestAMQPRefusals(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	tests := []struct {
		name, place, audience, token string
		status                       int32
		condition                    goamqp.ErrCond
	}{
		{"hub, no token", "amqps", "", "", 0, "amqp:unauthorized-access"},
		{"hub, expired", "amqps", HubName + path(device), tokenFor(t, l, device, time.Now().Add(-time.Minute)), 401,
			"amqp:unauthorized-access"},
		{"hub, another identity's", "amqps", HubName + path(device), tokenFor(t, l, module, nextHour()), 401,
			"amqp:unauthorized-access"},
		{"hub, not a token", "amqps", HubName + path(device), "hello", 401, "amqp:unauthorized-access"},
		{"hub, another hub's audience", "amqps", "other.test" + path(device), tokenFor(t, l, device, nextHour()), 401,
			"amqp:unauthorized-access"},
		{"hub, disabled", "amqps", HubName + path(hub.Identity{Device: DisabledDeviceID}),
			tokenFor(t, l, hub.Identity{Device: DisabledDeviceID}, nextHour()), 401, "amqp:unauthorized-access"},
		{"edgeHub, no token", "edgeAmqps", "", "", 0, "amqp:not-allowed"},
		{"edgeHub, expired", "edgeAmqps", HubName + path(device), tokenFor(t, l, device, time.Now().Add(-time.Hour)),
			200, "amqp:not-allowed"},
		{"edgeHub, not a token", "edgeAmqps", HubName + path(device), "hello", 400, "amqp:not-allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, s := openAMQP(t, mustDial(t, l, tt.place), goamqp.SASLTypeAnonymous())
			if tt.audience != "" {
				if status := putToken(t, s, tt.audience, tt.token); status != tt.status {
					t.Errorf("CBS status %d, want %d", status, tt.status)
				}
			}
			_, err := s.NewSender(within(t, 5*time.Second), path(device)+"/messages/events", nil)
			var refused *goamqp.Error
			if !errors.As(err, &refused) || refused.Condition != tt.condition {
				t.Errorf("attach: %v, want %s", err, tt.condition)
			}
		})
	}
}

func TestAMQPX509AndPlain(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	t.Run("x509", func(t *testing.T) {
		cfg := clientTLS(l, HubName)
		cfg.Certificates = []tls.Certificate{l.DeviceCertificate()}
		nc, err := tls.Dial("tcp", l.ports["amqps"].address, cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, s := openAMQP(t, nc, nil)
		if _, err := s.NewSender(within(t, 5*time.Second), "/devices/"+X509DeviceID+"/messages/events",
			nil); err != nil {
			t.Error(err)
		}
		if _, err := s.NewSender(within(t, 5*time.Second), path(device)+"/messages/events", nil); err == nil {
			t.Error("another device's link opened")
		}
	})
	t.Run("plain", func(t *testing.T) {
		user := DeviceID + "@sas.lab"
		_, s := openAMQP(t, mustDial(t, l, "amqps"), goamqp.SASLTypePlain(user, tokenFor(t, l, device, nextHour())))
		if _, err := s.NewSender(within(t, 5*time.Second), path(device)+"/messages/events", nil); err != nil {
			t.Error(err)
		}
		if _, err := goamqp.NewConn(within(t, 5*time.Second), mustDial(t, l, "amqps"),
			&goamqp.ConnOptions{SASLType: goamqp.SASLTypePlain(user, "wrong")}); err == nil {
			t.Error("a wrong password opened")
		}
	})
}

// connectMQTT logs in with paho and returns the error of CONNECT.
func connectMQTT(t *testing.T, nc net.Conn, id hub.Identity, host, clientID, password string) (paho.Client, error) {
	t.Helper()
	o := paho.NewClientOptions().AddBroker("tls://lab").SetClientID(clientID).SetProtocolVersion(4).
		SetUsername(fmt.Sprintf("%s/%s/?api-version=2021-04-12", host, id)).SetPassword(password).
		SetAutoReconnect(false).SetConnectTimeout(5 * time.Second).SetOrderMatters(false)
	o.CustomOpenConnectionFn = func(*url.URL, paho.ClientOptions) (net.Conn, error) { return nc, nil }
	c := paho.NewClient(o)
	token := c.Connect()
	if !token.WaitTimeout(5 * time.Second) {
		t.Fatal("CONNECT is not answered")
	}
	if token.Error() == nil {
		t.Cleanup(func() { c.Disconnect(50) })
	}
	return c, token.Error()
}

func TestMQTTConnect(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	good := tokenFor(t, l, device, nextHour())
	for _, place := range []string{"mqtts", "edgeMqtts", "https", "edgeHttps"} {
		t.Run(place, func(t *testing.T) {
			c, err := connectMQTT(t, dialFor(t, l, place, hub.ProtocolMQTT), device, HubName, DeviceID, good)
			if err != nil {
				t.Fatal(err)
			}
			body := "hello from " + place
			if token := c.Publish("devices/lab-device/messages/events/", 1, false,
				body); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
				t.Error(token.Error())
			}
			if !arrived(l, body) {
				t.Error("the hub has not got the message")
			}
		})
	}
	refusals := map[string]struct {
		place, host, clientID, password string
		want                            string
	}{
		"made up": {"mqtts", HubName, "edgenet-probe", "SharedAccessSignature sr=x&sig=x&se=1",
			"identifier rejected"},
		"bad token": {"mqtts", HubName, DeviceID, "SharedAccessSignature sr=x&sig=x&se=1",
			"not Authorized"},
		"expired": {"mqtts", HubName, DeviceID, tokenFor(t, l, device, time.Now().Add(-time.Second)),
			"not Authorized"},
		"another hub":           {"mqtts", "other.azure-devices.test", DeviceID, good, "not Authorized"},
		"edgeHub, client id":    {"edgeMqtts", HubName, "other", good, "server Unavailable"},
		"edgeHub, another host": {"edgeMqtts", "other.azure-devices.test", DeviceID, good, "not Authorized"},
	}
	for name, tt := range refusals {
		t.Run(name, func(t *testing.T) {
			_, err := connectMQTT(t, mustDial(t, l, tt.place), device, tt.host, tt.clientID, tt.password)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	client := httpClient(t, l, "https")
	get := func(path, token string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(within(t, 5*time.Second), http.MethodGet, "https://"+HubName+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", token)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = response.Body.Close() })
		return response
	}
	tests := []struct {
		name, path, token string
		status            int
		code              string
	}{
		{"stranger", "/devices/edgenet-probe/modules?api-version=2021-04-12", "", 401, "IotHubUnauthorizedAccess"},
		{"no version", "/devices/x/modules", "", 400, "InvalidProtocolVersion"},
		{"modules", "/devices/lab-device/modules?api-version=2021-04-12", tokenFor(t, l, device, nextHour()), 200, ""},
		{"module", "/devices/lab-device/modules/edgenet?api-version=2021-04-12", tokenFor(t, l, device, nextHour()),
			200, ""},
		{"expired", "/devices/lab-device/modules?api-version=2021-04-12", tokenFor(t, l, device, time.Now()), 401,
			"IotHubUnauthorizedAccess"},
		{"another's", "/devices/lab-x509/modules?api-version=2021-04-12", tokenFor(t, l, device, nextHour()), 401,
			"IotHubUnauthorizedAccess"},
	}
	for _, tt := range tests {
		r := get(tt.path, tt.token)
		if r.StatusCode != tt.status || r.Header.Get("Iothub-Errorcode") != tt.code {
			t.Errorf("%s: %d %q", tt.name, r.StatusCode, r.Header.Get("Iothub-Errorcode"))
		}
		if r.Header.Get("Date") == "" || r.Header.Get("X-Ms-Request-Id") == "" ||
			r.Header.Get("Server") != "Microsoft-HTTPAPI/2.0" {
			t.Errorf("%s: headers %v", tt.name, r.Header)
		}
	}
}
