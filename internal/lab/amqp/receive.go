package amqp

import "fmt"

// transfer collects a delivery and hands it on when it is whole.
func (l *Link) transfer(t *Transfer, payload []byte) error {
	if l.partial == nil {
		if t.DeliveryID == nil {
			return &Error{Condition: "amqp:invalid-field", Description: "a first transfer without delivery-id"}
		}
		l.partial = &delivery{id: *t.DeliveryID}
		if t.MessageFormat != nil {
			l.partial.format = *t.MessageFormat
		}
	}
	d := l.partial
	d.settled = d.settled || t.Settled != nil && *t.Settled
	if t.Aborted {
		l.partial = nil
		return nil
	}
	if l.gone() {
		return nil // the client has not seen our detach yet
	}
	if l.terminus.MaxMessageSize > 0 && uint64(len(d.payload)+len(payload)) > l.terminus.MaxMessageSize {
		l.partial = nil
		return l.Detach(&Error{Condition: "amqp:link:message-size-exceeded",
			Description: fmt.Sprintf("messages of at most %d bytes are taken", l.terminus.MaxMessageSize)})
	}
	d.payload = append(d.payload, payload...)
	if t.More {
		return nil
	}
	l.partial = nil
	return l.receive(d)
}

func (l *Link) gone() bool {
	l.s.c.mu.Lock()
	defer l.s.c.mu.Unlock()
	return l.detached
}

// receive hands a whole message to the application, and its outcome back.
func (l *Link) receive(d *delivery) error {
	m, err := DecodeMessage(d.payload)
	if err != nil {
		return &Error{Condition: "amqp:decode-error", Description: err.Error()}
	}
	m.Format = d.format
	outcome, then, refusal := l.terminus.Receive(m)
	if refusal != nil {
		return l.Detach(refusal)
	}
	if err := l.settle(d, outcome); err != nil || then == nil {
		return err
	}
	if refusal := then(); refusal != nil {
		return l.Detach(refusal)
	}
	return nil
}

// settle tells the outcome, and gives credit back when half of it is used.
func (l *Link) settle(d *delivery, outcome any) error {
	l.s.c.mu.Lock()
	defer l.s.c.mu.Unlock()
	l.count++
	l.credit--
	if !d.settled {
		err := l.s.c.send(l.s.channel, &Disposition{Role: RoleReceiver, First: d.id, Settled: true, State: outcome},
			nil)
		if err != nil {
			return err
		}
	}
	full := l.terminus.Credit
	if full == 0 {
		full = DefaultCredit
	}
	if l.credit <= full/2 && !l.detached {
		return l.grant()
	}
	return nil
}
