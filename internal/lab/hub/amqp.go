package hub

import (
	"context"
	"crypto/x509"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"edgenet/internal/lab/amqp"
)

// What hub and edgeHub say of themselves, from the recorded dialogue and from
// edgeHub's sources.
const (
	amqpIdle        = 240 * time.Second
	edgeMinPeerIdle = 5 * time.Second
	maxLinkMessage  = 1 << 20
	maxDeviceBound  = 1 << 16
)

// ServeAMQP talks AMQP with one client until it goes or ctx ends, and closes nc.
func (h *Head) ServeAMQP(ctx context.Context, nc net.Conn) error {
	c := &amqpClient{
		head: h, certs: PeerCertificates(ctx, nc), mail: newMailbox(),
		grants: make(map[Identity]time.Time), tokens: make(map[Identity]string), users: make(map[Identity]*amqpUser),
	}
	cfg := amqp.Config{
		ContainerID: "DeviceGateway_" + randomHex(16),
		Mechanisms:  []amqp.Symbol{"EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"},
		IdleTimeout: amqpIdle,
		Application: c,
	}
	if h.Dialect == EdgeHub {
		cfg.Mechanisms = []amqp.Symbol{"ANONYMOUS", "MSSBCBS", "PLAIN"}
		cfg.MinPeerIdle = edgeMinPeerIdle
	}
	return amqp.Serve(ctx, nc, cfg)
}

// amqpClient is one connection. Identities log in on it, one as a rule.
type amqpClient struct {
	head  *Head
	certs []*x509.Certificate
	mail  *mailbox
	cbs   *amqp.Link // where answers to put-token go

	mu     sync.Mutex
	grants map[Identity]time.Time // who is authenticated, until when
	tokens map[Identity]string    // put at an edgeHub, judged when a link comes
	users  map[Identity]*amqpUser
	timer  *time.Timer
	closed bool
}

// SASL implements amqp.Application. PLAIN is the only mechanism that proves
// something here; the others leave it to CBS or the certificate.
func (c *amqpClient) SASL(_ *amqp.Conn, mechanism string, response []byte) bool {
	switch mechanism {
	case "EXTERNAL":
		return len(c.certs) > 0
	case "PLAIN":
		return c.plain(string(response))
	}
	return true
}

// plain reads authzid NUL user NUL password (RFC 4616). The user is
// {d}@sas.{hub} or {d}/modules/{m}@sas.{hub}, where hub is the first label of
// the hub's name; the password is a token.
func (c *amqpClient) plain(response string) bool {
	parts := strings.Split(response, "\x00")
	if len(parts) != 3 {
		return false
	}
	user, at, _ := strings.Cut(parts[1], "@")
	short, _, _ := strings.Cut(c.head.Backend.Name(), ".")
	if at != "sas."+short {
		return false
	}
	device, module, _ := strings.Cut(user, "/modules/")
	id := Identity{device, module}
	until, err := c.head.Backend.Authenticate(id, Credentials{Token: parts[2]})
	if err != nil {
		c.head.Log("refused", id.String(), "SASL PLAIN: "+err.Error())
		return false
	}
	c.grant(id, until)
	return true
}

// grant notes that id is authenticated until then.
func (c *amqpClient) grant(id Identity, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grants[id] = until
}

// until tells how long id, or its device, is authenticated; c.mu is held.
func (c *amqpClient) until(id Identity) (time.Time, bool) {
	if until, there := c.grants[id]; there {
		return until, true
	}
	until, there := c.grants[Identity{Device: id.Device}]
	return until, there
}

// granted tells whether id is authenticated on this connection; what was put
// aside is judged now.
func (c *amqpClient) granted(id Identity) error {
	c.mu.Lock()
	until, there := c.until(id)
	token := c.tokens[id]
	c.mu.Unlock()
	if there && time.Now().Before(until) {
		return nil
	}
	until, err := c.head.Backend.Authenticate(id, Credentials{Token: token, Certificates: c.certs})
	if err != nil {
		return err
	}
	c.grant(id, until)
	return nil
}

// user is id's session on this connection, made at its first link.
func (c *amqpClient) user(conn *amqp.Conn, id Identity) *amqpUser {
	c.mu.Lock()
	u := c.users[id]
	c.mu.Unlock()
	if u != nil {
		return u
	}
	u = &amqpUser{client: c, conn: conn, id: id, links: make(map[*amqp.Link]struct{})}
	c.head.Log("login", id.String(), "amqp")
	u.release = c.head.Backend.Connect(id, u)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users[id] = u
	if first, _ := c.firstEnd(); c.timer == nil {
		c.timer = time.AfterFunc(time.Until(first), func() { c.expire(conn) })
	} else {
		c.timer.Reset(time.Until(first))
	}
	return u
}

// shared tells whether several identities are on the connection.
func (c *amqpClient) shared() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.users) > 1
}

// firstEnd is when the first of the users' tokens ends, and whose; c.mu is held.
func (c *amqpClient) firstEnd() (first time.Time, whose Identity) {
	for id := range c.users {
		if until, _ := c.until(id); first.IsZero() || until.Before(first) {
			first, whose = until, id
		}
	}
	return first, whose
}

// expire closes the connection of a client whose token ended without a new one. A token
// that an edgeHub took in the meantime is judged now.
func (c *amqpClient) expire(conn *amqp.Conn) {
	c.mu.Lock()
	users := slices.Collect(maps.Keys(c.users))
	c.mu.Unlock()
	for _, id := range users {
		_ = c.granted(id) // a refusal shows in its end
	}
	c.mu.Lock()
	first, whose := c.firstEnd()
	left := time.Until(first)
	if !c.closed && left > 0 {
		c.timer.Reset(left)
	}
	over := !c.closed && left <= 0
	c.mu.Unlock()
	if over {
		c.head.Log("expired", whose.String(), "amqp")
		conn.Close(&amqp.Error{Condition: "amqp:unauthorized-access", Description: "the token expired"})
	}
}

// Closed implements amqp.Application.
func (c *amqpClient) Closed(*amqp.Conn) {
	c.mu.Lock()
	c.closed = true
	users, timer := c.users, c.timer
	c.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
	for _, u := range users {
		u.release()
		c.head.Log("logout", u.id.String(), "amqp")
	}
	c.mail.close()
}
