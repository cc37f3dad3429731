package gather

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/engine"
	"edgenet/internal/ready"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// shownNames are variables whose values rules look at; all others are masked at once.
var shownNames = []string{
	"storagefolder",
	"amqpsettings__enabled",
	"mqttsettings__enabled",
	"httpsettings__enabled",
	"optimizeforperformance",
	"maxconnectedclients",
	"upstreamprotocol",
	"usepersistentstorage",
}

func (g *gatherer) container(in engine.Inspected) ready.Container {
	h := in.HostConfig
	x := ready.Container{
		Name:          report.Clean(in.Name, 128),
		Image:         report.Clean(in.Config.Image, 300),
		State:         in.State.Status,
		Env:           map[string]string{},
		MemoryLimit:   h.Memory,
		CPULimit:      h.NanoCpus,
		Privileged:    h.Privileged,
		NetworkMode:   h.NetworkMode,
		PIDMode:       h.PidMode,
		CapAdd:        h.CapAdd,
		RestartPolicy: h.RestartPolicy.Name,
		User:          in.Config.User,
		LogBytes:      -1,
	}
	for _, kv := range in.Config.Env {
		k, v, _ := strings.Cut(kv, "=")
		if !slices.Contains(shownNames, strings.ToLower(k)) && v != "" {
			v = "****"
		}
		x.Env[k] = v
	}
	x.Log = ready.LogConfig{
		Driver:  h.LogConfig.Type,
		MaxSize: h.LogConfig.Config["max-size"],
		MaxFile: h.LogConfig.Config["max-file"],
	}
	if info, err := os.Stat(in.LogPath); in.LogPath != "" && g.live && err == nil {
		x.LogBytes = info.Size()
	}
	for key, bound := range h.PortBindings {
		port, protocol, _ := strings.Cut(key, "/")
		inside, err := strconv.Atoi(port)
		for _, b := range bound {
			if outside, err2 := strconv.Atoi(b.HostPort); err == nil && err2 == nil {
				x.Ports = append(x.Ports, ready.Port{Host: outside, Container: inside, Protocol: protocol})
			}
		}
	}
	sorting.By(x.Ports, func(a, b ready.Port) int { return a.Host - b.Host })
	for _, m := range in.Mounts {
		x.Mounts = append(x.Mounts, g.mount(in.Name, m.Type, m.Name, m.Source, m.Destination))
	}
	return x
}

func (g *gatherer) mount(container, kind, name, source, destination string) ready.Mount {
	m := ready.Mount{Type: kind, Source: source, Destination: destination}
	if kind == "volume" {
		m.Anonymous = isDigest(name)
		m.Source = name
		return m
	}
	uid := map[string]int{"edgeAgent": ready.AgentUID, "edgeHub": ready.HubUID}[container]
	if kind != "bind" || !g.live || uid == 0 {
		return m
	}
	info, err := os.Stat(source)
	if err != nil {
		return m
	}
	// What lies above does not matter: the engine binds the directory itself.
	if owner, _, ok := ownerOf(info); ok {
		m.OwnerUID = &owner
		m.Open = grants(source, account{uid, []int{uid}}, enterAndWrite)
		if owner == uid && !m.Open {
			m.Blocked = source
		}
	}
	return m
}

// enterAndWrite are the bits of a mode that a store needs.
const enterAndWrite = 3

// isDigest tells a volume's name that the engine made up.
func isDigest(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}
