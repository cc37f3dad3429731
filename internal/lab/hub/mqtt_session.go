package hub

import (
	"maps"
	"sync"
)

// Subscriptions keeps what clients with CleanSession 0 had subscribed to, over
// their connections. The zero value works.
type Subscriptions struct {
	mu    sync.Mutex
	known map[Identity]map[string]byte
}

func (s *Subscriptions) take(id Identity, clean bool) (map[string]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, there := s.known[id]
	if clean {
		delete(s.known, id)
		return nil, false
	}
	return maps.Clone(old), there
}

func (s *Subscriptions) keep(id Identity, filters map[string]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = make(map[Identity]map[string]byte)
	}
	s.known[id] = filters
}

// restoreSession brings back the subscriptions of an earlier connection and
// tells whether there was one (session present, 3.2.2.2).
func (c *mqttClient) restoreSession(clean bool) bool {
	c.keepSession = !clean
	filters, there := c.head.Subscriptions.take(c.id, clean)
	if there {
		c.filters = filters
	}
	return there
}

// saveSession keeps the subscriptions for the next connection, where CONNECT
// asked for that.
func (c *mqttClient) saveSession() {
	if !c.keepSession {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.head.Subscriptions.keep(c.id, maps.Clone(c.filters))
}
