package hub

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"edgenet/internal/lab/mqtt"
)

// Bounds of the MQTT head.
const (
	maxMQTTPacket    = maxTelemetryBody + 1<<10
	mqttConnectWait  = 60 * time.Second
	mqttWriteTimeout = 10 * time.Second
	hubMaxKeepAlive  = 1767 * time.Second // 29.45 minutes, the hub's own cap
	edgeMaxKeepAlive = 10 * time.Minute
	maxSubscriptions = 50
)

// mqttClient is one connection: an identity that logged in with CONNECT.
type mqttClient struct {
	head   *Head
	nc     net.Conn
	reader *bufio.Reader
	peer   []*x509.Certificate // what it showed in the TLS handshake
	id     Identity
	mail   *mailbox
	idle   time.Duration // silence after which the client is thrown out; 0 is none

	write sync.Mutex // keeps packets whole on nc

	mu      sync.Mutex
	filters map[string]byte // what the client subscribed to, and its QoS
	calls   map[string]bool // calls that wait for an answer
	reason  string          // why the connection ends, where we end it

	keepSession bool // CleanSession was 0
	will        *mqtt.Publish
}

// violation is what a client did against the rules; the answer to it is a close
// without a packet.
type violation string

func (v violation) Error() string { return "mqtt: " + string(v) }

// ServeMQTT talks MQTT 3.1.1 with one client until it goes or ctx ends, and
// closes nc.
func (h *Head) ServeMQTT(ctx context.Context, nc net.Conn) error {
	c := &mqttClient{
		head: h, nc: nc, reader: bufio.NewReader(nc), peer: PeerCertificates(ctx, nc),
		filters: make(map[string]byte), calls: make(map[string]bool),
	}
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()
	defer nc.Close()
	until, err := c.connect()
	if err != nil {
		return err
	}
	c.mail = newMailbox()
	defer c.mail.close()
	defer nc.Close() // before the mailbox: its writer may be stuck
	h.Log("login", c.id.String(), "mqtt")
	defer h.Log("logout", c.id.String(), "mqtt")
	defer h.Backend.Connect(c.id, c)()
	if !until.IsZero() {
		timer := time.AfterFunc(time.Until(until), func() { c.end("expired", "the token expired") })
		defer timer.Stop()
	}
	err = c.run()
	if err != nil && c.will != nil {
		err = errors.Join(err, c.events(*c.will)) // it went without DISCONNECT (3.1.2.5)
	}
	return err
}

func (c *mqttClient) run() error {
	for {
		if err := c.deadline(c.idle); err != nil {
			return err
		}
		p, err := mqtt.Read(c.reader, maxMQTTPacket)
		if err != nil {
			return c.why(err)
		}
		if p.Type == mqtt.TypeDisconnect {
			return p.Empty()
		}
		if err := c.packet(p); err != nil {
			c.head.Log("violation", c.id.String(), err.Error())
			return err
		}
	}
}

func (c *mqttClient) deadline(wait time.Duration) error {
	if wait == 0 {
		return c.nc.SetReadDeadline(time.Time{})
	}
	return c.nc.SetReadDeadline(time.Now().Add(wait))
}

func (c *mqttClient) why(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != "" {
		return fmt.Errorf("mqtt: %s", c.reason)
	}
	return err
}

func (c *mqttClient) packet(p mqtt.Packet) error {
	switch p.Type {
	case mqtt.TypePublish:
		return c.publish(p)
	case mqtt.TypeSubscribe:
		return c.subscribe(p)
	case mqtt.TypeUnsubscribe:
		return c.unsubscribe(p)
	}
	if ok, err := mqtt.Upkeep(p, c.send); ok {
		return err
	}
	return violation(fmt.Sprintf("packet type %d is not expected", p.Type))
}

// send writes one packet; any goroutine may.
func (c *mqttClient) send(b []byte) error {
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.nc.SetWriteDeadline(time.Now().Add(mqttWriteTimeout)); err != nil {
		return err
	}
	_, err := c.nc.Write(b)
	return err
}

// end closes from our side; MQTT 3.1.1 has no packet to say so.
func (c *mqttClient) end(kind, reason string) {
	c.head.Log(kind, c.id.String(), reason)
	c.mu.Lock()
	c.reason = reason
	c.mu.Unlock()
	_ = c.nc.Close()
}

// Kick implements Session.
func (c *mqttClient) Kick(reason string) {
	if !c.mail.post(func() { c.end("kick", reason) }) {
		_ = c.nc.Close()
	}
}

// notify posts a publication to the client; without room the connection ends.
func (c *mqttClient) notify(topic string, payload []byte) bool {
	packet := mqtt.Publish{Topic: topic, Payload: payload}.Encode()
	ok := c.mail.post(func() {
		if c.send(packet) != nil {
			_ = c.nc.Close()
		}
	})
	if !ok {
		_ = c.nc.Close()
	}
	return ok
}

// listens tells whether a filter of the client's covers topic. All filters that
// the hub allows end in /#, which is as much of MQTT's matching as it takes.
func (c *mqttClient) listens(topic string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.covered(topic)
}

// covered is listens; c.mu is held.
func (c *mqttClient) covered(topic string) bool {
	for filter := range c.filters {
		if stem, any := strings.CutSuffix(filter, "#"); filter == topic || any && strings.HasPrefix(topic, stem) {
			return true
		}
	}
	return false
}
