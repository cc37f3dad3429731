package device

import (
	"slices"
	"strings"

	"edgenet/internal/secret"
)

// EnvLabel is where edgeAgent keeps which environment it gave a container; the daemon
// writes {} there whatever it gave (edgelet-settings/src/docker/init.rs).
const EnvLabel = "net.azure-devices.edge.env"

const edgeLabels = "net.azure-devices.edge."

// Container is a container of the runtime as the engine tells of it.
type Container struct {
	Name  string
	Image string
	State string // running, exited …
	// Env is the environment it was made with, as NAME=value.
	Env []secret.Value
	// FromConfig tells that the daemon made it from [agent] of its configuration, not
	// edgeAgent from a deployment.
	FromConfig bool
	// HostNetwork tells that it has the network of its host.
	HostNetwork bool
	extraHosts  []string // NAME:ADDRESS, in its hosts file
}

// OnHostNetwork tells whether what is known to run of edgeAgent and edgeHub has this host's network.
func (d *Device) OnHostNetwork() bool {
	known := false
	for _, name := range []string{"edgeAgent", "edgeHub"} {
		if d == nil {
			return false
		}
		if c, ok := d.Container(name); ok && !c.HostNetwork {
			return false
		} else if ok {
			known = true
		}
	}
	return known
}

// Lookup gives a variable of the container by the rules of .NET's configuration: in any
// case.
func (c Container) Lookup(name string) (string, bool) {
	for _, kv := range slices.Backward(c.Env) {
		if k, v, ok := strings.Cut(kv.Reveal(), "="); ok && strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// Container gives a container by its name.
func (d *Device) Container(name string) (Container, bool) {
	for _, c := range d.Containers {
		if c.Name == name {
			return c, true
		}
	}
	return Container{}, false
}

// containerSettings takes what matters out of a container's environment.
func (d *Device) containerSettings(c Container) {
	system := c.Name == "edgeAgent" || c.Name == "edgeHub"
	for _, kv := range c.Env {
		key, value, _ := strings.Cut(kv.Reveal(), "=")
		n, ok := variable(key)
		if system && !ok {
			n, ok = runtimeVariable(key)
		}
		if ok {
			d.add(Setting{Name: n, Place: Place(boxPrefix + c.Name), Key: key, Value: secret.New(value)})
		}
	}
}

// runtimeVariable names what edgeAgent and the daemon tell a container. In edgeAgent and edgeHub
// the gateway is the parent; in other modules it is this device.
func runtimeVariable(key string) (Name, bool) {
	switch key {
	case "IOTEDGE_IOTHUBHOSTNAME":
		return Hub, true
	case "IOTEDGE_DEVICEID":
		return DeviceID, true
	case "IOTEDGE_GATEWAYHOSTNAME":
		return Parent, true
	}
	return "", false
}

// readModule reads this process's own environment, where it is a module's.
func (d *Device) readModule(getenv func(string) string) {
	hub := getenv("IOTEDGE_IOTHUBHOSTNAME")
	place := ProcessEnv
	if hub != "" {
		place = ModuleEnv
		d.add(Setting{Name: Hub, Place: ModuleEnv, Key: "IOTEDGE_IOTHUBHOSTNAME", Value: secret.New(hub)})
		d.add(Setting{Name: DeviceID, Place: ModuleEnv, Key: "IOTEDGE_DEVICEID",
			Value: secret.New(getenv("IOTEDGE_DEVICEID"))})
		if p := getenv("UpstreamProtocol"); p != "" {
			d.add(Setting{Name: Protocol, Place: ModuleEnv, Key: "UpstreamProtocol", Value: secret.New(p)})
		}
	}
	for _, key := range []string{"https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"} {
		if v := getenv(key); v != "" {
			n, _ := variable(key)
			d.add(Setting{Name: n, Place: place, Key: key, Value: secret.New(v)})
		}
	}
}

// InsideNames are the names whose addresses all that is known to run of edgeAgent and edgeHub are given.
func (d *Device) InsideNames() []string {
	times, boxes := map[string]int{}, 0
	for _, name := range []string{"edgeAgent", "edgeHub"} {
		c, ok := d.Container(name)
		if ok {
			boxes++
		}
		for _, h := range c.extraHosts {
			if name, _, ok := strings.Cut(h, ":"); ok {
				times[name]++
			}
		}
	}
	var out []string
	for name, n := range times {
		if n >= boxes {
			out = append(out, name)
		}
	}
	return out
}
