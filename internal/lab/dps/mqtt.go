package dps

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/mqtt"
)

// The topics.
const (
	topicRegister = "$dps/registrations/PUT/iotdps-register/"
	topicStatus   = "$dps/registrations/GET/iotdps-get-operationstatus/"
	topicResult   = "$dps/registrations/res/"
)

const (
	maxPacket   = maxBody + 1<<10
	connectWait = 60 * time.Second
	// idleWait is after how long of silence a client is sent away.
	idleWait     = 5 * time.Minute
	writeTimeout = 10 * time.Second
)

// Serve talks a protocol on a connection until it ends.
type Serve func(context.Context, net.Conn) error

// client is one connection of MQTT.
type client struct {
	s         *Service
	nc        net.Conn
	id        string
	proof     proof
	listening bool // to the answers
}

// ServeMQTT talks MQTT 3.1.1 with one client until it goes, its token ends or ctx does, and
// closes nc.
func (s *Service) ServeMQTT(ctx context.Context, nc net.Conn) error {
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()
	defer nc.Close()
	reader := bufio.NewReader(nc)
	c := &client{s: s, nc: nc}
	if err := nc.SetReadDeadline(time.Now().Add(connectWait)); err != nil {
		return err
	}
	p, err := mqtt.Read(reader, maxPacket)
	if err != nil {
		return err
	}
	if err := c.connect(ctx, p); err != nil {
		return err
	}
	s.o.Log("login", c.id, "DPS: mqtt")
	defer s.o.Log("logout", c.id, "DPS: mqtt")
	timer := time.AfterFunc(time.Until(c.proof.until), func() { nc.Close() })
	defer timer.Stop()
	for {
		if err := nc.SetReadDeadline(time.Now().Add(idleWait)); err != nil {
			return err
		}
		p, err := mqtt.Read(reader, maxPacket)
		if err != nil {
			return err
		}
		if p.Type == mqtt.TypeDisconnect {
			return p.Empty()
		}
		if err := c.packet(p); err != nil {
			s.o.Log("violation", c.id, err.Error())
			return err
		}
	}
}

// connect judges the CONNECT and answers it.
func (c *client) connect(ctx context.Context, p mqtt.Packet) error {
	if p.Type != mqtt.TypeConnect {
		return errors.New("mqtt: the first packet is not CONNECT")
	}
	connect, err := p.Connect()
	if err != nil {
		return err
	}
	if connect.Protocol != "MQTT" || connect.Level != 4 {
		return c.deny(mqtt.UnacceptableVersion, errors.New("only MQTT 3.1.1 is spoken"))
	}
	scope, id, err := parseUserName(connect.UserName)
	if err != nil {
		return c.deny(mqtt.NotAuthorized, err)
	}
	if connect.ClientID != id {
		return c.deny(mqtt.IdentifierRejected, errors.New("the client id is not the user name's registration ID"))
	}
	c.id = id
	c.proof, err = c.s.authenticate(scope, id, connect.Password, hub.PeerCertificates(ctx, c.nc))
	if err != nil {
		return c.deny(mqtt.NotAuthorized, err)
	}
	return c.send(mqtt.Connack(false, mqtt.Accepted))
}

func (c *client) deny(code byte, why error) error {
	_ = c.send(mqtt.Connack(false, code)) // it is refused either way
	return fmt.Errorf("mqtt: CONNECT refused: %w", why)
}

// parseUserName reads {scope}/registrations/{id}/api-version=…, with a question mark before
// the query or without.
func parseUserName(name string) (scope, id string, err error) {
	parts := strings.SplitN(name, "/", 4)
	if len(parts) != 4 || parts[1] != "registrations" {
		return "", "", errors.New("the user name is not scope/registrations/id/api-version=…")
	}
	values, err := url.ParseQuery(strings.TrimPrefix(parts[3], "?"))
	if err != nil || values.Get("api-version") == "" {
		return "", "", errors.New("the user name has no api-version")
	}
	return parts[0], parts[2], nil
}

func (c *client) packet(p mqtt.Packet) error {
	switch p.Type {
	case mqtt.TypePublish:
		return c.publish(p)
	case mqtt.TypeSubscribe, mqtt.TypeUnsubscribe:
		return c.listen(p)
	}
	if ok, err := mqtt.Upkeep(p, c.send); ok {
		return err
	}
	return fmt.Errorf("mqtt: packet type %d is not expected", p.Type)
}

// listen takes the one subscription that there is.
func (c *client) listen(p mqtt.Packet) error {
	id, filters, err := p.Subscribe()
	if err != nil {
		return err
	}
	granted := make([]byte, len(filters))
	for i, f := range filters {
		if f.Filter != topicResult+"#" {
			return fmt.Errorf("mqtt: a subscription to an unknown topic: %s", f.Filter)
		}
		granted[i] = min(f.QoS, 1)
	}
	if c.listening = p.Type == mqtt.TypeSubscribe; c.listening {
		return c.send(mqtt.Suback(id, granted))
	}
	return c.send(mqtt.Unsuback(id))
}

// publish takes a request, acknowledges it and answers it.
func (c *client) publish(p mqtt.Packet) error {
	m, err := p.Publish()
	if err != nil {
		return err
	}
	if m.QoS > 1 {
		return errors.New("mqtt: a publication of QoS 2")
	}
	topic, query, _ := strings.Cut(m.Topic, "?")
	values, err := url.ParseQuery(query)
	if err != nil || values.Get("$rid") == "" || topic != topicRegister && topic != topicStatus {
		return fmt.Errorf("mqtt: a publication to an unknown topic: %s", m.Topic)
	}
	if m.QoS == 1 {
		if err := c.send(mqtt.Puback(m.ID)); err != nil {
			return err
		}
	}
	var status int
	var body object
	if topic == topicRegister {
		status, body, err = c.s.begin(c.id, c.proof, m.Payload)
	} else {
		status, body, err = c.s.look(c.id, values.Get("operationId"))
	}
	var f *fault
	if errors.As(err, &f) {
		status, body = f.status, f.body(randomHex(16), c.s.o.Now())
	}
	return c.answer(status, values.Get("$rid"), body)
}

// answer publishes the result of a request to whoever listens.
func (c *client) answer(status int, rid string, body object) error {
	if !c.listening {
		return nil
	}
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	topic := fmt.Sprintf("%s%d/?$rid=%s", topicResult, status, url.QueryEscape(rid))
	if status == http.StatusAccepted {
		topic += fmt.Sprintf("&retry-after=%d", retryAfter)
	}
	return c.send(mqtt.Publish{Topic: topic, Payload: b}.Encode())
}

func (c *client) send(b []byte) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := c.nc.Write(b)
	return err
}

// serveWebSocket upgrades and speaks the sub-protocol's language inside.
func (s *Service) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	protocol := hub.Subprotocol(r)
	serve := Serve(s.ServeMQTT)
	if s.o.MQTT != nil {
		serve = s.o.MQTT
	}
	if !strings.EqualFold(protocol, hub.ProtocolMQTT) {
		serve = s.o.AMQP
	}
	if protocol == "" || serve == nil {
		f := badRequest
		reply(w, f.status, f.body(randomHex(16), s.o.Now()))
		return
	}
	// Origins mean nothing to devices; browsers have no business here.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol},
		InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer ws.CloseNow() // for what a goodbye without an answer leaves open
	ctx := r.Context()
	if err := serve(ctx, websocket.NetConn(ctx, ws, websocket.MessageBinary)); err != nil {
		s.o.Log("end", "", "DPS: websocket: "+err.Error())
	}
}
