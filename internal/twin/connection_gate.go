package twin

import (
	"context"
	"sync"
)

// connectionGate lets requests through while there is a connection to put them on, and keeps
// them waiting while it is replaced. The zero value is open.
type connectionGate struct {
	users quiet

	mu   sync.Mutex
	open chan struct{} // closed when the gate opens again; nil while it is open
}

// enter waits until the gate is open; leave has to follow.
func (g *connectionGate) enter(ctx context.Context) error {
	for {
		g.mu.Lock()
		open := g.open
		if open == nil {
			g.users.add(1)
			g.mu.Unlock()
			return nil
		}
		g.mu.Unlock()
		select {
		case <-open:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *connectionGate) leave() { g.users.add(-1) }

// shut keeps new users out and waits, as long as ctx allows, for those inside.
func (g *connectionGate) shut(ctx context.Context) {
	g.mu.Lock()
	if g.open == nil {
		g.open = make(chan struct{})
	}
	g.mu.Unlock()
	g.users.wait(ctx)
}

// reopen lets users in again.
func (g *connectionGate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != nil {
		close(g.open)
		g.open = nil
	}
}
