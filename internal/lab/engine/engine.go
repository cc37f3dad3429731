package engine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server answers as an engine. The zero value is Docker 24 without containers.
type Server struct {
	// Version is what the engine says it is. Zero means 24.0.7.
	Version string
	// MinAPI refuses calls of older versions of the API, as Docker 29 refuses what is
	// older than 1.44. Zero means 1.12.
	MinAPI string
	// Pids are the processes of a container's name. Zero means those of this system whose
	// environment has IOTEDGE_MODULEID=name.
	Pids func(name string) []int
	// Answer is what is told instead: a text as it is, an http.Handler does what it likes, all
	// else is JSON. It gets the path without the API's version. Zero, or nil from it, leaves
	// the answer to the engine.
	Answer func(r *http.Request, path string) any

	mu         sync.Mutex
	containers map[string]*container // by name
	images     map[string]string     // id by tag
	networks   map[string]bool
}

// container is what was asked for. Guarded by Server.mu.
type container struct {
	name    string
	image   string
	config  map[string]any
	running bool
	started time.Time
	ended   time.Time
}

// maxBody bounds what a caller may send.
const maxBody = 1 << 20

// highest is the newest version of the API that is spoken here.
const highest = 44

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	path := strings.Trim(r.URL.Path, "/")
	if version, rest, ok := strings.Cut(path, "/"); ok && strings.HasPrefix(version, "v1.") {
		path = rest
		if minor(version[1:]) < minor(s.minAPI()) {
			fail(w, http.StatusBadRequest, "client version "+version[1:]+" is too old. Minimum supported API "+
				"version is "+
				s.minAPI()+", please upgrade your client to a newer version")
			return
		}
	}
	if s.told(w, r, path) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(path, "/")
	switch parts[0] {
	case "info", "version", "_ping":
		s.about(w, parts[0])
	case "images":
		s.image(w, r, parts[1:])
	case "networks":
		s.network(w, r, parts[1:])
	case "containers":
		s.container(w, r, parts[1:])
	default:
		fail(w, http.StatusNotFound, "page not found")
	}
}

func (s *Server) minAPI() string {
	if s.MinAPI == "" {
		return "1.12"
	}
	return s.MinAPI
}

// minor is the number behind "1.".
func minor(version string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(version, "1."))
	if err != nil {
		return highest
	}
	return n
}

func (s *Server) about(w http.ResponseWriter, what string) {
	version := s.Version
	if version == "" {
		version = "24.0.7"
	}
	switch what {
	case "_ping":
		w.Header().Set("Api-Version", fmt.Sprintf("1.%d", highest))
		_, _ = w.Write([]byte("OK"))
	case "version":
		reply(w, http.StatusOK, map[string]any{"Version": version, "ApiVersion": fmt.Sprintf("1.%d", highest),
			"MinAPIVersion": s.minAPI(), "Os": "linux", "Arch": "amd64"})
	default:
		reply(w, http.StatusOK, map[string]any{"ServerVersion": version, "OperatingSystem": "the lab",
			"OSType": "linux", "Containers": len(s.containers), "Images": len(s.images)})
	}
}

// image pulls (POST /images/create), lists and deletes.
func (s *Server) image(w http.ResponseWriter, r *http.Request, parts []string) {
	switch {
	case r.Method == http.MethodPost && len(parts) == 1 && parts[0] == "create":
		tag := r.URL.Query().Get("fromImage")
		if t := r.URL.Query().Get("tag"); t != "" {
			tag += ":" + t
		}
		if s.images == nil {
			s.images = map[string]string{}
		}
		s.images[tag] = imageID(tag)
		reply(w, http.StatusOK, map[string]any{"status": "Status: Image is up to date for " + tag})
	case r.Method == http.MethodGet && len(parts) == 1 && parts[0] == "json":
		list := []map[string]any{}
		for tag, id := range s.images {
			list = append(list, map[string]any{"Id": id, "RepoTags": []string{tag}})
		}
		reply(w, http.StatusOK, list)
	case r.Method == http.MethodDelete:
		delete(s.images, strings.Join(parts, "/"))
		reply(w, http.StatusOK, []any{})
	default:
		fail(w, http.StatusNotFound, "page not found")
	}
}

func (s *Server) network(w http.ResponseWriter, r *http.Request, parts []string) {
	switch {
	case r.Method == http.MethodPost && len(parts) == 1 && parts[0] == "create":
		var n struct{ Name string }
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil || n.Name == "" {
			fail(w, http.StatusBadRequest, "a network needs a name")
			return
		}
		if s.networks == nil {
			s.networks = map[string]bool{}
		}
		s.networks[n.Name] = true
		reply(w, http.StatusCreated, map[string]any{"Id": imageID(n.Name), "Warning": ""})
	case r.Method == http.MethodGet && len(parts) == 0:
		list := []map[string]any{}
		for name := range s.networks {
			list = append(list, map[string]any{"Name": name, "Id": imageID(name), "Driver": "bridge"})
		}
		reply(w, http.StatusOK, list)
	case r.Method == http.MethodGet && len(parts) == 1 && s.networks[parts[0]]:
		reply(w, http.StatusOK, map[string]any{"Name": parts[0], "Id": imageID(parts[0]), "Driver": "bridge"})
	default:
		fail(w, http.StatusNotFound, "no such network")
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller that is gone hears nothing
}

func fail(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]string{"message": message})
}
