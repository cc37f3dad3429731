package hub

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"edgenet/internal/lab/amqp"
)

// amqpUser is an identity on an AMQP connection, with its links to the client.
type amqpUser struct {
	client  *amqpClient
	conn    *amqp.Conn
	id      Identity
	release func()

	mu         sync.Mutex
	twin       *amqp.Link
	methods    *amqp.Link
	subscribed bool // to desired properties
	links      map[*amqp.Link]struct{}
}

// terminus is what the node leads to, nil for an unknown one.
func (u *amqpUser) terminus(a *amqp.Attach, node string) *amqp.Terminus {
	t := &amqp.Terminus{MaxMessageSize: maxLinkMessage}
	receiver := a.Role == amqp.RoleReceiver
	switch {
	case node == "twin" && receiver:
		u.link(t, &u.twin)
		if u.client.head.Dialect == EdgeHub {
			u.subscribe(true) // opening the link subscribes there
		}
	case node == "twin":
		t.Receive = u.twinRequest
	case node == "methods/devicebound" && receiver:
		u.link(t, &u.methods)
	case node == "methods/devicebound":
		t.Receive = u.methodAnswer
	case node == "messages/events" && !receiver:
		t.Receive = u.events
	case node == "messages/events" && u.id.Module != "": // a module's inputs
	case node == "messages/devicebound" && receiver && u.id.Module == "":
		t.MaxMessageSize = maxDeviceBound
	default:
		return nil
	}
	return t
}

// remember keeps the link for Kick, as long as it is there.
func (u *amqpUser) remember(t *amqp.Terminus) {
	opened, closed := t.Opened, t.Closed
	var mine *amqp.Link
	t.Opened = func(l *amqp.Link) {
		u.mu.Lock()
		mine = l
		u.links[l] = struct{}{}
		u.mu.Unlock()
		if opened != nil {
			opened(l)
		}
	}
	t.Closed = func() {
		u.mu.Lock()
		delete(u.links, mine)
		u.mu.Unlock()
		if closed != nil {
			closed()
		}
	}
}

// link keeps where messages to the client go, as long as the link is there.
func (u *amqpUser) link(t *amqp.Terminus, where **amqp.Link) {
	var mine *amqp.Link
	t.Opened = func(l *amqp.Link) {
		u.mu.Lock()
		defer u.mu.Unlock()
		mine, *where = l, l
	}
	t.Closed = func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if *where == mine {
			*where = nil
		}
	}
}

func (u *amqpUser) subscribe(on bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.subscribed = on
}

// Kick implements Session. A connection of several identities loses this one's
// links, any other ends.
func (u *amqpUser) Kick(reason string) {
	u.client.head.Log("kick", u.id.String(), reason)
	e := &amqp.Error{Condition: "amqp:connection:forced", Description: reason}
	ok := u.client.mail.post(func() {
		if !u.client.shared() {
			u.conn.Close(e)
			return
		}
		u.mu.Lock()
		links := slices.Collect(maps.Keys(u.links))
		u.mu.Unlock()
		for _, l := range links {
			if l.Detach(&amqp.Error{Condition: "amqp:link:stolen", Description: reason}) != nil {
				_ = u.conn.NetConn().Close()
			}
		}
	})
	if !ok {
		_ = u.conn.NetConn().Close() // it takes no more notices
	}
}

// detachMethods ends the links of methods and leaves the connection, as the service does
// at times by itself (pull request 2740 of the vendor's C SDK). The client's own link of
// answers stays until the client closes it.
func (u *amqpUser) detachMethods() {
	u.mu.Lock()
	l := u.methods
	u.methods = nil // calls wait for the next link
	u.mu.Unlock()
	if l == nil {
		return
	}
	_ = u.client.mail.post(func() {
		_ = l.Detach(&amqp.Error{Condition: "amqp:link:detach-forced",
			Description: "the lab was told to"}) // a client that is gone has no links
	})
}

// post queues a message for the client; without room the connection ends.
func (u *amqpUser) post(l *amqp.Link, m *amqp.Message) bool {
	ok := u.client.mail.post(func() {
		if err := l.Send(m, true); err == amqp.ErrBacklog {
			_ = u.conn.NetConn().Close()
		}
	})
	if !ok {
		_ = u.conn.NetConn().Close()
	}
	return ok
}

// events takes telemetry, one message or a batch of them.
func (u *amqpUser) events(m *amqp.Message) (any, func() *amqp.Error, *amqp.Error) {
	batch := []*amqp.Message{m}
	if m.Format == amqp.FormatBatch {
		batch = batch[:0]
		for _, data := range m.Data {
			one, err := amqp.DecodeMessage(data)
			if err != nil {
				return nil, nil, &amqp.Error{Condition: "amqp:decode-error", Description: err.Error()}
			}
			batch = append(batch, one)
		}
	}
	for _, one := range batch {
		if len(one.Body()) > maxTelemetryBody {
			return nil, nil, &amqp.Error{Condition: "amqp:link:message-size-exceeded",
				Description: "messages of at most 256 KiB are taken"}
		}
		if err := u.client.head.Backend.Send(u.message(one)); err != nil {
			return nil, nil, &amqp.Error{Condition: "amqp:internal-error", Description: err.Error()}
		}
	}
	return amqp.Accepted, nil, nil
}

func (u *amqpUser) message(m *amqp.Message) Message {
	out := Message{From: u.id, Properties: map[string]string{}, Body: m.Body(), At: time.Now()}
	for _, p := range m.ApplicationProperties {
		key, _ := p.Key.(string)
		value, _ := p.Value.(string)
		if strings.EqualFold(key, "iothub-outputname") {
			out.Output = value
			continue
		}
		out.Properties[key] = value
	}
	if m.Properties != nil {
		for key, value := range map[string]any{
			"$.mid": m.Properties.MessageID, "$.cid": m.Properties.CorrelationID,
			"$.ct": m.Properties.ContentType, "$.ce": m.Properties.ContentEncoding,
		} {
			if text, ok := value.(string); ok && text != "" {
				out.Properties[key] = text
			}
		}
	}
	if out.Output == "" {
		out.Output = m.Operation("x-opt-output-name")
	}
	return out
}

// Invoke implements Session.
func (u *amqpUser) Invoke(c Call) bool {
	u.mu.Lock()
	l := u.methods
	u.mu.Unlock()
	if l == nil {
		return false
	}
	return u.post(l, &amqp.Message{
		Properties:            &amqp.Properties{CorrelationID: parseUUID(c.ID)},
		ApplicationProperties: amqp.Map{{Key: "IoThub-methodname", Value: c.Method}},
		Data:                  [][]byte{c.Payload},
	})
}

// methodAnswer takes the client's answer; clients echo the correlation id in its
// type, or as its text.
func (u *amqpUser) methodAnswer(m *amqp.Message) (any, func() *amqp.Error, *amqp.Error) {
	if m.Properties == nil {
		return amqp.Accepted, nil, nil
	}
	callID := ""
	switch id := m.Properties.CorrelationID.(type) {
	case amqp.UUID:
		callID = id.String()
	case string:
		callID = id
	}
	value, _ := m.ApplicationProperties.Get("IoThub-status")
	status, ok := amqp.Int(value)
	if text, isText := value.(string); isText {
		n, err := strconv.Atoi(text)
		status, ok = int64(n), err == nil
	}
	if ok {
		u.client.head.Backend.Answer(callID, Answer{Status: int(status), Payload: m.Body()})
	}
	return amqp.Accepted, nil, nil
}
