package lab

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"edgenet/internal/lab/engine"
)

// PlaceEngine is the container engine's API, for the journal.
const PlaceEngine = "engine"

// floor is the oldest API that an engine takes by its major version: from 29 on, 1.44
// (its release notes), which daemons of IoT Edge before 1.5.22 do not speak.
func floor(version string) string {
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 29 {
		return "1.44"
	}
	return ""
}

// openEngine answers as a container engine on a socket in the lab's directory.
func (l *Lab) openEngine() error {
	if l.options.Engine == "" {
		return nil
	}
	socket, path, err := l.socket("engine.sock")
	if err != nil {
		return fmt.Errorf("lab: container engine %w", err)
	}
	l.engineURI = "unix://" + filepath.ToSlash(path)
	api := &engine.Server{Version: l.options.Engine, MinAPI: floor(l.options.Engine)}
	l.serveUnix(socket, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.journal.add(PlaceEngine, KindRequest, "", r.Method+" "+r.URL.Path)
		api.ServeHTTP(w, r)
	}))
	return nil
}
