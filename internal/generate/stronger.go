package generate

import (
	"fmt"
	"path"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/proxyurl"
)

// stronger names what would win over the drop-ins: files that systemd reads later, and
// those of EnvironmentFile=, which it takes last of all.
func stronger(in Input) []string {
	var out []string
	for _, s := range in.Device.Of(device.Proxy) {
		if _, unit := s.Place.Unit(); !unit || !wins(s.File, ours(s.Place)) {
			continue
		}
		if p, err := proxyurl.Parse(s.Value.Reveal(), ""); err == nil && p.Same(in.Proxy) {
			continue
		}
		out = append(out, fmt.Sprintf("# first take %s out of %s:%d: it would win over the drop-in", s.Key, s.File,
			s.Line))
	}
	return out
}

// refusals are what keeps iotedge config apply from taking the file at all.
func refusals(in Input) []string {
	var out []string
	text, _ := in.Device.ReadFile(in.Device.ConfigPath()) // there are no faults of a file that cannot be read
	mended, _ := agentTable(string(text))
	for _, f := range in.Device.Faults {
		if f.Kind == device.FaultRefused && (f.Key != "agent" || mended == "") {
			out = append(out, fmt.Sprintf("%s: %s", f.Where(), f.Text))
		}
	}
	return out
}

// ours is the name of the drop-in that a place gets.
func ours(p device.Place) string {
	if p == device.EngineUnit {
		return engineDropIn
	}
	return serviceDropIn
}

// wins tells whether a file beats a drop-in of the name given (systemd.unit(5)).
func wins(file, dropIn string) bool {
	switch {
	case strings.Contains(file, ".service.d/"), strings.Contains(file, "/service.d/"):
		return path.Base(file) > dropIn
	case strings.HasSuffix(file, ".service"), strings.HasPrefix(file, "/etc/systemd/system.conf"):
		return false
	}
	return true
}

// strongerConfig names what would win over the lines for [agent.env]: createOptions.Env,
// and the drop-ins behind what `iotedge config apply` writes.
func strongerConfig(in Input) []string {
	want := map[device.Name]string{device.Protocol: in.Protocol.RuntimeName()}
	if in.Proxy != nil {
		want[device.Proxy] = in.Proxy.URL()
	}
	var out []string
	if in.Device == nil {
		return nil
	}
	for _, s := range in.Device.Settings {
		value, ours := want[s.Name]
		options := strings.Contains(s.Key, ".createOptions.")
		dropIn := s.Place == device.ConfigD && path.Base(path.Dir(s.File)) == "config.d" &&
			path.Base(s.File) > "00-super.toml"
		if !ours || s.Lost != "" || s.Value.Reveal() == value || !options && !dropIn || s.Place != device.ConfigD &&
			s.Place != device.ConfigTOML && s.Place != device.ConfigYAML {
			continue
		}
		out = append(out,
			fmt.Sprintf("%s wins over what is generated for [agent.env]: change it as well, or take it out", s.Where()))
	}
	return out
}
