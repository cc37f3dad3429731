package fakehub

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"edgenet/internal/sorting"
)

// Hub is the fake. Its fields are set before Start, and read under Lock afterwards.
type Hub struct {
	sync.Mutex
	Devices        map[string]*Device
	Configurations map[string]*Configuration
	Key            string // of If-Match and more: none is checked; what Authorization has to be
	PageSize       int    // zero means 1000
	GroupBy        bool   // GROUP BY and COUNT of modules are taken
	NoProjection   bool   // SELECT of single properties is refused
	QuotaSilent    bool   // creating answers success and keeps nothing
	Full           int    // configurations that it takes; zero means 100
	Blind          bool   // twins do not say what targets them and does not rule
	Refuse         func(r *http.Request) (status int, code, message string)
	Before         func(r *http.Request) // of every call, unlocked
	Calls          []Call
	Queries        []string
}

// Call is a call that was made, with when.
type Call struct {
	At           time.Time
	Method, Path string
}

// Device is a device with its network.
type Device struct {
	ID       string
	Tags     map[string]any  // of the device
	ModTags  map[string]any  // of the module edgenet
	Report   map[string]any  // nil: never reported
	Works    map[string]bool // protocol@direct, protocol@proxy: what its network lets through
	Protocol string          // edgeHub's now
	Proxy    string
	Modules  map[string]any // of the deployment that it runs
	System   map[string]any
	Applied  string // deployment
	Down     bool
	Broken   bool // takes a deployment, and never answers
	version  int
	etag     int
	modETag  int
}

// Configuration is a deployment.
type Configuration struct {
	ID, Condition string
	Priority      int
	Content       json.RawMessage
	etag          int
	made          int
}

// Start serves the hub until the test's end.
func (h *Hub) Start(cleanup func(func())) string {
	s := httptest.NewServer(http.HandlerFunc(h.serve))
	cleanup(s.Close)
	return s.URL
}

// StartTLS serves it by HTTPS, and gives its address and its certificate in PEM.
func (h *Hub) StartTLS(cleanup func(func())) (address string, certificate []byte) {
	s := httptest.NewTLSServer(http.HandlerFunc(h.serve))
	cleanup(s.Close)
	return s.Listener.Addr().String(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

func (h *Hub) serve(w http.ResponseWriter, r *http.Request) {
	if h.Before != nil {
		h.Before(r)
	}
	h.Lock()
	defer h.Unlock()
	h.Calls = append(h.Calls, Call{time.Now(), r.Method, r.URL.Path})
	if h.Refuse != nil {
		if status, code, message := h.Refuse(r); status != 0 {
			fail(w, status, code, message)
			return
		}
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.URL.Path == "/devices/query":
		h.query(w, r, body)
	case r.URL.Path == "/statistics/devices":
		reply(w, map[string]any{"totalDeviceCount": len(h.Devices), "enabledDeviceCount": len(h.Devices)})
	case r.URL.Path == "/configurations/testQueries":
		reply(w, map[string]any{"targetConditionError": nil, "customMetricQueryErrors": nil})
	case parts[0] == "configurations":
		h.configurations(w, r, parts[1:], body)
	case parts[0] == "twins" && len(parts) >= 2:
		h.twins(w, r, parts[1:], body)
	default:
		fail(w, 404, "NotFound", "no such resource")
	}
}

func (h *Hub) twins(w http.ResponseWriter, r *http.Request, parts []string, body []byte) {
	d := h.Devices[parts[0]]
	module := ""
	if len(parts) >= 3 && parts[1] == "modules" {
		module = parts[2]
	}
	switch {
	case d == nil:
		fail(w, 404, "DeviceNotFound", "404001")
	case parts[len(parts)-1] == "methods":
		if d.Down || d.Broken {
			fail(w, 404, "DeviceNotOnline", "404103")
			return
		}
		d.check()
		payload := map[string]any{"done": true}
		if strings.Contains(string(body), `"methodName":"report"`) {
			payload = map[string]any{"schema": "edgenet.report/1", "startedAt": time.Now().UTC().Format(time.RFC3339),
				"target":  map[string]any{"hub": "fake"},
				"verdict": map[string]any{"upstreamProtocol": "AMQPWS", "route": "direct", "httpsOk": true},
				"results": []any{}}
		}
		reply(w, map[string]any{"status": 200, "payload": payload})
	case r.Method == http.MethodPatch:
		h.patch(w, r, d, module, body)
	default:
		reply(w, h.twin(d, module))
	}
}

func (h *Hub) patch(w http.ResponseWriter, r *http.Request, d *Device, module string, body []byte) {
	var p struct{ Tags map[string]any }
	if json.Unmarshal(body, &p) != nil {
		fail(w, 400, "ArgumentInvalid", "no JSON")
		return
	}
	tags, etag := &d.Tags, &d.etag
	if module != "" {
		tags, etag = &d.ModTags, &d.modETag
	}
	if m := r.Header.Get("If-Match"); m != "*" && m != strconv.Quote(strconv.Itoa(*etag)) {
		fail(w, 412, "PreconditionFailed", "the version did not match")
		return
	}
	*tags = merge(*tags, p.Tags)
	*etag++
	h.Settle()
	reply(w, h.twin(d, module))
}

// Touch changes a device's twin as somebody else would.
func (d *Device) Touch(tags map[string]any) {
	d.Tags = merge(d.Tags, tags)
	d.etag++
}

func merge(have, patch map[string]any) map[string]any {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]any{}
	}
	for k, v := range patch {
		inner, ok := v.(map[string]any)
		switch {
		case v == nil:
			delete(out, k)
		case ok:
			old, _ := out[k].(map[string]any)
			out[k] = merge(old, inner)
		default:
			out[k] = v
		}
	}
	return out
}

func (h *Hub) twin(d *Device, module string) map[string]any {
	t := map[string]any{"deviceId": d.ID, "etag": strconv.Itoa(d.etag), "tags": d.Tags,
		"capabilities": map[string]any{"iotEdge": true}, "properties": map[string]any{"desired": map[string]any{},
			"reported": map[string]any{}}}
	switch module {
	case "edgenet":
		t["moduleId"], t["etag"], t["tags"] = module, strconv.Itoa(d.modETag), d.ModTags
		if d.Report != nil {
			t["properties"] = map[string]any{"desired": map[string]any{},
				"reported": map[string]any{"edgenet": d.Report}}
		}
	case "$edgeAgent":
		t["moduleId"], t["tags"] = module, nil
		status := map[string]any{"code": 200, "description": ""}
		reported := map[string]any{"lastDesiredVersion": d.version, "lastDesiredStatus": status}
		desired := map[string]any{"$version": d.version, "systemModules": d.System, "modules": d.Modules}
		if d.Broken || d.Down {
			reported["lastDesiredVersion"] = d.version - 1
		}
		t["properties"] = map[string]any{"desired": desired, "reported": reported}
		list := map[string]any{}
		for _, c := range h.under(d) {
			if h.Blind {
				break
			}
			list[c.ID] = map[string]any{"status": "Targeted"}
		}
		if d.Applied != "" {
			list[d.Applied] = map[string]any{"status": "Applied"}
		}
		t["configurations"] = list
	}
	return t
}

// under lists the deployments of a device, the ruling one first.
func (h *Hub) under(d *Device) []*Configuration {
	var out []*Configuration
	for _, c := range h.Configurations {
		if meets(c.Condition, d.Tags) {
			out = append(out, c)
		}
	}
	sorting.By(out, func(a, b *Configuration) int {
		if a.Priority != b.Priority {
			return b.Priority - a.Priority
		}
		return b.made - a.made
	})
	return out
}

// meets knows *, and equalities of tags joined with AND.
func meets(condition string, tags map[string]any) bool {
	if condition == "*" {
		return true
	}
	for part := range strings.SplitSeq(condition, " AND ") {
		name, value, _ := strings.Cut(part, "=")
		var at any = tags
		for key := range strings.SplitSeq(strings.TrimPrefix(strings.TrimSpace(name), "tags."), ".") {
			m, _ := at.(map[string]any)
			at = m[key]
		}
		if at != strings.Trim(strings.TrimSpace(value), "'") {
			return false
		}
	}
	return true
}

func (h *Hub) configurations(w http.ResponseWriter, r *http.Request, parts []string, body []byte) {
	if len(parts) == 0 {
		list := []any{}
		for _, id := range slices.Sorted(maps.Keys(h.Configurations)) {
			list = append(list, h.Configurations[id].document())
		}
		reply(w, list)
		return
	}
	c := h.Configurations[parts[0]]
	switch {
	case r.Method == http.MethodPut && c == nil:
		var in struct {
			TargetCondition string
			Priority        int
			Content         struct{ ModulesContent json.RawMessage }
		}
		if json.Unmarshal(body, &in) != nil || r.Header.Get("If-Match") != "" {
			fail(w, 400, "ArgumentInvalid", "a new one comes without an ETag")
			return
		}
		c = &Configuration{ID: parts[0], Condition: in.TargetCondition, Priority: in.Priority,
			Content: in.Content.ModulesContent, made: len(h.Calls)}
		if !h.QuotaSilent {
			h.Configurations[c.ID] = c
			h.Settle()
		}
		reply(w, c.document())
	case c == nil:
		fail(w, 404, "ConfigurationNotFound", "404012")
	case r.Method == http.MethodPut:
		fail(w, 409, "ConfigurationAlreadyExists", "409301")
	case r.Method == http.MethodDelete:
		delete(h.Configurations, c.ID)
		h.Settle()
		w.WriteHeader(204)
	default:
		reply(w, c.document())
	}
}

func (c *Configuration) document() map[string]any {
	return map[string]any{"id": c.ID, "targetCondition": c.Condition, "priority": c.Priority,
		"etag": strconv.Itoa(c.etag), "content": map[string]any{"modulesContent": c.Content}}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w,
		`{"Message":"ErrorCode:%s;%s","ExceptionMessage":"Tracking ID:abc123-G:0-TimeStamp:11/28/2026 18:00:00"}`, code,
		message)
}
