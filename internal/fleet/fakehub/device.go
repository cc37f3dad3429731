package fakehub

import (
	"encoding/json"
	"maps"
	"strings"
	"time"
)

// Settle has every device follow what rules it now; the lock is held.
func (h *Hub) Settle() {
	for _, d := range h.Devices {
		list := h.under(d)
		if len(list) == 0 {
			d.Applied = ""
			continue
		}
		if list[0].ID == d.Applied || d.Down {
			continue
		}
		d.Applied = list[0].ID
		d.follow(list[0].Content)
	}
}

// follow is a device with another deployment: for good where its network does not let the
// new way through.
func (d *Device) follow(content json.RawMessage) {
	var c struct {
		Agent struct {
			Desired struct{ SystemModules, Modules map[string]any } `json:"properties.desired"`
		} `json:"$edgeAgent"`
	}
	_ = json.Unmarshal(content, &c)
	d.version++
	d.System, d.Modules = c.Agent.Desired.SystemModules, c.Agent.Desired.Modules
	d.Protocol, d.Proxy = env(d.System, "edgeHub", "UpstreamProtocol"), env(d.System, "edgeHub", "https_proxy")
	if d.Down = !d.Works[d.way()]; !d.Down && !d.Broken {
		d.check()
	}
}

func (d *Device) way() string {
	p := strings.ToUpper(d.Protocol)
	if d.Proxy != "" && strings.HasSuffix(p, "WS") {
		return p + "@proxy"
	}
	return p + "@direct"
}

func env(list map[string]any, module, name string) string {
	m, _ := list[module].(map[string]any)
	e, _ := m["env"].(map[string]any)
	v, _ := e[name].(map[string]any)
	s, _ := v["value"].(string)
	return s
}

// check is a check by the device's edgenet. Times have whole seconds, and come after what
// caused them.
func (d *Device) check() {
	if d.Report == nil {
		return
	}
	d.Report = maps.Clone(d.Report)
	d.Report["checkedAt"] = time.Now().UTC().Add(time.Second).Format(time.RFC3339)
	d.Report["configured"] = strings.ToUpper(d.Protocol)
	d.Report["status"] = "ok"
}
