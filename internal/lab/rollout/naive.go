package rollout

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"edgenet/internal/lab/fleet"
)

// Nothing leaves the fleet alone: what networks do by themselves.
func Nothing() Strategy {
	return Strategy{"nothing", func(context.Context, *Hub) error { return nil }}
}

// OneBase gives every device the same base deployment at once, as is done where nobody
// looks at what the devices have proven. protocol is UpstreamProtocol's value, proxy the
// proxy's URL or empty.
func OneBase(name, protocol, proxy string) Strategy {
	return Strategy{name, func(ctx context.Context, h *Hub) error {
		return h.Put(ctx, "/configurations/one-base", map[string]any{
			"id": "one-base", "priority": 100, "targetCondition": "*",
			"content": map[string]any{"modulesContent": fleet.BaseContent(protocol, proxy)},
		})
	}}
}

// Put sends a document, for strategies that have no client of their own.
func (h *Hub) Put(ctx context.Context, path string, document any) error {
	return h.send(ctx, http.MethodPut, path, document)
}

// Patch changes a twin, whatever its ETag is.
func (h *Hub) Patch(ctx context.Context, path string, document any) error {
	return h.send(ctx, http.MethodPatch, path, document)
}

func (h *Hub) send(ctx context.Context, method, path string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, h.URL+path+"?api-version=2021-04-12", bytes.NewReader(body))
	if err != nil {
		return err
	}
	if method == http.MethodPatch {
		r.Header.Set("If-Match", "*")
	}
	a, err := h.Client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = a.Body.Close() }()
	answer, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %d %s", method, path, a.StatusCode, answer)
	}
	return nil
}
