package lab

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"time"

	"edgenet/internal/lab/amqp"
)

// amqpGreeting is the dialogue of an AMQP server up to some point, after which
// a fault goes on by itself.
type amqpGreeting struct {
	nc net.Conn
}

// header reads the client's header and sends the same back.
func (g amqpGreeting) header() (amqp.Header, bool) {
	var h amqp.Header
	_ = g.nc.SetReadDeadline(time.Now().Add(handshakeLimit))
	if _, err := io.ReadFull(g.nc, h[:]); err != nil {
		return h, false
	}
	_, err := g.nc.Write(h[:])
	return h, err == nil
}

// frame reads one frame of whatever content.
func (g amqpGreeting) frame() bool {
	var size [4]byte
	if _, err := io.ReadFull(g.nc, size[:]); err != nil {
		return false
	}
	n := binary.BigEndian.Uint32(size[:])
	if n < 8 || n > amqp.MaxFrameSize {
		return false
	}
	_, err := io.CopyN(io.Discard, g.nc, int64(n)-4)
	return err == nil
}

// sasl goes on from a header to the next one, if that was SASL's.
func (g amqpGreeting) sasl(outcome *amqp.Outcome, mechanisms ...amqp.Symbol) bool {
	if _, err := g.nc.Write(amqp.EncodeSASL(&amqp.Mechanisms{Names: mechanisms})); err != nil || !g.frame() {
		return false
	}
	_, err := g.nc.Write(amqp.EncodeSASL(outcome))
	return err == nil
}

// untilOpen goes on until the client's open has come, whether or not it wants
// SASL first, and leaves that unanswered.
func (g amqpGreeting) untilOpen() bool {
	return g.untilHeader() && g.frame()
}

// untilHeader goes on until both have sent the header of AMQP itself.
func (g amqpGreeting) untilHeader() bool {
	h, ok := g.header()
	if ok && h == amqp.HeaderSASL {
		if ok = g.sasl(&amqp.Outcome{Code: amqp.SASLOK}, "ANONYMOUS"); ok {
			_, ok = g.header()
		}
	}
	return ok
}

// inner makes an amqp or mqtt fault of a function of the connection alone.
func inner(talk func(f Fault, nc net.Conn)) func(context.Context, Fault, net.Conn) {
	return func(_ context.Context, f Fault, nc net.Conn) { talk(f, nc) }
}

// resetInner resets the connection under a protocol, inside a WebSocket too.
func resetInner(ctx context.Context, _ Fault, nc net.Conn) {
	spoken(nc)
	if c, ok := ctx.Value(connKey{}).(*conn); ok && c != nil {
		c.reset()
		return
	}
	resetUnder(nc)
}

// spoken waits for the client's first bytes.
func spoken(nc net.Conn) bool {
	_ = nc.SetReadDeadline(time.Now().Add(handshakeLimit))
	_, err := nc.Read(make([]byte, 16<<10))
	return err == nil
}

// amqpHeaders are headers of other versions and layers.
var amqpHeaders = map[string]amqp.Header{
	"0-9-1": {'A', 'M', 'Q', 'P', 0, 0, 9, 1},
	"0-10":  {'A', 'M', 'Q', 'P', 1, 1, 0, 10},
	"1-1":   {'A', 'M', 'Q', 'P', 0, 1, 1, 0},
	"tls":   {'A', 'M', 'Q', 'P', 2, 1, 0, 0},
}

var amqpFaults = []faultKind{
	{
		name: "amqp-not-amqp", layer: layerAMQP, arg: "the bytes (HTTP/1.1 400 Bad Request)",
		about: "something that is no AMQP is answered",
		check: anyText,
		inner: inner(func(f Fault, nc net.Conn) {
			if spoken(nc) {
				say(nc, []byte(f.text("HTTP/1.1 400 Bad Request")+"\r\n\r\n"))
			}
		}),
	},
	{
		name: "amqp-version", layer: layerAMQP, arg: "0-9-1, 0-10, 1-1 or tls (0-9-1)",
		about: "AMQP of another version or layer is answered, and the connection closed",
		check: oneOf("0-9-1", "0-10", "1-1", "tls"),
		inner: inner(func(f Fault, nc net.Conn) {
			h := amqpHeaders[f.text("0-9-1")]
			if spoken(nc) {
				say(nc, h[:])
			}
		}),
	},
	{
		name: "amqp-no-mechanisms", layer: layerAMQP,
		about: "SASL offers nothing that a client without credentials can use (GSSAPI)",
		inner: inner(func(_ Fault, nc net.Conn) {
			g := amqpGreeting{nc}
			if h, ok := g.header(); ok && h == amqp.HeaderSASL {
				_ = g.sasl(&amqp.Outcome{Code: amqp.SASLAuth}, "GSSAPI") // it ends either way
				bye(nc)
			}
		}),
	},
	{
		name: "amqp-sasl-refused", layer: layerAMQP, about: "SASL refuses every mechanism",
		inner: inner(func(_ Fault, nc net.Conn) {
			g := amqpGreeting{nc}
			if h, ok := g.header(); ok && h == amqp.HeaderSASL {
				_ = g.sasl(&amqp.Outcome{Code: amqp.SASLAuth}, "ANONYMOUS", "PLAIN", "EXTERNAL",
					"MSSBCBS") // it ends either way
				bye(nc)
			}
		}),
	},
	{
		name: "amqp-close", layer: layerAMQP, arg: "start, header, sasl or open: what it comes after (header)",
		about: "closed before the client's open is answered",
		check: oneOf("start", "header", "sasl", "open"),
		inner: inner(func(f Fault, nc net.Conn) {
			g := amqpGreeting{nc}
			switch f.text("header") {
			case "start":
				spoken(nc)
			case "header":
				g.header()
			case "sasl":
				g.untilHeader()
			case "open":
				g.untilOpen()
			}
		}),
	},
	{
		name: "amqp-reset", layer: layerAMQP, about: "reset at the client's first bytes",
		inner: resetInner,
	},
	{
		name: "amqp-silent", layer: layerAMQP, arg: "start, header or open: what it comes after (start)",
		about: "TLS is fine, and nothing more is answered",
		check: oneOf("start", "header", "open"),
		inner: inner(func(f Fault, nc net.Conn) {
			g := amqpGreeting{nc}
			switch f.text("start") {
			case "header":
				g.header()
			case "open":
				g.untilOpen()
			}
			swallow(nc)
		}),
	},
	{
		name: "amqp-error", layer: layerAMQP, arg: "the condition (amqp:internal-error)",
		about: "opened, and closed with an error",
		check: anyText,
		inner: inner(func(f Fault, nc net.Conn) {
			if !(amqpGreeting{nc}).untilOpen() {
				return
			}
			b := amqp.EncodeFrame(&amqp.Open{ContainerID: "DeviceGateway_lab", MaxFrameSize: amqp.MaxFrameSize,
				ChannelMax: 8191})
			b = append(b, amqp.EncodeFrame(&amqp.Close{Error: &amqp.Error{Condition: f.text("amqp:internal-error"),
				Description: "the lab was told to fail"}})...)
			if _, err := nc.Write(b); err == nil {
				bye(nc)
			}
		}),
	},
	{
		name: "amqp-lying-size", layer: layerAMQP, about: "a frame whose header claims 4 GiB",
		inner: inner(func(_ Fault, nc net.Conn) {
			if _, ok := (amqpGreeting{nc}).header(); ok {
				flood(nc, append([]byte{0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0}, make([]byte, 1<<16)...), floodTotal)
			}
		}),
	},
	{
		name: "amqp-lying-count", layer: layerAMQP, about: "a frame of 64 KiB whose list claims 2^31 elements",
		inner: inner(func(_ Fault, nc net.Conn) {
			if _, ok := (amqpGreeting{nc}).header(); ok {
				body := append([]byte{0, 0x53, 0x40, 0xf0, 0, 0, 0xff, 0xe0, 0x7f, 0xff, 0xff, 0xff, 0x40},
					make([]byte, 65507)...)
				b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
				if _, err := nc.Write(append(append(b, 2, 1, 0, 0), body...)); err == nil {
					swallow(nc)
				}
			}
		}),
	},
	{
		name: "amqp-flood", layer: layerAMQP, about: "heartbeats without end in place of open",
		inner: inner(func(_ Fault, nc net.Conn) {
			if (amqpGreeting{nc}).untilOpen() {
				flood(nc, []byte(strings.Repeat("\x00\x00\x00\x08\x02\x00\x00\x00", 512)), floodTotal)
			}
		}),
	},
	{
		name: "amqp-drip", layer: layerAMQP, about: "the answer comes one byte a second",
		inner: inner(func(_ Fault, nc net.Conn) {
			if spoken(nc) {
				drip(nc, amqp.HeaderSASL[:], dripInterval)
			}
		}),
	},
}
