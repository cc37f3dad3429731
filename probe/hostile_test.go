package probe_test

import (
	"crypto/tls"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/report"
)

// hostileTimeout is the paths' in the tests with servers that never end.
const hostileTimeout = 1200 * time.Millisecond

// endless writes head and then block over and over.
func endless(head, block string) func(int, *tls.Conn) {
	return func(_ int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		if _, err := io.WriteString(c, head); err != nil {
			return
		}
		for {
			if _, err := io.WriteString(c, block); err != nil {
				return
			}
		}
	}
}

// dripping writes one byte every 100 ms.
func dripping(text string) func(int, *tls.Conn) {
	return func(_ int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		for i := range len(text) {
			if _, err := io.WriteString(c, text[i:i+1]); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// inWebSocket upgrades first.
func inWebSocket(t testing.TB, talk func(int, *tls.Conn)) func(int, *tls.Conn) {
	return func(n int, c *tls.Conn) {
		if req, _ := upgrade(t, c); req != nil {
			talk(n, c)
		}
	}
}

// hostileRow is a server that never ends, and what a path to it comes to.
type hostileRow struct {
	name     string
	protocol report.Protocol
	talk     func(int, *tls.Conn)
	want     string
}

// check walks the path, within three timeouts.
func (row hostileRow) check(t *testing.T) {
	s := serve(t, nil, row.talk).only(row.protocol)
	s.plan.Timeout = hostileTimeout
	start := time.Now()
	x := s.check(t).Results[0]
	if took := time.Since(start); took > 3*hostileTimeout*11/10+busy {
		t.Errorf("took %s of a timeout of %s", took, hostileTimeout)
	}
	if words(&x) != row.want {
		t.Errorf("%s: %s\nwant %s", words(&x), x.Summary, row.want)
	}
}

// TestHostile does not run beside others: it measures the heap.
func TestHostile(t *testing.T) {
	filler := strings.Repeat("x", 16<<10)
	long := "\x82\x7e\x40\x00" + filler // a WebSocket message of 16 KiB
	for _, row := range []hostileRow{
		{"endless header", report.HTTPS, endless("HTTP/1.1 401 X\r\nA: ", filler),
			"target http http.malformed network"},
		{"endless lines", report.HTTPS, endless("HTTP/1.1 401 X\r\n", "A: b\r\n"),
			"target http http.malformed network"},
		{"endless interim answers", report.HTTPS, endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
			"target http http.malformed network"},
		{"endless body of the hub", report.HTTPS, endless("HTTP/1.1 401 X\r\niothub-errorcode: x\r\n\r\n", filler),
			"ok"},
		{"endless chunk", report.HTTPS, endless("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
			filler), "target http http.block-page firewall-admin"},
		{"endless header", report.MQTTWS, endless("HTTP/1.1 403 X\r\nA: ", filler),
			"target websocket http.malformed network"},
		{"endless body", report.MQTTWS, endless("HTTP/1.1 403 X\r\n\r\n", filler),
			"target websocket ws.status firewall-admin"},
		{"endless messages", report.MQTTWS, inWebSocket(t, endless("", long)), "target mqtt mqtt.not-mqtt network"},
		{"endless messages", report.AMQPWS, inWebSocket(t, endless("\x82\x08AMQP\x03\x01\x00\x00", long)),
			"target amqp amqp.not-amqp network"},
		{"endless pings", report.MQTTWS, inWebSocket(t, endless("", "\x89\x04ping")),
			"target mqtt mqtt.timeout network"},
		{"endless empty messages", report.MQTTWS, inWebSocket(t, endless("", "\x82\x00")),
			"target mqtt mqtt.timeout network"},
		{"a message of 2^62", report.MQTTWS,
			inWebSocket(t, endless("\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00", "\x20\xff\xff\x7f")),
			"target mqtt mqtt.not-mqtt network"},
		{"endless zeros", report.AMQP, endless("", strings.Repeat("\x00", 4096)), "target amqp amqp.not-amqp network"},
		{"a frame of 64 KiB and a byte", report.AMQP, endless("AMQP\x03\x01\x00\x00\x00\x01\x00\x01\x02\x01\x00\x00",
			filler), "target amqp amqp.not-amqp network"},
		{"endless heartbeats after OPEN", report.AMQP,
			endless(greeting+openFrame, strings.Repeat("\x00\x00\x00\x08\x02\x00\x00\x00", 100)), "ok"},
		{"a CONNACK of 256 MiB", report.MQTT, endless("\x20\xff\xff\xff\x7f", filler),
			"target mqtt mqtt.not-mqtt network"},
		{"a CONNACK with reserved flags", report.MQTT, say("\x20\x02\xfe\x00", false),
			"target mqtt mqtt.not-mqtt network"},
		{"the same that refuses", report.MQTT, say("\x20\x02\x02\x05", false), "target mqtt mqtt.not-mqtt network"},
		{"a CONNACK with reserved bits in its first byte", report.MQTT, say("\x2f\x02\x00\x00", false),
			"target mqtt mqtt.not-mqtt network"},
	} {
		t.Run(string(row.protocol)+": "+row.name, func(t *testing.T) {
			holdsLittle(t, func() { row.check(t) })
		})
	}
	// these wait for bytes, and hold no more together than each of the others
	holdsLittle(t, func() {
		t.Run("side by side", func(t *testing.T) {
			for _, row := range []hostileRow{
				{"dripping header", report.HTTPS, dripping("HTTP/1.1 401 Unauthorized\r\n"), "target http path.slow network"},
				{"dripping answer", report.AMQPWS, dripping("HTTP/1.1 101 Switching Protocols\r\n"),
					"target websocket path.slow network"},
				{"a frame of 64 KiB that drips", report.AMQP, dripping("AMQP\x03\x01\x00\x00\x00\x01\x00\x00\x02\x01\x00\x00" +
					strings.Repeat("x", 40)), "target amqp path.slow network"},
				{"dripping CONNACK", report.MQTT, func(_ int, c *tls.Conn) {
					_, _ = c.Read(make([]byte, 4096))
					_, _ = io.WriteString(c, "\x20\x02")
					_, _ = io.Copy(io.Discard, c)
				}, "target mqtt mqtt.timeout network"},
			} {
				t.Run(string(row.protocol)+": "+row.name, func(t *testing.T) {
					t.Parallel()
					row.check(t)
				})
			}
		})
	})
}

// holdsLittle bounds what f adds to the heap: what is sent meanwhile is far more, and garbage alone
// may be 4 MiB before it is collected.
func holdsLittle(t *testing.T, f func()) {
	t.Helper()
	if grown := heapGrowth(f); grown > 16<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
}

// heapGrowth is by how many bytes the live heap grew at most while f ran.
func heapGrowth(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var most atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.GC() // what a flood leaves behind is not held
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	f()
	close(stop)
	<-done
	if most.Load() < before {
		return 0
	}
	return most.Load() - before
}

// TestEscapesNeverPass: whatever strangers put into names, headers and errors.
func TestEscapesNeverPass(t *testing.T) {
	t.Parallel()
	const esc = "\u009b31m\u202e\u200b red"
	for protocol, talk := range map[report.Protocol]func(int, *tls.Conn){
		report.HTTPS: say("HTTP/1.1 403 X\r\nServer: "+esc+"\r\nLocation: "+esc+"\r\nRetry-After: "+esc+"\r\nDate: "+
			esc+"\r\nContent-Length: 40\r\n\r\n<title>\x1b[2J"+esc+"</title>                  ", false),
		report.MQTTWS: say("HTTP/1.1 403 "+esc+"\r\nServer: "+esc+"\r\nLocation: "+esc+
			"\r\nContent-Length: 40\r\n\r\n<title>\x1b[2J"+esc+"</title>                  ", false),
		report.AMQP: say("AMQP\x03\x01\x00\x00"+strings.Replace(mechanisms, "ANONYMOUS",
			"\x1b[2J\x07\xff\u009b\u0007", 1), true),
		report.MQTT: say("\x1b[2J\x07\x9b", true),
	} {
		s := serve(t, nil, talk).only(protocol)
		if x := s.check(t).Results[0]; x.Status != report.Failed {
			t.Errorf("%s: %s", protocol, words(&x))
		}
	}
	s := serve(t, nil, say(greeting+strings.Replace(closeError, "nobody", "\x1b[2Jno", 1), true)).only(report.AMQP)
	if x := s.check(t).Results[0]; x.Cause != report.AMQPError || strings.Contains(x.Summary, "\x1b") {
		t.Errorf("%s: %q", words(&x), x.Summary)
	}
}
