package hub

import (
	"errors"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/amqp"
)

// sasTokenType is the only kind of token taken (CBS).
const sasTokenType = "servicebus.windows.net:sastoken"

// putToken handles a request on $cbs.
func (c *amqpClient) putToken(m *amqp.Message) (any, func() *amqp.Error, *amqp.Error) {
	status, description := c.judgeToken(m)
	if c.cbs == nil {
		return amqp.Accepted, nil, nil // nobody listens for the answer
	}
	answer := &amqp.Message{
		Properties: &amqp.Properties{},
		ApplicationProperties: amqp.Map{
			{Key: "status-code", Value: int32(status)},
			{Key: "status-description", Value: description},
		},
	}
	if m.Properties != nil {
		answer.Properties.CorrelationID = m.Properties.MessageID // in the type it came in
	}
	return amqp.Accepted, func() *amqp.Error { return limit(c.cbs.Send(answer, false)) }, nil
}

// limit is what becomes of an answer that the client does not take.
func limit(err error) *amqp.Error {
	if err == nil || errors.Is(err, amqp.ErrDetached) {
		return nil
	}
	return &amqp.Error{Condition: "amqp:resource-limit-exceeded", Description: err.Error()}
}

// judgeToken does what the request asks. The hub judges the token itself;
// edgeHub takes any that is well formed and judges when a link comes.
func (c *amqpClient) judgeToken(m *amqp.Message) (int, string) {
	props := m.ApplicationProperties
	if props.Text("operation") != "put-token" || !strings.EqualFold(props.Text("type"), sasTokenType) {
		return 400, "expected operation put-token and type " + sasTokenType
	}
	text, ok := m.Value.(string)
	if !ok {
		return 400, "expected the token as an amqp-value string"
	}
	host, id, ok := parseAudience(props.Text("name"))
	if !ok || host == "" {
		return 400, "the audience names no device or module"
	}
	if c.head.Dialect == EdgeHub {
		if _, err := iothub.ParseToken(text); err != nil {
			return 400, "not a shared access signature"
		}
		c.mu.Lock()
		c.tokens[id] = text
		delete(c.grants, id)
		c.mu.Unlock()
		return 200, "OK"
	}
	if !strings.EqualFold(host, c.head.Backend.Name()) {
		return 401, refusal
	}
	until, err := c.head.Backend.Authenticate(id, Credentials{Token: text, Certificates: nil})
	if err != nil {
		c.head.Log("refused", id.String(), "CBS: "+err.Error())
		return 401, refusal
	}
	c.grant(id, until)
	return 200, "OK"
}
