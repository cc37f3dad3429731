package twin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/Azure/go-amqp"

	"edgenet/internal/secret"
	"edgenet/proxy"
)

// Resources of twin requests.
const (
	resourceReported = "/properties/reported"
	resourceDesired  = "/notifications/twin/properties/desired"
)

// ask implements wire.
func (w *amqpWire) ask(ctx context.Context, op operation, body []byte) (answer, error) {
	id, answers, err := w.asked.add()
	if err != nil {
		return answer{}, err
	}
	defer w.asked.drop(id)
	m := &amqp.Message{
		Annotations: amqp.Annotations{"operation": string(op)},
		Properties:  &amqp.MessageProperties{CorrelationID: strconv.Itoa(int(id))},
		Data:        [][]byte{body},
	}
	switch op {
	case opReport:
		m.Annotations["resource"] = resourceReported
	case opSubscribe:
		m.Annotations["resource"] = resourceDesired
	}
	if len(body) == 0 {
		m.Data = [][]byte{{' '}} // as the vendor's SDKs do; edgeHub wants a body
	}
	if err := w.twin.out.Send(ctx, m, nil); err != nil {
		return answer{}, w.judge(err)
	}
	return await(ctx, w, "twin "+string(op), answers)
}

// serveTwin takes answers and notices. Without this link the session is worth nothing.
func (w *amqpWire) serveTwin() {
	defer w.wg.Done()
	w.end(w.judge(w.receive(w.twin.in, w.fromTwin)))
}

// fromTwin sorts a message: with a correlation id it is an answer, without it a notice
// of desired properties.
func (w *amqpWire) fromTwin(m *amqp.Message) error {
	body := bytes.Join(m.Data, nil)
	if m.Properties == nil || m.Properties.CorrelationID == nil {
		version, _ := integer(m.Annotations["version"])
		return w.in.post(event{kind: eventDesired, version: version, body: body})
	}
	id, isText := m.Properties.CorrelationID.(string)
	status, ok := integer(m.Annotations["status"])
	if !isText || !ok {
		w.in.notice(errors.New("an answer of the twin without status, or to nothing that was asked"))
		return nil
	}
	w.asked.resolveText(id, answer{int(status), body})
	return nil
}

// call takes a method's call. Its correlation id goes back in the type it has.
func (w *amqpWire) call(m *amqp.Message) error {
	name, ok := m.ApplicationProperties["IoThub-methodname"].(string)
	if !ok || m.Properties == nil || m.Properties.CorrelationID == nil {
		w.in.notice(errors.New("a method's call without name or correlation id"))
		return nil
	}
	return w.in.post(event{kind: eventMethod, name: name, call: m.Properties.CorrelationID,
		body: bytes.Join(m.Data, nil)})
}

// reply implements wire. While the links are being attached again it waits for them:
// edgeHub knows the call by its id.
func (w *amqpWire) reply(ctx context.Context, call any, r Reply) error {
	m := &amqp.Message{
		Properties:            &amqp.MessageProperties{CorrelationID: call},
		ApplicationProperties: map[string]any{"IoThub-status": int32(r.Status)}, //nolint:gosec // a status
		Data:                  [][]byte{r.Payload},
	}
	for {
		w.mu.Lock()
		out := w.methods.out
		w.mu.Unlock()
		err := errNotAttached
		if out != nil {
			err = out.Send(ctx, m, nil)
		}
		if err == nil {
			return nil
		}
		if !detached(err) && !errors.Is(err, errNotAttached) {
			return w.judge(err)
		}
		select {
		case <-time.After(minReattach):
		case <-ctx.Done():
			return w.judge(err)
		case <-w.over:
			return lost(w)
		}
	}
}

// telemetry gives the link of telemetry, and attaches it where it is not.
func (w *amqpWire) telemetry(ctx context.Context) (*amqp.Sender, error) {
	w.eventsMu.Lock()
	defer w.eventsMu.Unlock()
	if w.events != nil {
		return w.events, nil
	}
	events, err := w.sess.NewSender(ctx, w.id.path()+"/"+string(nodeEvents), &amqp.SenderOptions{
		Properties: map[string]any{"com.microsoft:api-version": apiVersion,
			"com.microsoft:client-version": proxy.UserAgent},
	})
	if err != nil {
		return nil, err
	}
	w.events = events
	return events, nil
}

// detachedTelemetry forgets the link, unless another one took its place.
func (w *amqpWire) detachedTelemetry(gone *amqp.Sender) {
	w.eventsMu.Lock()
	defer w.eventsMu.Unlock()
	if w.events == gone {
		w.events = nil
	}
}

// send implements wire. A link that edgeHub detaches over a message is attached again
// for the next one.
func (w *amqpWire) send(ctx context.Context, m Message) error {
	events, err := w.telemetry(ctx)
	if err != nil {
		return w.judge(err)
	}
	message := &amqp.Message{
		Properties: &amqp.MessageProperties{ContentType: text("application/json"),
			ContentEncoding: text("utf-8")},
		ApplicationProperties: map[string]any{},
		Data:                  [][]byte{m.Body},
	}
	if m.ID != "" {
		message.Properties.MessageID = m.ID
	}
	for key, value := range m.Properties {
		message.ApplicationProperties[key] = value
	}
	if m.Output != "" {
		message.ApplicationProperties["iothub-outputname"] = m.Output
	}
	receipt, err := events.SendWithReceipt(ctx, message, nil)
	var state amqp.DeliveryState
	if err == nil {
		state, err = receipt.Wait(ctx)
	}
	if detached(err) {
		w.detachedTelemetry(events)
	}
	if err != nil {
		return w.judge(err)
	}
	return outcome(state)
}

// outcome: only accepted means that edgeHub has it.
func outcome(state amqp.DeliveryState) error {
	switch s := state.(type) {
	case *amqp.StateAccepted:
		return nil
	case *amqp.StateRejected:
		if s.Error != nil {
			return fmt.Errorf("edgeHub rejects the message: %s", s.Error.Condition)
		}
	}
	return fmt.Errorf("edgeHub has not accepted the message: %T", state)
}

func text(s string) *string { return &s }

// renew implements wire: the same connection goes on with the new token.
func (w *amqpWire) renew(ctx context.Context, token secret.Value) error {
	if err := w.putToken(ctx, token); err != nil {
		return w.judge(err)
	}
	return nil
}

// drain implements wire; this one is never replaced.
func (w *amqpWire) drain(context.Context) error { return nil }
