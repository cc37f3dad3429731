package device

import (
	"encoding/json"
	"errors"
	"strings"

	"edgenet/internal/secret"
	"edgenet/internal/sorting"
)

// description is what of the engine's description of a container matters here.
type description struct {
	Name   string
	Config struct {
		Image  string
		Env    []string
		Labels map[string]string
	}
	State      struct{ Status string }
	HostConfig struct {
		NetworkMode string
		ExtraHosts  []string
	}
}

func (in description) container() Container {
	c := Container{Name: strings.TrimPrefix(in.Name, "/"), Image: in.Config.Image, State: in.State.Status,
		HostNetwork: in.HostConfig.NetworkMode == "host", extraHosts: in.HostConfig.ExtraHosts}
	for _, kv := range in.Config.Env {
		c.Env = append(c.Env, secret.New(kv))
	}
	label, has := in.Config.Labels[EnvLabel]
	c.FromConfig = c.Name == "edgeAgent" && has && strings.TrimSpace(label) == "{}"
	return c
}

// Described is a device of which there is nothing but the engine's descriptions of its
// containers, as docker inspect prints them, each by the file that holds it. Whatever else
// says where such a device is set is unread.
func Described(texts map[string][]byte, unread ...Unread) *Device {
	d := &Device{Described: true, Unread: unread}
	for file, text := range texts {
		many, err := described(text)
		if err != nil {
			d.unread(file, err)
		}
		for _, in := range many {
			if ours(in.Name, in.Config.Labels) && len(d.Containers) < maxContainers {
				d.Containers = append(d.Containers, in.container())
			}
		}
	}
	sorting.By(d.Containers, func(a, b Container) int { return strings.Compare(a.Name, b.Name) })
	sorting.By(d.Unread, func(a, b Unread) int { return strings.Compare(a.File, b.File) })
	for _, c := range d.Containers {
		d.containerSettings(c)
	}
	d.judge()
	return d
}

// described reads one description, or a list of them.
func described(text []byte) ([]description, error) {
	var many []description
	if json.Unmarshal(text, &many) == nil {
		return many, nil
	}
	var one description
	if json.Unmarshal(text, &one) != nil || one.Name == "" {
		return nil, errors.New("not the engine's description of a container")
	}
	return []description{one}, nil
}
