package hub

import (
	"fmt"
	"maps"
	"time"
)

// maxTelemetry is how many messages the hub keeps for whoever looks.
const maxTelemetry = 10000

// Connect implements Backend. One live connection per identity: the hub's code
// for what happens to the older one is 400027.
func (h *Hub) Connect(id Identity, s Session) func() {
	h.mu.Lock()
	e := h.entries[id]
	if e == nil { // removed since it was authenticated
		h.mu.Unlock()
		s.Kick("unknown")
		return func() {}
	}
	older := e.session
	e.session, e.connected = s, h.now()
	h.mu.Unlock()
	if older != nil {
		older.Kick("400027 another connection of this identity")
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if e.session == s {
			e.session = nil
		}
	}
}

// Connected tells whether an identity has a live connection.
func (h *Hub) Connected(id Identity) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[id]
	return e != nil && e.session != nil
}

// Twin implements Backend.
func (h *Hub) Twin(id Identity) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[id]
	if e == nil {
		return nil, refuse(404, "DeviceNotFound", "no twin of %s", id)
	}
	return e.twin.client(), nil
}

// Report implements Backend.
func (h *Hub) Report(id Identity, patch []byte) (int64, error) {
	o, err := parseObject(patch)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[id]
	if e == nil {
		return 0, refuse(404, "DeviceNotFound", "no twin of %s", id)
	}
	if err := e.twin.update(&e.twin.reported, o, false, maxProperties, h.now()); err != nil {
		return 0, err
	}
	return e.twin.reported.version, nil
}

// SetDesired merges a patch into the desired properties, as the service does,
// and tells the client if it is there.
func (h *Hub) SetDesired(id Identity, patch []byte) (int64, error) {
	o, err := parseObject(patch)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	e := h.entries[id]
	if e == nil {
		h.mu.Unlock()
		return 0, refuse(404, "DeviceNotFound", "no twin of %s", id)
	}
	if err := e.twin.update(&e.twin.desired, o, false, maxProperties, h.now()); err != nil {
		h.mu.Unlock()
		return 0, err
	}
	version, session := e.twin.desired.version, e.session
	h.mu.Unlock()
	if session != nil {
		session.Desired(desiredNotice(o, version), version)
	}
	return version, nil
}

// desiredNotice is what clients are told of a change: the patch and its version.
func desiredNotice(patch object, version int64) []byte {
	notice := maps.Clone(patch)
	notice["$version"] = version
	return mustJSON(notice)
}

// Reported is the reported properties as the service sees them, for tests.
func (h *Hub) Reported(id Identity) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[id]
	if e == nil {
		return nil, fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	return mustJSON(e.twin.reported.withVersion()), nil
}

// Send implements Backend. The oldest messages make room.
func (h *Hub) Send(m Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.entries[m.From] == nil {
		return refuse(404, "DeviceNotFound", "no device %s", m.From)
	}
	if m.At.IsZero() {
		m.At = h.now()
	}
	if len(h.telemetry) >= maxTelemetry {
		h.telemetry = append(h.telemetry[:0], h.telemetry[maxTelemetry/10:]...)
	}
	h.telemetry = append(h.telemetry, m)
	return nil
}

// Telemetry is what arrived, oldest first.
func (h *Hub) Telemetry() []Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Message(nil), h.telemetry...)
}

// Bounds of a direct method's time-outs, as documented; the defaults as well.
const (
	minMethodTimeout     = 5 * time.Second
	maxMethodTimeout     = 300 * time.Second
	defaultMethodTimeout = 30 * time.Second
	maxMethodPayload     = 128 << 10
)
