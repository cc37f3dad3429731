package hub

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"edgenet/internal/iothub"
)

// service answers the service API: twins and methods. Who asks shows a token of
// a policy, for the whole hub.
func (h *Head) service(w http.ResponseWriter, r *http.Request) error {
	rights, err := h.Service.rightsOf(token(r))
	if err != nil {
		h.Log("refused", "", "service: "+err.Error())
		return refuse(401, "IotHubUnauthorizedAccess", refusal)
	}
	if !rights[ServiceConnect] {
		return refuse(403, "IotHubForbidden", "Unauthorized: the right ServiceConnect is missing")
	}
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	if len(parts) < 2 || parts[0] != "twins" {
		return refuse(404, "NotFound", "no such resource")
	}
	id := Identity{Device: unescape(parts[1])}
	parts = parts[2:]
	if len(parts) >= 2 && parts[0] == "modules" {
		id.Module, parts = unescape(parts[1]), parts[2:]
	}
	switch {
	case len(parts) == 0:
		return h.serviceTwin(w, r, id)
	case len(parts) == 1 && parts[0] == "methods" && r.Method == http.MethodPost:
		return h.serviceMethod(w, r, id)
	}
	return refuse(404, "NotFound", "no such resource")
}

// authenticatePolicy judges a token of the service.
func (h *Hub) authenticatePolicy(text string) error {
	if text == "" {
		return ErrNoCredential
	}
	t, err := iothub.ParseToken(text)
	if err != nil {
		return err
	}
	host, _, _ := strings.Cut(t.Resource, "/")
	key := h.PolicyKey(t.Policy)
	if !strings.EqualFold(host, h.name) || key.IsZero() {
		return ErrCredentials
	}
	return t.Verify(key, h.now(), 0)
}

// serviceTwin reads, patches or replaces a twin.
func (h *Head) serviceTwin(w http.ResponseWriter, r *http.Request, id Identity) error {
	switch r.Method {
	case http.MethodGet:
		return h.Service.writeTwin(w, id)
	case http.MethodPatch, http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return refuse(413, "RequestEntityTooLarge", "the body is too long")
		}
		if err := h.Service.changeTwin(id, body, r.Header.Get("If-Match"), r.Method == http.MethodPut); err != nil {
			return err
		}
		return h.Service.writeTwin(w, id)
	}
	return refuse(405, "MethodNotAllowed", "GET, PATCH or PUT")
}

// changeTwin does what a PATCH or PUT of the service says, if the ETag still is
// the one that it saw; without one, or with *, it does so in any case.
func (h *Hub) changeTwin(id Identity, body []byte, match string, replace bool) error {
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	properties, _ := o["properties"].(object)
	desired, changesDesired := properties["desired"].(object)
	tags, changesTags := o["tags"].(object)
	h.mu.Lock()
	e := h.entries[id]
	if e == nil {
		h.mu.Unlock()
		return refuse(404, "DeviceNotFound", "ErrorCode:DeviceNotFound;404001")
	}
	if etag := e.twin.etag(); match != "" && strings.Trim(match, `"`) != "*" &&
		strings.Trim(match, `"`) != strings.Trim(etag, `"`) {
		h.mu.Unlock()
		return refuse(412, "PreconditionFailed",
			"ErrorCode:PreconditionFailed;Precondition failed: Device version did not match")
	}
	changed := *e.twin // sections hold their own maps, so this is a copy to work on
	if changesTags {
		err = changed.update(&changed.tags, tags, replace, maxTags, h.now())
	}
	if err == nil && changesDesired {
		err = changed.update(&changed.desired, desired, replace, maxProperties, h.now())
	}
	if err != nil {
		h.mu.Unlock()
		return err
	}
	*e.twin = changed
	version, session := changed.desired.version, e.session
	h.mu.Unlock()
	if session != nil && changesDesired {
		session.Desired(desiredNotice(desired, version), version)
	}
	return nil
}

// writeTwin answers with the twin as the service sees it.
func (h *Hub) writeTwin(w http.ResponseWriter, id Identity) error {
	h.mu.Lock()
	e := h.entries[id]
	if e == nil {
		h.mu.Unlock()
		return refuse(404, "DeviceNotFound", "ErrorCode:DeviceNotFound;404001")
	}
	state, last := "Disconnected", e.connected
	if e.session != nil {
		state = "Connected"
	}
	status := "enabled"
	if e.disabled {
		status = "disabled"
	}
	etag := e.twin.etag()
	o := object{
		"deviceId": id.Device, "etag": strings.Trim(etag, `"`), "deviceEtag": e.generation, "status": status,
		"statusUpdateTime": "0001-01-01T00:00:00Z", "connectionState": state, "lastActivityTime": stamp(last),
		"cloudToDeviceMessageCount": 0, "authenticationType": authenticationType(e), "version": e.twin.version,
		"properties": object{"desired": e.twin.desired.forService(), "reported": e.twin.reported.forService()},
	}
	if id.Module != "" {
		o["moduleId"] = id.Module
	} else {
		o["tags"] = maps.Clone(e.twin.tags.values)
		o["capabilities"] = object{"iotEdge": h.hasModules(id.Device)}
	}
	h.mu.Unlock()
	w.Header().Set("ETag", etag)
	return reply(w, 200, o)
}

func authenticationType(e *entry) string {
	if e.x509 {
		return "selfSigned"
	}
	return "sas"
}

// hasModules tells whether a device is an edge device; h.mu is held.
func (h *Hub) hasModules(device string) bool {
	return h.entries[Identity{device, "$edgeHub"}] != nil
}

// stamp writes a time as the service does.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "0001-01-01T00:00:00Z"
	}
	return t.UTC().Format("2006-01-02T15:04:05.0000000Z")
}

// forService is a section with its metadata. The lab keeps one time for the
// whole section where the service keeps one for every node.
func (s *section) forService() object {
	out := s.withVersion()
	out["$metadata"] = object{"$lastUpdated": stamp(s.updated)}
	return out
}

// methodRequest is the body of a direct method's call.
type methodRequest struct {
	MethodName string          `json:"methodName"`
	Response   int             `json:"responseTimeoutInSeconds"`
	Connect    int             `json:"connectTimeoutInSeconds"`
	Payload    json.RawMessage `json:"payload"`
}

// serviceMethod calls a direct method and answers with what the client says.
func (h *Head) serviceMethod(w http.ResponseWriter, r *http.Request, id Identity) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxMethodPayload+1<<10))
	if err != nil {
		return refuse(413, "RequestEntityTooLarge", "the body is too long")
	}
	var q methodRequest
	if err := json.Unmarshal(body, &q); err != nil || q.MethodName == "" {
		return refuse(400, "ArgumentInvalid", "expected a JSON object with methodName")
	}
	response := time.Duration(q.Response) * time.Second
	if q.Response == 0 {
		response = defaultMethodTimeout
	}
	connect := time.Duration(q.Connect) * time.Second
	if response < minMethodTimeout || response > maxMethodTimeout || connect < 0 || connect > maxMethodTimeout {
		return refuse(400, "ArgumentInvalid",
			"responseTimeoutInSeconds goes from 5 to 300, connectTimeoutInSeconds from 0 to 300")
	}
	payload := []byte(q.Payload)
	if payload == nil {
		payload = []byte("null")
	}
	answer, err := h.Service.Invoke(r.Context(), id, q.MethodName, payload, connect, response)
	if err != nil {
		return err
	}
	out := object{"status": answer.Status, "payload": nil}
	if json.Valid(answer.Payload) {
		out["payload"] = json.RawMessage(answer.Payload)
	}
	return reply(w, 200, out)
}
