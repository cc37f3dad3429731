package twin

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/Azure/go-amqp"

	"edgenet/internal/secret"
)

// sasTokenType is how claims-based security calls a SAS token.
const sasTokenType = "servicebus.windows.net:sastoken"

// cbsLinks are those to the node that takes tokens. One token is put at a time.
type cbsLinks struct {
	mu    sync.Mutex
	links pairOfLinks
	n     int
}

// putToken gives a token to edgeHub and reads its verdict, on the same links each time
// (AMQP claims-based security, working draft). edgeHub takes any token that is well
// formed, and judges it when a link is attached.
func (w *amqpWire) putToken(ctx context.Context, token secret.Value) error {
	w.cbs.mu.Lock()
	defer w.cbs.mu.Unlock()
	err := w.put(ctx, token)
	if detached(err) { // edgeHub may drop links that are idle for an hour
		detach(ctx, w.cbs.links)
		w.cbs.links = pairOfLinks{}
		err = w.put(ctx, token)
	}
	return err
}

// put implements putToken; w.cbs.mu is held.
func (w *amqpWire) put(ctx context.Context, token secret.Value) (err error) {
	links := &w.cbs.links
	if links.in == nil {
		if links.in, err = w.sess.NewReceiver(ctx, "$cbs",
			&amqp.ReceiverOptions{MaxMessageSize: maxMessage}); err != nil {
			return err
		}
	}
	if links.out == nil {
		if links.out, err = w.sess.NewSender(ctx, "$cbs", nil); err != nil {
			return err
		}
	}
	w.cbs.n++
	id, to, replyTo := strconv.Itoa(w.cbs.n), "$cbs", "cbs"
	err = links.out.Send(ctx, &amqp.Message{
		Properties: &amqp.MessageProperties{MessageID: id, To: &to, ReplyTo: &replyTo},
		ApplicationProperties: map[string]any{"operation": "put-token", "type": sasTokenType, "name": w.id.Hub +
			w.id.path()},
		Value: token.Reveal(),
	}, nil)
	if err != nil {
		return err
	}
	for range maxWaiting { // an answer to a token that was given up may come first
		m, err := links.in.Receive(ctx, nil)
		if err != nil {
			return err
		}
		if err := links.in.AcceptMessage(ctx, m); err != nil {
			return err
		}
		if m.Properties != nil && m.Properties.CorrelationID == any(id) {
			return tokenVerdict(m)
		}
	}
	return fmt.Errorf("%w: the token is not answered", errFrame)
}

// tokenVerdict reads status-code and status-description.
func tokenVerdict(m *amqp.Message) error {
	status, ok := integer(m.ApplicationProperties["status-code"])
	words, _ := m.ApplicationProperties["status-description"].(string)
	switch {
	case !ok:
		return fmt.Errorf("%w: the token is answered without status-code", errFrame)
	case status/100 == 2:
		return nil
	case status == 400 || status == 401 || status == 403 || status == 404:
		return refused(fmt.Sprintf("CBS %d %s", status, said(words, 120)))
	}
	return fmt.Errorf("edgeHub answers the token with CBS %d %s", status, said(words, 120))
}

// integer reads a number of whatever type the peer chose.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int8:
		return int64(n), true
	case int16:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case uint8:
		return int64(n), true
	case uint16:
		return int64(n), true
	case uint32:
		return int64(n), true
	case uint64:
		if n <= 1<<62 {
			return int64(n), true //nolint:gosec // just compared
		}
	}
	return 0, false
}
