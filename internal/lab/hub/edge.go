package hub

import (
	"encoding/json"
	"sync"
	"time"
)

// Bounds of an edgeHub's store.
const (
	edgeClockSkew = 5 * time.Minute // edgeHub's tolerance for expired tokens
	maxStored     = 10000
)

// Edge is an edgeHub in front of a hub: it stores what it cannot forward, serves
// twins from its copies, and acknowledges at once. It is a Backend for heads with
// the dialect EdgeHub.
type Edge struct {
	hub *Hub
	log Log

	order sync.Mutex // held while something goes to the hub: what was stored goes first

	mu      sync.Mutex
	cut     bool
	clients map[Identity]*edgeClient
	known   map[Identity]object // twins as clients see them
	stored  []Message           // telemetry for later
	reports map[Identity]object // reported properties for later
}

// NewEdge makes an edgeHub whose upstream works.
func NewEdge(h *Hub, log Log) *Edge {
	return &Edge{hub: h, log: log, clients: make(map[Identity]*edgeClient), known: make(map[Identity]object),
		reports: make(map[Identity]object)}
}

// edgeClient is a client's session here and, while the upstream works, its
// session at the hub.
type edgeClient struct {
	Session
	edge     *Edge
	id       Identity
	upstream func() // ends the session at the hub; nil without one
}

// Kick implements Session for the hub: somebody logged in there as this client.
// The client itself stays connected here.
func (c *edgeClient) Kick(reason string) { c.edge.log("upstream", c.id.String(), reason) }

// Name implements Backend.
func (e *Edge) Name() string { return e.hub.name }

// Authenticate implements Backend; identities are known here without upstream.
func (e *Edge) Authenticate(id Identity, c Credentials) (time.Time, error) {
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	return e.hub.authenticate(id, c, edgeClockSkew)
}

// Modules implements Backend; only the hub knows them.
func (e *Edge) Modules(device string) ([]Identity, error) {
	if e.offline() {
		return nil, refuse(500, "ServerError", "no upstream")
	}
	return e.hub.Modules(device)
}

func (e *Edge) offline() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.cut
}

// Connect implements Backend.
func (e *Edge) Connect(id Identity, s Session) func() {
	c := &edgeClient{Session: s, edge: e, id: id}
	e.mu.Lock()
	older := e.clients[id]
	e.clients[id] = c
	cut := e.cut
	e.mu.Unlock()
	if older != nil {
		older.Session.Kick("another connection of this identity")
		e.release(older)
	}
	if !cut {
		e.attach(c)
	}
	return func() {
		e.mu.Lock()
		if e.clients[id] == c {
			delete(e.clients, id)
		}
		e.mu.Unlock()
		e.release(c)
	}
}

// attach opens the client's session at the hub.
func (e *Edge) attach(c *edgeClient) {
	release := e.hub.Connect(c.id, c)
	e.mu.Lock()
	gone := e.clients[c.id] != c || e.cut
	if !gone {
		c.upstream = release
	}
	e.mu.Unlock()
	if gone {
		release()
	}
}

func (e *Edge) release(c *edgeClient) {
	e.mu.Lock()
	release := c.upstream
	c.upstream = nil
	e.mu.Unlock()
	if release != nil {
		release()
	}
}

// Twin implements Backend: the hub's, or the last copy.
func (e *Edge) Twin(id Identity) ([]byte, error) {
	if !e.offline() {
		b, err := e.hub.Twin(id)
		if err != nil {
			return nil, refuse(500, "", "%v", err)
		}
		o, err := parseObject(b)
		if err != nil {
			return nil, err
		}
		e.mu.Lock()
		e.known[id] = o
		e.mu.Unlock()
		return b, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if o := e.known[id]; o != nil {
		return mustJSON(o), nil
	}
	return nil, refuse(500, "", "no copy of the twin of %s", id)
}

// Report implements Backend: it holds the patch against the rules here, and says
// yes before the hub has heard of it.
func (e *Edge) Report(id Identity, patch []byte) (int64, error) {
	o, err := parseObject(patch)
	if err != nil {
		return 0, err
	}
	if err := validateReported(o); err != nil {
		return 0, err
	}
	e.order.Lock()
	defer e.order.Unlock()
	e.mu.Lock()
	if twin := e.known[id]; twin != nil {
		reported, _ := twin["reported"].(object)
		e.known[id] = merge(twin, object{"reported": merge(reported, o)})
	}
	cut := e.cut
	if cut {
		e.reports[id] = stack(e.reports[id], o)
	}
	e.mu.Unlock()
	if !cut {
		e.forward(id, patch)
	}
	return 0, nil
}

// forward tells the hub; a refusal there reaches nobody.
func (e *Edge) forward(id Identity, patch []byte) {
	if _, err := e.hub.Report(id, patch); err != nil {
		e.log("upstream", id.String(), err.Error())
	}
}

// stack puts a later patch on an earlier one; unlike merge it keeps nulls, which
// still have to delete something.
func stack(earlier, later object) object {
	out := object{}
	for key, value := range earlier {
		out[key] = value
	}
	for key, value := range later {
		below, both := out[key].(object)
		above, ok := value.(object)
		if both && ok {
			value = stack(below, above)
		}
		out[key] = value
	}
	return out
}

// Send implements Backend.
func (e *Edge) Send(m Message) error {
	e.order.Lock()
	defer e.order.Unlock()
	e.mu.Lock()
	if e.cut {
		defer e.mu.Unlock()
		if len(e.stored) >= maxStored {
			return refuse(500, "", "the store is full")
		}
		m.At = time.Now()
		e.stored = append(e.stored, m)
		return nil
	}
	e.mu.Unlock()
	return e.hub.Send(m)
}

// Stored is how many messages wait for the upstream.
func (e *Edge) Stored() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.stored)
}

// Answer implements Backend.
func (e *Edge) Answer(callID string, a Answer) { e.hub.Answer(callID, a) }

// DetachMethods ends a client's links of methods where it speaks AMQP, and tells whether
// it does; its connection stays.
func (e *Edge) DetachMethods(id Identity) bool {
	e.mu.Lock()
	c := e.clients[id]
	e.mu.Unlock()
	if c == nil {
		return false
	}
	u, speaksAMQP := c.Session.(*amqpUser)
	if speaksAMQP {
		u.detachMethods()
	}
	return speaksAMQP
}

// SetUpstream cuts the way to the hub, or mends it: then what was stored goes
// out in order, and clients hear of desired properties that changed meanwhile.
func (e *Edge) SetUpstream(works bool) {
	e.order.Lock()
	e.mu.Lock()
	if e.cut == !works {
		e.mu.Unlock()
		e.order.Unlock()
		return
	}
	e.cut = !works
	var clients []*edgeClient
	for _, c := range e.clients {
		clients = append(clients, c)
	}
	stored, reports := e.stored, e.reports
	if works {
		e.stored, e.reports = nil, make(map[Identity]object)
	}
	e.mu.Unlock()
	if !works {
		e.order.Unlock()
		for _, c := range clients {
			e.release(c)
		}
		return
	}
	for id, patch := range reports {
		e.forward(id, mustJSON(patch))
	}
	for _, m := range stored {
		if err := e.hub.Send(m); err != nil {
			e.log("upstream", m.From.String(), err.Error())
		}
	}
	e.order.Unlock()
	for _, c := range clients {
		e.attach(c)
		e.catchUp(c)
	}
}

// catchUp tells a client of desired properties that are newer than its copy.
func (e *Edge) catchUp(c *edgeClient) {
	e.mu.Lock()
	before := versionOf(e.known[c.id])
	e.mu.Unlock()
	if _, err := e.Twin(c.id); err != nil {
		e.log("upstream", c.id.String(), err.Error())
		return
	}
	e.mu.Lock()
	twin := e.known[c.id]
	e.mu.Unlock()
	if now := versionOf(twin); now > before && before > 0 {
		desired, _ := twin["desired"].(object)
		c.Session.Desired(mustJSON(desired), now)
	}
}

// versionOf is the version of the desired properties in a twin.
func versionOf(twin object) int64 {
	desired, _ := twin["desired"].(object)
	number, _ := desired["$version"].(json.Number)
	n, err := number.Int64()
	if err != nil {
		return 0
	}
	return n
}
