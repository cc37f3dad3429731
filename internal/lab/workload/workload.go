// Package workload is the IoT Edge workload API as modules know it: HTTP/1.1 on
// a Unix socket, for signing and for the trust bundle. It refuses what the lab has
// no use for (certificates, encryption) with 404, and does not look at who calls:
// the runtime compares process ids with its containers, and there are none here.
package workload

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// Versions are what the API takes as api-version.
var Versions = []string{"2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05", "2020-07-07", "2021-12-07",
	"2022-08-03"}

// maxBody bounds a request, in bytes.
const maxBody = 64 << 10

// ErrUnknownModule is what Key returns for a module that does not run here.
var ErrUnknownModule = errors.New("no such module")

// Server answers the API.
type Server struct {
	// TrustBundle is the PEM text; empty means that there is none.
	TrustBundle string
	// Key finds a module's key.
	Key func(module string) (secret.Value, error)
	// Modules are the names of the modules that run.
	Modules func() []string
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(Versions, r.URL.Query().Get("api-version")) {
		Fail(w, http.StatusBadRequest, "invalid api-version")
		return
	}
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	switch {
	case r.Method == http.MethodGet && len(parts) == 1 &&
		(parts[0] == "trust-bundle" || parts[0] == "manifest-trust-bundle"):
		s.trustBundle(w, parts[0])
	case r.Method == http.MethodGet && len(parts) == 1 && parts[0] == "modules":
		s.modules(w)
	case r.Method == http.MethodPost && len(parts) == 5 && parts[0] == "modules" && parts[2] == "genid" &&
		parts[4] == "sign":
		s.sign(w, r, parts[1])
	default:
		Fail(w, http.StatusNotFound, "not found")
	}
}

// Fail answers with the API's shape of errors.
func Fail(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]string{"message": message})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}

// trustBundle sends plain PEM, whatever the API's description says of base64.
func (s *Server) trustBundle(w http.ResponseWriter, which string) {
	if s.TrustBundle == "" && which == "trust-bundle" {
		Fail(w, http.StatusNotFound, "trust bundle is not configured")
		return
	}
	pem := s.TrustBundle
	if which != "trust-bundle" {
		pem = "" // the lab has no signed manifests
	}
	reply(w, http.StatusOK, map[string]string{"certificate": pem})
}

// modules lists what runs; the environment is always empty, as the runtime's is.
func (s *Server) modules(w http.ResponseWriter) {
	type settings struct {
		Image string `json:"image"`
	}
	type config struct {
		Settings settings `json:"settings"`
		Env      []string `json:"env"`
	}
	type module struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Type   string `json:"type"`
		Config config `json:"config"`
		Status any    `json:"status"`
	}
	all := []module{}
	for _, name := range s.Modules() {
		all = append(all, module{
			ID: "id", Name: name, Type: "docker", Config: config{settings{"lab/" + strings.TrimPrefix(name, "$")},
				[]string{}},
			Status: map[string]any{"runtimeStatus": map[string]string{"status": "running"}},
		})
	}
	reply(w, http.StatusOK, map[string]any{"modules": all})
}

// sign returns the HMAC-SHA256 of the data with the module's key; keyId, algo
// and the generation are not looked at, as the runtime does not either.
func (s *Server) sign(w http.ResponseWriter, r *http.Request, escaped string) {
	module, err := url.PathUnescape(escaped)
	if err != nil {
		Fail(w, http.StatusBadRequest, "malformed module name")
		return
	}
	var q struct {
		Data string `json:"data"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&q); err != nil {
		Fail(w, http.StatusUnprocessableEntity, "malformed body")
		return
	}
	data, err := base64.StdEncoding.DecodeString(q.Data)
	if err != nil || len(data) == 0 {
		Fail(w, http.StatusUnprocessableEntity, "data is not base64")
		return
	}
	key, err := s.Key(module)
	if err != nil {
		Fail(w, http.StatusNotFound, "module not found")
		return
	}
	digest, err := digestOf(key, data)
	if err != nil {
		Fail(w, http.StatusInternalServerError, "could not sign")
		return
	}
	reply(w, http.StatusOK, map[string]string{"digest": base64.StdEncoding.EncodeToString(digest)})
}

func digestOf(key secret.Value, data []byte) ([]byte, error) {
	sign, err := iothub.KeySigner(key)
	if err != nil {
		return nil, err
	}
	return sign(string(data))
}
