package twin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"edgenet/internal/secret"
)

// Session is a connection to edgeHub. Its methods may be called from any goroutine.
// Nothing reconnects a session that was lost: its owner opens another one.
type Session struct {
	c         Config
	transport Transport
	in        *inbox
	gate      connectionGate
	track     tracker

	ctx    context.Context // ends with Close, or with the connection
	cancel context.CancelFunc
	wg     sync.WaitGroup
	over   chan struct{}

	noticed struct { // the dispatcher's own
		since time.Time
		n     int
	}

	mu   sync.Mutex
	wire wire
	why  error
}

func newSession(c Config, t Transport, w wire, made time.Time, in *inbox) *Session {
	s := &Session{c: c, transport: t, in: in, wire: w, over: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.wg.Add(2)
	go s.own(made)
	go s.dispatch()
	return s
}

// Transport is the one that worked.
func (s *Session) Transport() Transport { return s.transport }

// Done is closed when the session is over: closed, or its connection lost.
func (s *Session) Done() <-chan struct{} { return s.over }

// Err tells why the session is over: ErrClosed, or ErrLost with a reason. Before, it is
// nil.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}

// Close says goodbye and waits until everything that belongs to the session has ended,
// the handler's running call included. A goodbye takes 5 seconds at most. Closing twice
// is nothing.
func (s *Session) Close() error {
	s.end(ErrClosed)
	s.wg.Wait()
	return nil
}

// end notes why the session is over, once.
func (s *Session) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil {
		s.why = why
		close(s.over)
	}
	s.cancel()
}

func (s *Session) current() wire {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wire
}

// Twin reads the twin. The first one is what Handler.Desired counts from: changes that
// it holds already are not told, later ones are, once each. One of them may be told
// before Twin returns; the higher version counts.
func (s *Session) Twin(ctx context.Context) (Twin, error) {
	const tries = 3 // a change that is told while the answer is under way makes it old
	for try := 1; ; try++ {
		t, doc, err := s.get(ctx)
		if err != nil {
			return Twin{}, err
		}
		first, old := s.track.base(t.DesiredVersion, doc)
		if first {
			return t, s.in.post(event{kind: eventBased})
		}
		if !old || try == tries {
			return t, nil
		}
	}
}

func (s *Session) get(ctx context.Context) (Twin, object, error) {
	a, err := s.ask(ctx, opGet, nil)
	if err != nil {
		return Twin{}, nil, err
	}
	return parseTwin(a.body)
}

// Report merges a patch into the reported properties. It is held against the twin's
// rules first (PatchError); StatusError is edgeHub's refusal. edgeHub acknowledges
// before the hub has heard of it.
func (s *Session) Report(ctx context.Context, patch json.RawMessage) error {
	if err := CheckPatch(patch); err != nil {
		return err
	}
	_, err := s.ask(ctx, opReport, patch)
	return err
}

// Bounds of telemetry: edgeHub takes messages of 256 KiB, properties included.
const (
	maxBody       = 240 << 10
	maxProperties = 8 << 10
)

// Send sends telemetry and returns once edgeHub has acknowledged it. After an error it
// may have arrived all the same: the caller sends it again with the same ID.
func (s *Session) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	return s.use(ctx, func(ctx context.Context, w wire) error { return w.send(ctx, m) })
}

func (m Message) check() error {
	size := len(m.Output) + len(m.ID)
	for key, value := range m.Properties {
		if key == "" || key[0] == '$' {
			return fmt.Errorf("message: the property %q: a name is neither empty nor begins with $",
				secret.Show(key, 40))
		}
		size += len(key) + len(value)
	}
	switch {
	case len(m.Body) > maxBody || size > maxProperties:
		return fmt.Errorf("message: %d bytes with %d of properties, at most %d and %d are taken", len(m.Body), size,
			maxBody, maxProperties)
	case !json.Valid(m.Body):
		return errors.New("message: the body is not JSON")
	}
	return nil
}

// ask sends a twin request and turns a refusal into an error.
func (s *Session) ask(ctx context.Context, op operation, body []byte) (a answer, err error) {
	err = s.use(ctx, func(ctx context.Context, w wire) error {
		a, err = w.ask(ctx, op, body)
		if err != nil {
			return err
		}
		return a.fault(op)
	})
	return a, err
}

// use gives a request the connection of the moment, and a limit.
func (s *Session) use(ctx context.Context, f func(context.Context, wire) error) error {
	if err := s.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.timeout())
	defer cancel()
	stop := context.AfterFunc(s.ctx, cancel)
	defer stop()
	err := ctx.Err()
	if err == nil {
		err = s.gate.enter(ctx)
	}
	if err == nil {
		err = f(ctx, s.current())
		s.gate.leave()
	}
	if why := s.Err(); err != nil && why != nil {
		return why // what the request died of
	}
	return err
}
