package twin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/Azure/go-amqp"

	"edgenet/proxy"
)

// maxLinks: two for each of token, twin and methods, one for telemetry, and room for
// those that are attached again before the old ones are gone.
const maxLinks = 32

// Credit of the links on which edgeHub sends.
const linkCredit = 16

// node is an address of the module, behind its path.
type node string

const (
	nodeTwin    node = "twin"
	nodeMethods node = "methods/devicebound"
	nodeEvents  node = "messages/events"
)

// channel is the first word of the correlation id that ties a pair together.
func (n node) channel() string {
	if n == nodeTwin {
		return "twin"
	}
	return "methods"
}

// attach opens a pair of links. The settle modes are named here, where edgeHub echoes
// them, and nowhere else: go-amqp fails over a mode that is asked for and not echoed,
// and for telemetry and tokens edgeHub answers none. The receiver comes first, so that
// no answer is without a link.
func (w *amqpWire) attach(ctx context.Context, n node) (pairOfLinks, error) {
	address := w.id.path() + "/" + string(n)
	properties := map[string]any{
		"com.microsoft:channel-correlation-id": n.channel() + ":" + randomID(),
		"com.microsoft:api-version":            apiVersion,
		"com.microsoft:client-version":         proxy.UserAgent,
	}
	in, err := w.sess.NewReceiver(ctx, address, &amqp.ReceiverOptions{
		SettlementMode:            amqp.ReceiverSettleModeFirst.Ptr(),
		RequestedSenderSettleMode: amqp.SenderSettleModeSettled.Ptr(),
		Credit:                    linkCredit, MaxMessageSize: maxMessage, Properties: properties,
	})
	if err != nil {
		return pairOfLinks{}, err
	}
	out, err := w.sess.NewSender(ctx, address, &amqp.SenderOptions{SettlementMode: amqp.SenderSettleModeSettled.Ptr(),
		Properties: properties})
	if err != nil {
		detach(ctx, pairOfLinks{in: in})
		return pairOfLinks{}, err
	}
	return pairOfLinks{in, out}, nil
}

// detach closes what of a pair is there; the peer may have closed it already.
func detach(ctx context.Context, p pairOfLinks) {
	ctx, cancel := context.WithTimeout(ctx, goodbyeWait)
	defer cancel()
	if p.in != nil {
		_ = p.in.Close(ctx)
	}
	if p.out != nil {
		_ = p.out.Close(ctx)
	}
}

func randomID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// receive hands on what comes on a link, until the link ends or f fails.
func (w *amqpWire) receive(r *amqp.Receiver, f func(*amqp.Message) error) error {
	for {
		m, err := r.Receive(w.life, nil)
		if err == nil {
			err = r.AcceptMessage(w.life, m) // nothing where edgeHub settled it
		}
		if err == nil {
			err = f(m)
		}
		if err != nil {
			return err
		}
	}
}

// Waits before methods links are attached again.
const (
	minReattach = 100 * time.Millisecond
	maxReattach = 30 * time.Second
)

var errNotAttached = errors.New("the links of methods are not attached")

// serveMethods takes calls. The service may detach these links by itself (seen by the
// vendor's C SDK, its pull request 2740); the connection stays, and they are attached
// again.
func (w *amqpWire) serveMethods() {
	defer w.wg.Done()
	wait := minReattach
	for {
		w.mu.Lock()
		links := w.methods
		w.mu.Unlock()
		err := errNotAttached
		if links.in != nil {
			err = w.receive(links.in, func(m *amqp.Message) error { wait = minReattach; return w.call(m) })
		}
		if w.life.Err() != nil || !detached(err) && links.in != nil {
			w.end(w.judge(err))
			return
		}
		w.in.notice(w.judge(err))
		select {
		case <-time.After(wait):
		case <-w.life.Done():
			return
		}
		wait = min(2*wait, maxReattach)
		w.reattach(links)
	}
}

// reattach replaces the methods links, or leaves none for the next try.
func (w *amqpWire) reattach(old pairOfLinks) {
	ctx, cancel := context.WithTimeout(w.life, maxReattach)
	defer cancel()
	detach(ctx, old)
	links, err := w.attach(ctx, nodeMethods)
	if err != nil {
		w.in.notice(w.judge(err))
		links = pairOfLinks{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.methods = links
}

// detached tells whether only a link ended, by the peer's doing.
func detached(err error) bool {
	var link *amqp.LinkError
	return errors.As(err, &link)
}
