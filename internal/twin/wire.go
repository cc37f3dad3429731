package twin

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"edgenet/internal/secret"
)

// wire is one connection that is logged in and subscribed. What edgeHub sends goes to
// the session's inbox.
type wire interface {
	// ask sends a twin request and waits for its answer.
	ask(ctx context.Context, op operation, body []byte) (answer, error)
	// send sends telemetry and waits until edgeHub has it.
	send(ctx context.Context, m Message) error
	// reply answers the call of a method.
	reply(ctx context.Context, call any, r Reply) error
	// renew gives the connection a new token; errReplace where the protocol has no way.
	renew(ctx context.Context, token secret.Value) error
	// drain keeps further calls of methods with edgeHub, before the wire is replaced.
	drain(ctx context.Context) error
	// done is closed when the connection ended, err tells why.
	done() <-chan struct{}
	err() error
	// close says goodbye and waits for everything that the wire started.
	close()
}

// operation is a twin request.
type operation string

const (
	opGet       operation = "GET"
	opReport    operation = "PATCH"
	opSubscribe operation = "PUT" // AMQP alone
)

// answer is edgeHub's to a request.
type answer struct {
	status int
	body   []byte
}

// fault is the error of an answer that grants nothing.
func (a answer) fault(op operation) error {
	if a.status/100 == 2 {
		return nil
	}
	return &StatusError{string(op), a.status, errorMessage(a.body)}
}

// maxWaiting bounds the requests without answer: edgeHub's own MaxPendingInboundAcks.
const maxWaiting = 16

// waiters are the requests that wait for an answer, by a number that is unique among
// them and not used again soon. The zero value works.
type waiters struct {
	mu      sync.Mutex
	last    uint16
	waiting map[uint16]chan answer
}

// add makes room for one request.
func (w *waiters) add() (uint16, <-chan answer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) >= maxWaiting {
		return 0, nil, ErrBusy
	}
	if w.waiting == nil {
		w.waiting = make(map[uint16]chan answer)
	}
	for {
		w.last++
		if _, taken := w.waiting[w.last]; w.last != 0 && !taken {
			break
		}
	}
	c := make(chan answer, 1)
	w.waiting[w.last] = c
	return w.last, c, nil
}

// resolve brings an answer to whoever waits for it, and tells whether somebody did.
func (w *waiters) resolve(id uint16, a answer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, there := w.waiting[id]
	if there {
		delete(w.waiting, id)
		c <- a
	}
	return there
}

// resolveText is resolve for an id that was sent as text.
func (w *waiters) resolveText(id string, a answer) bool {
	n, err := strconv.ParseUint(id, 10, 16)
	return err == nil && w.resolve(uint16(n), a)
}

// drop forgets a request.
func (w *waiters) drop(id uint16) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiting, id)
}

// await waits for an answer, for the end of the wire or of ctx.
func await(ctx context.Context, w wire, what string, c <-chan answer) (answer, error) {
	select {
	case a := <-c:
		return a, nil
	case <-w.done():
		return answer{}, lost(w)
	case <-ctx.Done():
		return answer{}, fmt.Errorf("%s: no answer of edgeHub: %w", what, ctx.Err())
	}
}

// lost is the error of a wire that ended.
func lost(w wire) error {
	if err := w.err(); err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return ErrLost
}
