package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request's body.
const maxBody = maxTelemetryBody + 1<<10

// ServeHTTP implements http.Handler: the WebSockets, what the hub answers to
// devices on 443, and the service API.
func (h *Head) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if IsUpgrade(r) && (h.Dialect == EdgeHub || r.URL.Path == WebSocketPath) {
		h.serveWebSocket(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if h.Dialect == EdgeHub {
		w.Header().Set("Server", "Kestrel")
	} else {
		w.Header().Set("Server", "Microsoft-HTTPAPI/2.0")
	}
	w.Header().Set("X-Ms-Request-Id", newCallID())
	if r.URL.Query().Get("api-version") == "" {
		fail(w, 400, "InvalidProtocolVersion", "Invalid protocol version. Use api-version=2021-04-12 or later.")
		return
	}
	if err := h.route(w, r); err != nil {
		Fail(w, err)
	}
}

// route finds who is asked for what.
func (h *Head) route(w http.ResponseWriter, r *http.Request) error {
	if h.More != nil && h.Service != nil && h.More.Owns(r) {
		return h.more(w, r)
	}
	// The escaped path: ids may hold slashes in their escaped form only.
	id, rest, ok := parsePath(r.URL.EscapedPath())
	if ok && (rest == "modules" || rest == "") && r.Method == http.MethodGet {
		return h.registry(w, r, id, rest)
	}
	if ok && rest == "" && id.Module != "" && h.Service != nil && (r.Method == http.MethodPut ||
		r.Method == http.MethodDelete) {
		return h.writeModule(w, r, id)
	}
	if ok && strings.HasPrefix(rest, "messages/") {
		return h.messages(w, r, id, rest)
	}
	if h.Service != nil {
		return h.service(w, r)
	}
	return refuse(404, "NotFound", "no such resource")
}

// token is the Authorization header's, which for a hub is the whole header.
func token(r *http.Request) string { return r.Header.Get("Authorization") }

// authorize lets a device or module act for itself, and policies of the service
// for everybody.
func (h *Head) authorize(r *http.Request, id Identity) error {
	_, err := h.Backend.Authenticate(id, Credentials{Token: token(r), Certificates: PeerCertificates(r.Context(), nil)})
	if err != nil {
		h.Log("refused", id.String(), "HTTPS: "+err.Error())
		return refuse(401, "IotHubUnauthorizedAccess", refusal)
	}
	return nil
}

// registry answers what the runtime's identity service asks: a device's modules.
func (h *Head) registry(w http.ResponseWriter, r *http.Request, id Identity, rest string) error {
	if rest == "modules" && id.Module != "" {
		return refuse(404, "NotFound", "no such resource")
	}
	if err := h.authorize(r, Identity{Device: id.Device}); err != nil {
		return err
	}
	if rest == "modules" {
		list, err := h.Backend.Modules(id.Device)
		if err != nil {
			return refuse(404, "DeviceNotFound", "ErrorCode:DeviceNotFound;404001")
		}
		all := make([]object, 0, len(list))
		for _, m := range list {
			all = append(all, h.describe(m))
		}
		return reply(w, 200, all)
	}
	known, err := h.Backend.Modules(id.Device)
	if err != nil {
		return refuse(404, "DeviceNotFound", "ErrorCode:DeviceNotFound;404001")
	}
	for _, m := range known {
		if m == id {
			return reply(w, 200, h.describe(id))
		}
	}
	if id.Module != "" {
		return refuse(404, "ModuleNotFound", "ErrorCode:ModuleNotFound;404010")
	}
	return reply(w, 200, h.describe(id))
}

// describe is an identity without its keys, which this lab gives to nobody twice.
func (h *Head) describe(id Identity) object {
	o := object{"deviceId": id.Device}
	if id.Module != "" {
		o["moduleId"] = id.Module
		if h.Service != nil {
			o = h.Service.module(id)
		}
	}
	o["status"], o["connectionState"] = "enabled", "Disconnected"
	return o
}

// messages takes telemetry, and has no message for the device.
func (h *Head) messages(w http.ResponseWriter, r *http.Request, id Identity, rest string) error {
	if err := h.authorize(r, id); err != nil {
		return err
	}
	switch {
	case rest == "messages/events" && r.Method == http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return refuse(413, "RequestEntityTooLarge", "messages of at most %d bytes are taken", maxTelemetryBody)
		}
		m := Message{From: id, Properties: map[string]string{}, Body: body}
		for name, values := range r.Header {
			if key, ok := strings.CutPrefix(strings.ToLower(name), "iothub-app-"); ok {
				m.Properties[key] = values[0]
			}
		}
		if err := h.Backend.Send(m); err != nil {
			return err
		}
		w.WriteHeader(204)
		return nil
	case strings.EqualFold(rest, "messages/deviceBound") && r.Method == http.MethodGet:
		w.WriteHeader(204) // nothing waits
		return nil
	}
	return refuse(404, "NotFound", "no such resource")
}

func reply(w http.ResponseWriter, status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

// Fail answers an error: as what it says it is, or as 500.
func Fail(w http.ResponseWriter, err error) {
	var s *StatusError
	if errors.As(err, &s) {
		fail(w, s.Status, s.Code, s.Message)
		return
	}
	fail(w, 500, "ServerError", "internal error")
}

// fail answers in the hub's shape: the code in a header, and a body of two texts.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Iothub-Errorcode", code)
	_ = reply(w, status, object{
		"Message": "ErrorCode:" + code + ";" + message,
		"ExceptionMessage": fmt.Sprintf("Tracking ID:%s-G:0-TimeStamp:%s",
			randomHex(16), time.Now().UTC().Format("01/02/2006 15:04:05")),
	}) // a client that is gone hears nothing
}

// unescape reads one segment of an escaped path.
func unescape(segment string) string {
	plain, err := url.PathUnescape(segment)
	if err != nil {
		return ""
	}
	return plain
}
