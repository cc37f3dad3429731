package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// imageID is an id as engines make them, the same for the same name.
func imageID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// container lists, makes, starts, stops and deletes containers, and tells of one.
func (s *Server) container(w http.ResponseWriter, r *http.Request, parts []string) {
	if len(parts) == 1 && parts[0] == "json" && r.Method == http.MethodGet {
		s.list(w)
		return
	}
	if len(parts) == 1 && parts[0] == "create" && r.Method == http.MethodPost {
		s.create(w, r)
		return
	}
	if len(parts) == 0 || s.containers[parts[0]] == nil {
		fail(w, http.StatusNotFound, "No such container")
		return
	}
	c := s.containers[parts[0]]
	if len(parts) == 1 && r.Method == http.MethodDelete {
		delete(s.containers, c.name)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if len(parts) != 2 {
		fail(w, http.StatusNotFound, "page not found")
		return
	}
	s.one(w, r.Method+" "+parts[1], c)
}

// one does what is asked of a container.
func (s *Server) one(w http.ResponseWriter, what string, c *container) {
	switch what {
	case "GET json":
		reply(w, http.StatusOK, c.inspect())
	case "GET top":
		s.top(w, c)
	case "GET stats":
		reply(w, http.StatusOK, map[string]any{"name": "/" + c.name, "pids_stats": map[string]any{"current": 1}})
	case "GET logs":
		w.WriteHeader(http.StatusOK)
	case "POST start", "POST restart":
		if c.running && what == "POST start" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		c.running, c.started = true, time.Now().UTC()
		w.WriteHeader(http.StatusNoContent)
	case "POST stop":
		if !c.running {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		c.running, c.ended = false, time.Now().UTC()
		w.WriteHeader(http.StatusNoContent)
	default:
		fail(w, http.StatusNotFound, "page not found")
	}
}

func (s *Server) list(w http.ResponseWriter) {
	out := []map[string]any{}
	for _, c := range s.containers {
		out = append(out, map[string]any{"Id": imageID(c.name)[7:], "Names": []string{"/" + c.name}, "Image": c.image,
			"ImageID": imageID(c.image), "Labels": c.labels(), "State": c.state()})
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	var config map[string]any
	if err := json.NewDecoder(r.Body).Decode(&config); err != nil || name == "" {
		fail(w, http.StatusBadRequest, "a container needs a name and a configuration")
		return
	}
	if s.containers[name] != nil {
		fail(w, http.StatusConflict, "Conflict. The container name \"/"+name+"\" is already in use")
		return
	}
	if s.containers == nil {
		s.containers = map[string]*container{}
	}
	image, _ := config["Image"].(string)
	s.containers[name] = &container{name: name, image: image, config: config}
	reply(w, http.StatusCreated, map[string]any{"Id": imageID(name)[7:], "Warnings": []string{}})
}

func (c *container) labels() map[string]any {
	labels, ok := c.config["Labels"].(map[string]any)
	if !ok {
		return map[string]any{}
	}
	return labels
}

func (c *container) state() string {
	switch {
	case c.running:
		return "running"
	case c.started.IsZero():
		return "created"
	}
	return "exited"
}

func (c *container) inspect() map[string]any {
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return "0001-01-01T00:00:00Z"
		}
		return t.Format(time.RFC3339Nano)
	}
	return map[string]any{
		"Id": imageID(c.name)[7:], "Name": "/" + c.name, "Image": imageID(c.image), "Config": c.config,
		"State": map[string]any{"Status": c.state(), "Running": c.running, "ExitCode": 0,
			"StartedAt": stamp(c.started), "FinishedAt": stamp(c.ended)},
		"HostConfig": c.config["HostConfig"], "Mounts": []any{},
	}
}

// top lists a container's processes as ps does: the daemon reads the column PID.
func (s *Server) top(w http.ResponseWriter, c *container) {
	if !c.running {
		fail(w, http.StatusConflict, "Container "+c.name+" is not running")
		return
	}
	find := s.Pids
	if find == nil {
		find = processesOf
	}
	rows := [][]string{}
	for _, pid := range find(c.name) {
		rows = append(rows, []string{"root", strconv.Itoa(pid), "1", "0", "10:00", "?", "00:00:00", c.name})
	}
	reply(w, http.StatusOK, map[string]any{
		"Titles":    []string{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"},
		"Processes": rows,
	})
}
