package twin

import (
	"context"
	"fmt"
	"sync"
)

// Bounds of what waits for the handler.
const (
	maxEvents     = 64
	maxEventBytes = 1 << 20
)

// event is one thing for the session's dispatcher.
type event struct {
	kind    eventKind
	version int64  // of desired properties, 0 where edgeHub did not say
	body    []byte // patch, twin or payload
	name    string // of a method
	call    any    // what the wire needs to answer it
	err     error  // of a notice
}

type eventKind int

const (
	eventDesired eventKind = iota // a change of the desired properties
	eventTwin                     // the whole twin, read again
	eventBased                    // the first twin is there: what was held back counts
	eventMethod
	eventNotice
)

// inbox holds what wires received until the dispatcher has time. It never blocks a
// wire: what does not fit is an error, which ends the connection.
type inbox struct {
	events chan event
	quiet  quiet // calls of methods without reply

	mu    sync.Mutex
	bytes int
}

func newInbox() *inbox { return &inbox{events: make(chan event, maxEvents)} }

func (in *inbox) post(e event) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.bytes+len(e.body) > maxEventBytes {
		return fmt.Errorf("%w: %d KiB wait for the module", ErrFlood, in.bytes>>10)
	}
	select {
	case in.events <- e:
		in.bytes += len(e.body)
		if e.kind == eventMethod {
			in.quiet.add(1)
		}
		return nil
	default:
		return fmt.Errorf("%w: %d messages wait for the module", ErrFlood, maxEvents)
	}
}

// notice is for the record. It takes half of the room at most, so that nonsense drives
// out nothing that counts; where there is none it is lost.
func (in *inbox) notice(err error) {
	if len(in.events) < maxEvents/2 {
		_ = in.post(event{kind: eventNotice, err: err})
	}
}

// take waits for the next event.
func (in *inbox) take(ctx context.Context) (event, bool) {
	select {
	case e := <-in.events:
		in.mu.Lock()
		defer in.mu.Unlock()
		in.bytes -= len(e.body)
		return e, true
	case <-ctx.Done():
		return event{}, false
	}
}

// quiet counts what is under way, for whoever waits for a moment without. The zero
// value works.
type quiet struct {
	mu    sync.Mutex
	n     int
	empty chan struct{} // closed when n gets 0; nil while nobody waits
}

func (q *quiet) add(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.n += n
	if q.n == 0 && q.empty != nil {
		close(q.empty)
		q.empty = nil
	}
}

// wait waits for a moment in which nothing is under way, or for the end of ctx.
func (q *quiet) wait(ctx context.Context) {
	q.mu.Lock()
	if q.n == 0 {
		q.mu.Unlock()
		return
	}
	if q.empty == nil {
		q.empty = make(chan struct{})
	}
	empty := q.empty
	q.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
}
