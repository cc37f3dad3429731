package dps

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"edgenet/internal/lab/hub"
)

// ServeHTTP implements http.Handler: registrations, and MQTT in a WebSocket, whatever its path:
// the SDK for Java asks for /mqtt, which its Paho puts where no path is given.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hub.IsUpgrade(r) {
		s.serveWebSocket(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	status, body, err := s.route(r)
	tracking := randomHex(16)
	w.Header().Set("X-Ms-Request-Id", tracking)
	w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	if err != nil {
		var f *fault
		if !errors.As(err, &f) {
			f = &fault{500, 500000, "internal error"}
		}
		status, body = f.status, f.body(tracking, s.o.Now())
	}
	if status == http.StatusAccepted {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	reply(w, status, body)
}

func reply(w http.ResponseWriter, status int, body object) {
	b, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "encode the answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that is gone hears nothing
}

// route finds what is asked of which registration.
func (s *Service) route(r *http.Request) (int, object, error) {
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	if len(parts) < 3 || parts[1] != "registrations" {
		return 0, nil, unauthorized
	}
	id, err := url.PathUnescape(parts[2])
	if err != nil {
		return 0, nil, badRequest
	}
	p, err := s.authenticate(parts[0], id, r.Header.Get("Authorization"), hub.PeerCertificates(r.Context(), nil))
	if err != nil {
		return 0, nil, err
	}
	if r.URL.Query().Get("api-version") == "" {
		return 0, nil, badRequest
	}
	rest := parts[3:]
	switch {
	case len(rest) == 1 && rest[0] == "register" && r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return 0, nil, tooLarge
		}
		return s.begin(id, p, body)
	case len(rest) == 2 && rest[0] == "operations" && r.Method == http.MethodGet:
		return s.look(id, rest[1])
	}
	return 0, nil, noResource
}

// begin takes a registration of either protocol.
func (s *Service) begin(id string, p proof, body []byte) (int, object, error) {
	var m struct {
		RegistrationID string          `json:"registrationId"`
		TPM            json.RawMessage `json:"tpm"`
	}
	if err := json.Unmarshal(body, &m); err != nil || !strings.EqualFold(m.RegistrationID, id) || m.TPM != nil {
		return 0, nil, badRequest
	}
	op := s.register(id, p)
	s.o.Log("register", id, op.id)
	return http.StatusAccepted, op.accepted(), nil
}

// look answers how an operation stands.
func (s *Service) look(id, operationID string) (int, object, error) {
	op, err := s.status(id, operationID)
	if err != nil {
		return 0, nil, err
	}
	status, body := op.body(s.o.Hub, s.o.Now())
	return status, body, nil
}
