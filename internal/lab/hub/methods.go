package hub

import (
	"context"
	"fmt"
	"time"
)

// connectPoll is how often Invoke looks whether the client has come.
const connectPoll = 50 * time.Millisecond

// Invoke calls a direct method and waits for the answer. connect is how long to
// wait for a client that is not there, response how long for its answer. The
// errors are the service's: 404 (404103) and 504.
func (h *Hub) Invoke(ctx context.Context, id Identity, method string, payload []byte, connect,
	response time.Duration) (Answer, error) {
	call := Call{ID: newCallID(), Method: method, Payload: payload}
	answer := make(chan Answer, 1)
	h.mu.Lock()
	if h.entries[id] == nil {
		h.mu.Unlock()
		return Answer{}, refuse(404, "DeviceNotFound", "ErrorCode:DeviceNotFound;404001")
	}
	h.calls[call.ID] = answer
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.calls, call.ID)
		h.mu.Unlock()
	}()
	if err := h.deliver(ctx, id, call, connect); err != nil {
		return Answer{}, err
	}
	timer := time.NewTimer(response)
	defer timer.Stop()
	select {
	case a := <-answer:
		return a, nil
	case <-timer.C:
		return Answer{}, refuse(504, "GatewayTimeout",
			"ErrorCode:GatewayTimeout;Timed out waiting for the response from device.")
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("method %s on %s: %w", method, id, ctx.Err())
	}
}

// deliver hands the call to the client as soon as it listens.
func (h *Hub) deliver(ctx context.Context, id Identity, call Call, connect time.Duration) error {
	deadline := time.Now().Add(connect)
	for {
		h.mu.Lock()
		var session Session
		if e := h.entries[id]; e != nil {
			session = e.session
		}
		h.mu.Unlock()
		if session != nil && session.Invoke(call) {
			return nil
		}
		if !time.Now().Add(connectPoll).Before(deadline) {
			return refuse(404, "DeviceNotOnline", "ErrorCode:DeviceNotOnline;404103")
		}
		select {
		case <-time.After(connectPoll):
		case <-ctx.Done():
			return fmt.Errorf("method %s on %s: %w", call.Method, id, ctx.Err())
		}
	}
}

// Answer implements Backend. An answer that nobody waits for is dropped.
func (h *Hub) Answer(callID string, a Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if waiting, there := h.calls[callID]; there {
		delete(h.calls, callID)
		waiting <- a
	}
}
