package hub

import (
	"encoding/hex"
	"strings"

	"edgenet/internal/lab/amqp"
)

// maxTelemetryBody is the documented size of a message to the cloud.
const maxTelemetryBody = 256 << 10

// Resources of twin requests.
const (
	resourceReported = "/properties/reported"
	resourceDesired  = "/notifications/twin/properties/desired"
)

// twinRequest answers one request of the twin's link on the link back.
func (u *amqpUser) twinRequest(m *amqp.Message) (any, func() *amqp.Error, *amqp.Error) {
	operation, resource := m.Operation("operation"), m.Operation("resource")
	if operation == "" && u.client.head.Dialect == EdgeHub {
		return amqp.Accepted, nil, nil // logged there, never answered
	}
	status, body, version := u.twinOperation(operation, resource, m)
	u.mu.Lock()
	l := u.twin
	u.mu.Unlock()
	if l == nil {
		return amqp.Accepted, nil, nil // no link to answer on
	}
	empty := ""
	answer := &amqp.Message{
		Annotations: amqp.Map{{Key: amqp.Symbol("status"), Value: int32(status)}},
		Properties:  &amqp.Properties{ReplyTo: &empty},
	}
	if operation != "GET" {
		answer.Properties.ReplyTo = nil // as recorded
	}
	if m.Properties != nil {
		answer.Properties.CorrelationID = m.Properties.CorrelationID
	}
	if version > 0 && u.client.head.Dialect == IoTHub {
		answer.Annotations = append(answer.Annotations, amqp.Pair{Key: amqp.Symbol("version"), Value: version})
	}
	if body != nil {
		answer.Data = [][]byte{body}
	}
	return amqp.Accepted, func() *amqp.Error { return limit(l.Send(answer, true)) }, nil
}

func (u *amqpUser) twinOperation(operation, resource string, m *amqp.Message) (status int, body []byte, version int64) {
	backend := u.client.head.Backend
	switch {
	case operation == "GET":
		b, err := backend.Twin(u.id)
		if err != nil {
			return statusOf(err), nil, 0
		}
		return 200, b, 0
	case operation == "PATCH" && resource == resourceReported:
		v, err := backend.Report(u.id, m.Body())
		if err != nil {
			return statusOf(err), nil, 0
		}
		return 204, nil, v
	case operation == "PUT" && resource == resourceDesired:
		u.subscribe(true)
		return 200, nil, 0
	case operation == "DELETE" && resource == resourceDesired:
		u.subscribe(false)
		return 200, nil, 0
	}
	return 400, nil, 0
}

// Desired implements Session: a message without correlation-id.
func (u *amqpUser) Desired(patch []byte, version int64) {
	u.mu.Lock()
	l := u.twin
	if !u.subscribed {
		l = nil
	}
	u.mu.Unlock()
	if l == nil {
		return
	}
	u.post(l, &amqp.Message{
		Annotations: amqp.Map{
			{Key: amqp.Symbol("resource"), Value: resourceDesired},
			{Key: amqp.Symbol("version"), Value: version},
		},
		Properties: &amqp.Properties{},
		Data:       [][]byte{patch},
	})
}

// parseUUID reads what newCallID made.
func parseUUID(text string) amqp.UUID {
	var u amqp.UUID
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err == nil && len(b) == len(u) {
		copy(u[:], b)
	}
	return u
}
