package service

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"edgenet/internal/iothub"
	"edgenet/report"
)

// Twin is a device's or module's twin, as far as fleets need it.
type Twin struct {
	DeviceID        string                     `json:"deviceId"`
	ModuleID        string                     `json:"moduleId,omitempty"`
	ETag            string                     `json:"etag"`
	Status          string                     `json:"status,omitempty"`
	ConnectionState string                     `json:"connectionState,omitempty"`
	Tags            map[string]json.RawMessage `json:"tags"`
	Properties      struct {
		Desired  json.RawMessage `json:"desired"`
		Reported json.RawMessage `json:"reported"`
	} `json:"properties"`
	// Configurations are the deployments whose condition the device is under.
	Configurations map[string]struct {
		Status string `json:"status"` // Targeted, Applied
	} `json:"configurations,omitempty"`
}

func twinPath(device, module string) string {
	p := "/twins/" + iothub.Escape(device)
	if module != "" {
		p += "/modules/" + iothub.Escape(module)
	}
	return p
}

func name(device, module string) string {
	n := report.Clean(device, 128)
	if module != "" {
		n += "/" + report.Clean(module, 128)
	}
	return n
}

// Twin reads a device's twin, or a module's where module is not empty.
func (c *Client) Twin(ctx context.Context, device, module string) (*Twin, error) {
	t := &Twin{}
	err := c.do(ctx, call{
		doing: "read the twin of " + name(device, module), kind: KindTwinRead, need: rightTwinRead,
		method: http.MethodGet, path: twinPath(device, module), read: document(t), safe: true,
	})
	return t, err
}

// PatchTags merges tags into a twin that still has the ETag; a nil value takes a tag away.
func (c *Client) PatchTags(ctx context.Context, device, module, etag string, tags map[string]any) (*Twin, error) {
	t := &Twin{}
	err := c.do(ctx, call{
		doing: "change the tags of " + name(device, module), kind: KindTwinWrite, need: rightTwinWrite,
		method: http.MethodPatch, path: twinPath(device, module), body: map[string]any{"tags": tags},
		header: map[string]string{"If-Match": quoted(etag)}, read: document(t),
	})
	return t, err
}

// quoted is an ETag as a header has it.
func quoted(etag string) string { return `"` + strings.Trim(etag, `"`) + `"` }

// Answer is what a method's callee says.
type Answer struct {
	Status  int             `json:"status"`
	Payload json.RawMessage `json:"payload"`
}

// Invoke calls a direct method and waits up to response for its answer.
func (c *Client) Invoke(ctx context.Context, device, module, method string, payload any,
	response time.Duration) (*Answer, error) {
	a := &Answer{}
	err := c.do(ctx, call{
		doing: fmt.Sprintf("call %s of %s", method, name(device, module)), kind: KindMethod, need: rightMethod,
		method: http.MethodPost, path: twinPath(device, module) + "/methods", read: document(a),
		wait: response + callWait,
		body: map[string]any{"methodName": method, "payload": payload,
			"responseTimeoutInSeconds": int(response / time.Second), "connectTimeoutInSeconds": 0},
	})
	return a, err
}

// Statistics counts the hub's devices, those that are not IoT Edge's too.
func (c *Client) Statistics(ctx context.Context) (devices int, err error) {
	var s struct {
		Total int `json:"totalDeviceCount"`
	}
	err = c.do(ctx, call{
		doing: "count the devices", kind: KindRegistry, need: rightStatistics,
		method: http.MethodGet, path: "/statistics/devices", read: document(&s), safe: true,
	})
	return s.Total, err
}
