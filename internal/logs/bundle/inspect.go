package bundle

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// maxInspect bounds the description of one container.
const maxInspect = 4 << 20

// Container is what of the engine's description of a container matters here. The
// environment may hold secrets.
type Container struct {
	Name      string
	Env       map[string]string
	DNS       []string
	Restarts  int
	ExitCode  int
	OOMKilled bool
	Running   bool
}

// Containers reads the descriptions; what cannot be read is told in unread.
func (b *Bundle) Containers() (list []Container, unread []error) {
	for _, e := range b.Entries() {
		dir, base := path.Split(e.Name)
		if path.Base(dir) != "inspect" || !strings.HasSuffix(base, ".json") || strings.HasSuffix(base, "_err.json") {
			continue
		}
		text, err := b.Read(e.Name, maxInspect)
		if err == nil {
			var c []Container
			if c, err = ParseInspect(text, strings.TrimSuffix(base, ".json")); err == nil {
				list = append(list, c...)
				continue
			}
		}
		unread = append(unread, fmt.Errorf("%s: %w", e.Name, err))
	}
	return list, unread
}

// ParseInspect reads the engine's description: one container, or a list of them.
func ParseInspect(text []byte, name string) ([]Container, error) {
	type description struct {
		Name         string
		RestartCount int
		State        struct {
			Running, OOMKilled bool
			ExitCode           int
		}
		Config     struct{ Env []string }
		HostConfig struct{ DNS []string }
	}
	var all []description
	if err := json.Unmarshal(text, &all); err != nil {
		var one description
		if json.Unmarshal(text, &one) != nil {
			return nil, fmt.Errorf("not the engine's description of a container")
		}
		all = []description{one}
	}
	var out []Container
	for _, d := range all {
		c := Container{Name: strings.TrimPrefix(d.Name, "/"), Env: map[string]string{}, DNS: d.HostConfig.DNS,
			Restarts: d.RestartCount,
			ExitCode: d.State.ExitCode, OOMKilled: d.State.OOMKilled, Running: d.State.Running}
		if c.Name == "" {
			c.Name = name
		}
		for _, kv := range d.Config.Env {
			k, v, _ := strings.Cut(kv, "=")
			c.Env[k] = v
		}
		out = append(out, c)
	}
	return out, nil
}
