package hub

import (
	"strings"

	"edgenet/internal/lab/amqp"
)

// Attach implements amqp.Application: what an address leads to, and who may.
func (c *amqpClient) Attach(conn *amqp.Conn, a *amqp.Attach) (*amqp.Terminus, *amqp.Error) {
	address := a.Address()
	if address == "$cbs" {
		return c.attachCBS(a), nil
	}
	id, node, refusal := c.address(address)
	if refusal != nil {
		return nil, refusal
	}
	if err := c.granted(id); err != nil {
		c.head.Log("refused", id.String(), "amqp link "+node+": "+err.Error())
		return nil, c.unauthorized(node)
	}
	u := c.user(conn, id)
	t := u.terminus(a, node)
	if t == nil {
		return nil, &amqp.Error{Condition: "amqp:not-found", Description: "no node of that address for a " +
			roleName(a.Role)}
	}
	u.remember(t)
	c.modes(t, a, node)
	return t, nil
}

func roleName(r amqp.Role) string {
	if r == amqp.RoleReceiver {
		return "receiver"
	}
	return "sender"
}

// address reads a link's address, relative or with scheme and host.
func (c *amqpClient) address(address string) (Identity, string, *amqp.Error) {
	path := address
	if rest, absolute := strings.CutPrefix(address, "amqps://"); absolute {
		_, path, _ = strings.Cut(rest, "/")
	}
	id, node, ok := parsePath(path)
	if !ok {
		return id, "", &amqp.Error{Condition: "amqp:not-found",
			Description: "the address is none of a device or module"}
	}
	return id, node, nil
}

// unauthorized is how the two refuse a link of a stranger (edgeHub: an
// InvalidOperation becomes not-allowed, its text quoted as JSON).
func (c *amqpClient) unauthorized(node string) *amqp.Error {
	if c.head.Dialect == EdgeHub {
		return &amqp.Error{
			Condition:   "amqp:not-allowed",
			Description: `"Unable to open ` + node + ` link as the connection could not be authenticated"`,
		}
	}
	return &amqp.Error{
		Condition: "amqp:unauthorized-access", Description: refusal,
		Info: amqp.Map{{Key: amqp.Symbol("com.microsoft:tracking-id"), Value: randomHex(16)}},
	}
}

// modes answers the settle modes: the hub echoes them, edgeHub has its own per
// kind of link.
func (c *amqpClient) modes(t *amqp.Terminus, a *amqp.Attach, node string) {
	if c.head.Dialect == IoTHub {
		t.SndSettleMode, t.RcvSettleMode = a.SndSettleMode, a.RcvSettleMode
		return
	}
	settled, first := uint8(1), uint8(0)
	twinOrMethods := node == "twin" || node == "methods/devicebound"
	if twinOrMethods {
		t.SndSettleMode = &settled
	}
	if a.Role == amqp.RoleReceiver {
		t.RcvSettleMode = &first
	}
}

// attachCBS opens the node that takes tokens; anybody may. Here both echo.
func (c *amqpClient) attachCBS(a *amqp.Attach) *amqp.Terminus {
	t := &amqp.Terminus{
		SndSettleMode: a.SndSettleMode, RcvSettleMode: a.RcvSettleMode,
		MaxMessageSize: maxLinkMessage, Credit: amqp.CBSCredit,
	}
	if a.Role == amqp.RoleReceiver {
		t.Opened = func(l *amqp.Link) { c.cbs = l }
	} else {
		t.Receive = c.putToken
	}
	return t
}
