package supportbundle

import (
	"encoding/json"
	"fmt"
	"strings"
)

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
	texts, unread := b.Documents(Inspect)
	for _, d := range texts {
		c, err := ParseInspect(d.Text, d.Name)
		if err != nil {
			unread = append(unread, fmt.Errorf("%s/%s.json: %w", Inspect, d.Name, err))
			continue
		}
		list = append(list, c...)
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
