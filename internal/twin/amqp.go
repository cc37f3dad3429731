package twin

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/Azure/go-amqp"

	"edgenet/internal/amqpwire"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Liveness: go-amqp announces half of this, and edgeHub sends a heartbeat well within
// that. A writer that is stuck for so long is over.
const (
	amqpIdle  = 3 * time.Minute
	amqpWrite = 10 * time.Second
)

// amqpWire is a connection of AMQP 1.0 with one session: links for the token, the twin,
// methods and telemetry.
type amqpWire struct {
	id    Identity
	g     *guard
	conn  *amqp.Conn
	sess  *amqp.Session
	in    *inbox
	cbs   cbsLinks
	twin  pairOfLinks
	asked waiters // twin requests, by correlation id

	life context.Context // ends with the wire
	stop context.CancelFunc
	wg   sync.WaitGroup
	over chan struct{}

	mu      sync.Mutex
	methods pairOfLinks
	why     error

	eventsMu sync.Mutex   // held while the link is attached
	events   *amqp.Sender // nil until it is attached again
}

// pairOfLinks is a receiver and a sender of the same node.
type pairOfLinks struct {
	in  *amqp.Receiver
	out *amqp.Sender
}

// loginAMQP opens the connection, puts the token and attaches the links, where edgeHub
// really judges it. It closes the stream where that fails.
func loginAMQP(ctx context.Context, c *Config, s *stream, token secret.Value, in *inbox) (wire, error) {
	g := &guard{stream: s}
	conn, err := amqp.NewConn(ctx, g, &amqp.ConnOptions{
		// edgeHub resolves relative addresses against the host of OPEN.
		HostName: c.Gateway, ContainerID: c.Name(), SASLType: amqp.SASLTypeAnonymous(),
		IdleTimeout: amqpIdle, WriteTimeout: amqpWrite, MaxFrameSize: amqpwire.MaxFrame, MaxSessions: 1,
	})
	if err != nil {
		s.drop()
		return nil, staged(StageLogin, timedOut(ctx, g.cause(err)))
	}
	w := &amqpWire{id: c.Identity, g: g, conn: conn, in: in, over: make(chan struct{})}
	w.life, w.stop = context.WithCancel(context.Background())
	w.wg.Add(2)
	go w.watch()
	go w.beats()
	if err := w.open(ctx, token); err != nil {
		err = timedOut(ctx, w.judge(err))
		w.close()
		return nil, staged(StageLogin, err)
	}
	return w, nil
}

// open walks from the session to the subscription.
func (w *amqpWire) open(ctx context.Context, token secret.Value) (err error) {
	if w.sess, err = w.conn.NewSession(ctx, &amqp.SessionOptions{MaxLinks: maxLinks}); err != nil {
		return err
	}
	if err := w.putToken(ctx, token); err != nil {
		return err
	}
	if w.twin, err = w.attach(ctx, nodeTwin); err != nil {
		return err
	}
	w.wg.Add(1)
	go w.serveTwin()
	if w.methods, err = w.attach(ctx, nodeMethods); err != nil {
		return err
	}
	w.wg.Add(1)
	go w.serveMethods()
	if _, err = w.telemetry(ctx); err != nil {
		return err
	}
	a, err := w.ask(ctx, opSubscribe, nil)
	if err == nil {
		err = a.fault(opSubscribe)
	}
	return staged(StageSubscribe, err)
}

// watch waits for the end of the connection.
func (w *amqpWire) watch() {
	defer w.wg.Done()
	select {
	case <-w.conn.Done():
		w.end(w.judge(w.conn.Err()))
	case <-w.over:
	}
}

// judge gives errors of go-amqp the meaning that edgeHub gives them. A refused link is
// an *amqp.Error; that the credentials are at fault is said in two ways (see
// LinkHandler.cs and AmqpErrorMapper.cs of edgeHub).
func (w *amqpWire) judge(err error) error {
	var e *amqp.Error
	switch {
	case errors.As(err, &e) && e != nil:
		words := strings.TrimSpace(report.Clean(string(e.Condition), 80) + " " + said(e.Description, 200))
		if e.Condition == amqp.ErrCondUnauthorizedAccess || e.Condition == amqp.ErrCondNotAllowed &&
			strings.Contains(e.Description, "authenticat") {
			return refused(words)
		}
		return &explained{"edgeHub says " + words, err}
	case err == nil:
		return errors.New("edgeHub closed the connection")
	}
	return explain(w.g.cause(err))
}

func (w *amqpWire) done() <-chan struct{} { return w.over }

func (w *amqpWire) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}

// end notes why the connection is over, once.
func (w *amqpWire) end(why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.why != nil {
		return
	}
	w.why = why
	close(w.over)
	w.stop()
}

// close implements wire. go-amqp says goodbye and does not wait for an answer; a peer
// that takes none of it is cut off.
func (w *amqpWire) close() {
	w.end(ErrClosed)
	timer := time.AfterFunc(goodbyeWait, func() { _ = w.g.raw.Close() })
	defer timer.Stop()
	_ = w.conn.Close() // a courtesy
	w.g.drop()
	w.wg.Wait()
}
