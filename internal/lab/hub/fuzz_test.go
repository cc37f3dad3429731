package hub

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/amqp"
	"edgenet/internal/lab/mqtt"
)

// feed gives bytes to a head as a client would and waits until it is through
// with them, which has to be soon: whatever they are, the client then goes.
func feed(t *testing.T, serve func(context.Context, net.Conn) error, b []byte) {
	t.Helper()
	client, server := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = serve(context.Background(), server) // any end will do, a panic or none will not
	}()
	go func() { _, _ = io.Copy(io.Discard, client) }()
	_ = client.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_, _ = client.Write(b) // the head may be gone already
	_ = client.Close()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatalf("the head is still there after %x", b)
	}
}

func fuzzHead(t testing.TB) (*Head, string) {
	h := New("h.test", func(string, string, string) {}, nil)
	key, err := h.Add(Identity{Device: "d"})
	if err != nil {
		t.Fatal(err)
	}
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken("h.test/devices/d", "", time.Now().Add(time.Hour), sign)
	if err != nil {
		t.Fatal(err)
	}
	return &Head{Backend: h, Log: func(string, string, string) {}}, token.Reveal()
}

// What follows a good login is fuzzed: packets on an MQTT connection.
func FuzzMQTT(f *testing.F) {
	f.Add([]byte("\x82\x17\x00\x01\x00\x12$iothub/twin/res/#\x00"))
	f.Add(mqtt.Publish{Topic: "$iothub/twin/PATCH/properties/reported/?$rid=1",
		Payload: []byte(`{"a":{"b":[1,{"c":null}]}}`)}.Encode())
	f.Add(mqtt.Publish{Topic: "devices/d/messages/events/%24.on=x&a=b", QoS: 1, ID: 1, Payload: []byte("x")}.Encode())
	f.Add(mqtt.Publish{Topic: "$iothub/methods/res/200/?$rid=1", Payload: []byte("{}")}.Encode())
	f.Add([]byte("\xe0\x00"))
	head, token := fuzzHead(f)
	user := "h.test/d/?api-version=2021-04-12"
	body := []byte("\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01d")
	for _, text := range []string{user, token} {
		body = append(append(body, byte(len(text)>>8), byte(len(text))), text...)
	}
	connect := append([]byte{mqtt.TypeConnect << 4, byte(len(body)) | 128, byte(len(body) >> 7)}, body...)
	f.Fuzz(func(t *testing.T, b []byte) {
		feed(t, head.ServeMQTT, append(append([]byte{}, connect...), b...))
		feed(t, head.ServeMQTT, b)
	})
}

// Frames on an AMQP connection with an open session.
func FuzzAMQP(f *testing.F) {
	attach := &amqp.Attach{Name: "n", Role: amqp.RoleSender, Target: amqp.Described{Descriptor: uint64(0x29),
		Value: []any{"$cbs"}}}
	flow := &amqp.Flow{IncomingWindow: 1, OutgoingWindow: 1}
	f.Add(amqp.EncodeFrame(attach))
	f.Add(append(amqp.EncodeFrame(attach), amqp.EncodeFrame(flow)...))
	f.Add(append(amqp.EncodeFrame(attach), amqp.EncodeFrame(&amqp.Detach{})...))
	f.Add(amqp.EncodeFrame(&amqp.Disposition{Role: amqp.RoleReceiver}))
	f.Add(amqp.EncodeFrame(&amqp.End{}))
	head, _ := fuzzHead(f)
	lead := append([]byte{}, amqp.HeaderAMQP[:]...)
	lead = append(lead, amqp.EncodeFrame(&amqp.Open{ContainerID: "c", MaxFrameSize: 512})...)
	lead = append(lead, amqp.EncodeFrame(&amqp.Begin{IncomingWindow: 10, OutgoingWindow: 10})...)
	f.Fuzz(func(t *testing.T, b []byte) {
		feed(t, head.ServeAMQP, append(append([]byte{}, lead...), b...))
		feed(t, head.ServeAMQP, append(append([]byte{}, amqp.HeaderSASL[:]...), b...))
	})
}

// Twins take any JSON or refuse it, and stay within their limits.
func FuzzTwin(f *testing.F) {
	f.Add([]byte(`{"a":{"b":null},"c":[1,2]}`))
	f.Add([]byte(`{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}`))
	f.Add([]byte(`{"a":12345678901234567890}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := New("h.test", func(string, string, string) {}, nil)
		id := Identity{Device: "d"}
		if _, err := h.Add(id); err != nil {
			t.Fatal(err)
		}
		version, err := h.Report(id, b)
		if status := statusOf(err); err != nil && status != 400 {
			t.Fatalf("%q: %v", b, err)
		}
		twin, err2 := h.Twin(id)
		if err2 != nil || len(twin) > 2*maxProperties+maxProperties {
			t.Fatalf("%q: %d bytes, %v", b, len(twin), err2)
		}
		if err == nil && version != 2 {
			t.Fatalf("version %d", version)
		}
	})
}

// Bytes inside a WebSocket, frames that are none among them.
func FuzzWebSocket(f *testing.F) {
	f.Add("mqtt", []byte("\x82\x82\x00\x00\x00\x00\xe0\x00"))
	f.Add("AMQPWSB10", append([]byte("\x82\x88\x00\x00\x00\x00"), amqp.HeaderAMQP[:]...))
	f.Add("mqtt", []byte("\x88\x80\x00\x00\x00\x00"))
	f.Add("mqtt", []byte("\x82\xff\x40\x00\x00\x00\x00\x00\x00\x00"))
	head, _ := fuzzHead(f)
	f.Fuzz(func(t *testing.T, protocol string, b []byte) {
		request := "GET " + WebSocketPath + " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: " +
			"Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + protocol + "\r\n\r\n"
		feed(t, func(ctx context.Context, nc net.Conn) error { return serveOne(ctx, head, nc) },
			append([]byte(request), b...))
	})
}

// serveOne is an HTTP server for one connection, over when that is closed.
func serveOne(_ context.Context, h http.Handler, nc net.Conn) error {
	c := &closing{Conn: nc, done: make(chan struct{})}
	l := &single{conn: make(chan net.Conn, 1), done: c.done}
	l.conn <- c
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Second}
	return server.Serve(l)
}

type closing struct {
	net.Conn
	once sync.Once
	done chan struct{}
}

func (c *closing) Close() error {
	defer c.once.Do(func() { close(c.done) })
	return c.Conn.Close()
}

type single struct {
	conn chan net.Conn
	done chan struct{}
}

func (s *single) Accept() (net.Conn, error) {
	select {
	case c := <-s.conn:
		return c, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return &net.TCPAddr{} }
