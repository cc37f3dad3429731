package twin_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"edgenet/internal/lab/pki"
	"edgenet/internal/twin"
)

// between stands between a module and the lab's edgeHub, lets everything through, and
// can say something itself.
type between struct {
	listener net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool
	to       func(ctx context.Context, host string, port int) (net.Conn, error)
	upstream *x509.CertPool
	wg       sync.WaitGroup

	mu     sync.Mutex
	client net.Conn // the last one
	ends   []net.Conn
	frozen chan struct{} // while it is there and open, nothing of the client is read
}

// standBetween changes a config so that its connections go through.
func standBetween(t *testing.T, c *twin.Config) *between {
	t.Helper()
	authority, err := pki.NewAuthority(pkix.Name{CommonName: "between"})
	if err != nil {
		t.Fatal(err)
	}
	b := &between{roots: x509.NewCertPool(), to: c.Dial}
	b.roots.AddCert(authority.Certificate)
	if b.cert, err = authority.Issue(pki.Leaf{Names: []string{c.Gateway}}); err != nil {
		t.Fatal(err)
	}
	if b.upstream, err = c.Roots(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	gateway := c.Gateway
	ports := make(chan int, 16)
	c.Roots = func(context.Context) (*x509.CertPool, error) { return b.roots, nil }
	c.Dial = func(ctx context.Context, _ string, port int) (net.Conn, error) {
		ports <- port
		var d net.Dialer
		return d.DialContext(ctx, "tcp", b.listener.Addr().String())
	}
	b.wg.Add(1)
	go func() {
		defer b.wg.Done()
		for {
			nc, err := b.listener.Accept()
			if err != nil {
				return
			}
			b.pass(tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{b.cert}, MinVersion: tls.VersionTLS12}),
				gateway, <-ports)
		}
	}()
	t.Cleanup(b.close)
	return b
}

func (b *between) pass(client net.Conn, gateway string, port int) {
	raw, err := b.to(context.Background(), gateway, port)
	if err != nil {
		_ = client.Close()
		return
	}
	server := tls.Client(raw, &tls.Config{RootCAs: b.upstream, ServerName: gateway, MinVersion: tls.VersionTLS12})
	b.mu.Lock()
	b.client = client
	b.ends = append(b.ends, client, server)
	b.mu.Unlock()
	b.wg.Add(2)
	pipe := func(to, from net.Conn) {
		defer b.wg.Done()
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if from == client {
				b.thaw()
			}
			if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
				break
			}
		}
		_ = to.Close()
		_ = from.Close()
	}
	go pipe(server, client)
	go pipe(client, server)
}

// freeze lets the client write into the void from its next bytes on.
func (b *between) freeze() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frozen = make(chan struct{})
}

// thaw waits while b is frozen.
func (b *between) thaw() {
	b.mu.Lock()
	frozen := b.frozen
	b.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
}

// say writes to the client; false means that it is gone.
func (b *between) say(p []byte) bool {
	b.mu.Lock()
	c := b.client
	b.mu.Unlock()
	_ = c.SetWriteDeadline(time.Now().Add(plenty))
	_, err := c.Write(p)
	return err == nil
}

func (b *between) close() {
	_ = b.listener.Close()
	b.mu.Lock()
	if b.frozen != nil {
		close(b.frozen)
		b.frozen = nil
	}
	for _, c := range b.ends {
		_ = c.Close()
	}
	b.mu.Unlock()
	b.wg.Wait()
}

// frame is an AMQP frame on channel 0 with a performative of small fields.
func frame(code byte, list ...byte) []byte {
	body := append([]byte{0, 0x53, code, 0xc0, byte(len(list)), list[0]}, list[1:]...)
	return append([]byte{0, 0, 0, byte(len(body) + 8), 2, 0, 0, 0}, body...)
}

func publish(topic, payload string) []byte {
	var b bytes.Buffer
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	p.TopicName, p.Payload = topic, []byte(payload)
	if err := p.Write(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const desiredTopic = "$iothub/twin/PATCH/properties/desired/?$version=2"

// What ends a session that was well, and with which error. Saying it goes on until the
// module hangs up.
var fatal = map[string]struct {
	transport twin.Transport
	say       []byte
	flood     bool
}{
	"amqp, not AMQP":           {twin.AMQP, []byte("HTTP/1.1 400 Bad Request\r\n"), false},
	"amqp, huge frame":         {twin.AMQP, []byte{0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0}, false},
	"amqp, tiny frame":         {twin.AMQP, []byte{0, 0, 0, 7, 2, 0, 0, 0}, false},
	"amqp, all dispositions":   {twin.AMQP, frame(0x15, 3, 0x41, 0x43, 0x70, 0xff, 0xff, 0xff, 0xff), false},
	"amqp, last disposition":   {twin.AMQP, frame(0x15, 2, 0x41, 0x70, 0xff, 0xff, 0xff, 0xff), false},
	"amqp, no performative":    {twin.AMQP, frame(0x99, 0), false},
	"amqp, unknown handle":     {twin.AMQP, frame(0x14, 4, 0x52, 99, 0x43, 0xa0, 1, 1, 0x43), false},
	"amqp, endless heartbeats": {twin.AMQP, bytes.Repeat([]byte{0, 0, 0, 8, 2, 0, 0, 0}, 4096), true},
	"amqp, nested values": {twin.AMQP, append([]byte{0, 0, 0xff, 0, 2, 0, 0, 0, 0, 0x53, 0x10, 0xc0},
		make([]byte, 0xff00-12)...), true},
	"amqp, close":               {twin.AMQP, frame(0x18, 0), false},
	"mqtt, unknown packet":      {twin.MQTT, []byte{0xf0, 0}, false},
	"mqtt, a client's packet":   {twin.MQTT, []byte{0xc0, 0}, false},
	"mqtt, huge packet":         {twin.MQTT, []byte{0x30, 0xff, 0xff, 0xff, 0x7f}, true},
	"mqtt, endless length":      {twin.MQTT, []byte{0x30, 0xff, 0xff, 0xff, 0xff, 0xff}, false},
	"mqtt, short topic":         {twin.MQTT, []byte{0x30, 2, 0, 9}, false},
	"mqtt, QoS 2":               {twin.MQTT, []byte{0x34, 5, 0, 1, 'a', 0, 1}, false},
	"mqtt, endless pongs":       {twin.MQTT, bytes.Repeat([]byte{0xd0, 0}, 16384), true},
	"mqtt, endless answers":     {twin.MQTT, bytes.Repeat(publish("$iothub/twin/res/200/?$rid=9", "{}"), 1024), true},
	"mqtt, endless nonsense":    {twin.MQTT, bytes.Repeat(publish("$iothub/what", "{}"), 1024), true},
	"mqtt, endless changes":     {twin.MQTT, bytes.Repeat(publish(desiredTopic, "{}"), 1024), true},
	"mqtt, large changes":       {twin.MQTT, publish(desiredTopic, `{"k":"`+strings.Repeat("x", 200<<10)+`"}`), true},
	"mqtt, endless calls":       {twin.MQTT, bytes.Repeat(publish("$iothub/methods/POST/m/?$rid=1", "1"), 1024), true},
	"amqpws, not a WebSocket's": {twin.AMQPWS, []byte("no frame at all"), false},
}

func TestHostileLater(t *testing.T) {
	t.Parallel()
	for name, tt := range fatal {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, startLab(t))
			b := standBetween(t, &c)
			// A handler that takes its time, so that what is for it has to wait.
			ended := make(chan struct{})
			c.Handler.Desired = func(twin.Desired) { <-ended }
			c.Handler.Method = func(ctx context.Context, _ twin.Method) twin.Reply { <-ctx.Done(); return twin.Reply{} }
			s := open(t, c, tt.transport)
			defer close(ended)
			if _, err := s.Twin(within(t)); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(plenty); b.say(tt.say); {
				select {
				case <-s.Done():
				default:
					if time.Now().After(end) {
						t.Fatal("the session does not end")
					}
					continue
				}
				break
			}
			if err := over(t, s); !errors.Is(err, twin.ErrLost) || tt.flood != errors.Is(err, twin.ErrFlood) &&
				tt.transport == twin.MQTT {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// What is noticed and left: the session goes on as if it had not been said.
func TestOddMessages(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	c := config(t, l)
	h := &heard{}
	c.Handler = h.handler()
	b := standBetween(t, &c)
	s := open(t, c, twin.MQTT)
	if _, err := s.Twin(within(t)); err != nil {
		t.Fatal(err)
	}
	odd := [][]byte{
		publish("elsewhere", "x"), publish("$iothub/twin/res/abc/?$rid=1", "{}"),
		publish("$iothub/twin/res/200/", "{}"),
		publish("$iothub/methods/POST/m/", "{}"), publish("$iothub/methods/POST//?$rid=1", "{}"),
		publish(desiredTopic, "{"), publish(desiredTopic, "[]"), publish(desiredTopic, strings.Repeat(`{"a":`, 100)+"1"+
			strings.Repeat("}", 100)),
		publish("$iothub/twin/PATCH/properties/desired/", "{}"),
	}
	for _, p := range odd {
		b.say(p)
	}
	for _, known := range []string{publish2(1), publish2(0)} { // known already, and told to nobody
		b.say([]byte(known))
	}
	b.say(publish("$iothub/twin/res/200/?$rid=77", "{}")) // nobody asked
	eventually(t, "all are noticed", func() bool { return len(h.said()) >= len(odd) })
	if _, err := l.Hub().SetDesired(module, []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a change is told", func() bool { return len(h.all()) > 0 })
	if d := h.all(); len(d) != 1 || string(d[0].Document) != `{"a":1}` || s.Err() != nil {
		t.Errorf("told %+v, %v", d, s.Err())
	}
}

// Nonsense without end is told of sparingly, and the session goes on while it is slow.
func TestNoticesAreFew(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	c := config(t, l)
	h := &heard{}
	c.Handler = h.handler()
	b := standBetween(t, &c)
	s := open(t, c, twin.MQTT)
	const sent = 200
	for range sent {
		b.say(publish("elsewhere", "x"))
	}
	if _, err := s.Twin(within(t)); err != nil { // is read after all that
		t.Fatal(err)
	}
	if _, err := l.Hub().SetDesired(module, []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a change is told", func() bool { return len(h.all()) == 1 })
	if n := len(h.said()); n == 0 || n > 60 {
		t.Errorf("%d notices", n)
	}
}

func publish2(version int) string {
	return string(publish(fmt.Sprintf("$iothub/twin/PATCH/properties/desired/?$version=%d", version),
		fmt.Sprintf(`{"$version":%d}`, version)))
}

// A notice that skips versions, as where one was lost: the twin itself fills the gap.
func TestGap(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	c := config(t, l)
	h := &heard{}
	c.Handler = h.handler()
	b := standBetween(t, &c)
	s := open(t, c, twin.MQTT)
	if _, err := s.Twin(within(t)); err != nil {
		t.Fatal(err)
	}
	b.say(publish("$iothub/twin/PATCH/properties/desired/?$version=9", `{"lost":true,"$version":9}`))
	eventually(t, "the notice is told", func() bool { return len(h.all()) == 1 })
	// edgeHub's own copy is older than its notice: there is nothing to fill with.
	if d := h.all()[0]; d.Version != 9 || string(d.Patch) != `{"lost":true}` {
		t.Errorf("told %+v", d)
	}
	for range 20 {
		if _, err := l.Hub().SetDesired(module, []byte(`{"n":1}`)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the whole twin is told", func() bool { d := h.all(); return d[len(d)-1].Version == 21 })
	// Version 10 is the next to 9, so it was taken as it was; 2 to 9 are known already.
	if d := h.all(); string(d[len(d)-1].Document) != `{"lost":true,"n":1}` {
		t.Errorf("told %+v", d)
	}
}

// An edgeHub that says half of something and nothing more costs each request its
// timeout, and no more.
func TestHalfSaid(t *testing.T) {
	t.Parallel()
	for transport, half := range map[twin.Transport][]byte{
		twin.AMQP: {0, 0, 0, 100, 2, 0, 0, 0, 0, 0x53}, twin.MQTT: {0x30, 100, 0, 50},
	} {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			c := config(t, startLab(t))
			b := standBetween(t, &c)
			c.Timeout = 5 * time.Second
			s := open(t, c, transport)
			b.say(half)
			begin := time.Now()
			// The next bytes of edgeHub complete it to nonsense, or are swallowed by it.
			if _, err := s.Twin(within(t)); err == nil || time.Since(begin) > plenty/2 {
				t.Errorf("after %s: %v", time.Since(begin), err)
			}
		})
	}
}

// A flood leaves no memory behind: it is cut off before it is collected.
func TestFloodMemory(t *testing.T) {
	for _, transport := range []twin.Transport{twin.AMQP, twin.MQTT} {
		c := config(t, startLab(t))
		b := standBetween(t, &c)
		blocked := make(chan struct{})
		c.Handler.Desired = func(twin.Desired) { <-blocked }
		s := open(t, c, transport)
		if _, err := s.Twin(within(t)); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		say := bytes.Repeat(publish(desiredTopic, "{}"), 1024)
		if transport == twin.AMQP {
			say = bytes.Repeat([]byte{0, 0, 0, 8, 2, 0, 0, 0}, 8192)
		}
		for b.say(say) {
			select {
			case <-s.Done():
			default:
				continue
			}
			break
		}
		_ = over(t, s)
		runtime.ReadMemStats(&after)
		close(blocked)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 48<<20 {
			t.Errorf("%s: %d MiB more", transport, grown>>20)
		}
	}
}
