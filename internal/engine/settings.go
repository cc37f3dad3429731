package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v4"

	"edgenet/internal/device"
)

// DefaultNetwork is the network that the runtime makes where nothing else is configured.
const DefaultNetwork = "azure-iot-edge"

// Settings say which engine the runtime uses, and which network its containers are on.
type Settings struct {
	URIs          []string // of sockets, in the order to try
	URISource     string   // of the only one: config.toml, config.yaml, DOCKER_HOST; zero: the usual places
	Network       string
	NetworkSource string // config.toml, config.yaml, default
}

// sockets are the usual places, the runtime's own engine first.
var sockets = []string{"unix:///var/run/docker.sock", "unix:///run/docker.sock",
	"unix:///var/snap/azure-iot-edge/common/docker-proxy.sock", "unix:///run/podman/podman.sock"}

// Find reads what the runtime is configured to use: config.toml of 1.2 and later, else
// config.yaml of 1.1 and before, below root; else DOCKER_HOST; else the usual sockets.
// A file that is not there is no error. One that cannot be read or understood comes back
// in unread, and the next in line holds.
func Find(root string, getenv func(string) string) (s Settings, unread []error) {
	s = Settings{Network: DefaultNetwork, NetworkSource: "default"}
	uri := ""
	for _, f := range []struct {
		path string
		read func([]byte) (moby, error)
	}{{"etc/aziot/config.toml", fromTOML}, {"etc/iotedge/config.yaml", fromYAML}} {
		text, err := device.ReadConfig(filepath.Join(root, filepath.FromSlash(f.path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var m moby
		if err == nil {
			m, err = f.read(text)
		}
		if err != nil {
			unread = append(unread, fmt.Errorf("/%s: %w", f.path, err))
			continue
		}
		if m.uri != "" && uri == "" {
			uri, s.URISource = m.uri, filepath.Base(f.path)
		}
		if m.network != "" && s.NetworkSource == "default" {
			s.Network, s.NetworkSource = m.network, filepath.Base(f.path)
		}
	}
	if v := strings.TrimSpace(getenv("DOCKER_HOST")); v != "" && uri == "" {
		uri, s.URISource = v, "DOCKER_HOST"
	}
	if s.URIs = sockets; uri != "" {
		s.URIs = []string{uri}
	}
	return s, unread
}

// moby is what both forms of the configuration say of the engine.
type moby struct{ uri, network string }

func fromTOML(text []byte) (moby, error) {
	var c struct {
		Moby struct {
			URI     string `toml:"uri"`
			Network any    `toml:"network"`
		} `toml:"moby_runtime"`
	}
	if toml.Unmarshal(text, &c) != nil {
		return moby{}, errors.New("not TOML that can be read") // the parser's text may quote a secret
	}
	return moby{c.Moby.URI, networkName(c.Moby.Network)}, nil
}

func fromYAML(text []byte) (moby, error) {
	var c struct {
		Moby struct {
			URI     string `yaml:"uri"`
			Network any    `yaml:"network"`
		} `yaml:"moby_runtime"`
	}
	if yaml.Unmarshal(text, &c) != nil {
		return moby{}, errors.New("not YAML that can be read") // the parser's text quotes the line
	}
	return moby{c.Moby.URI, networkName(c.Moby.Network)}, nil
}

// networkName reads the network's two forms: its name, or a table with it.
func networkName(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		name, _ := v["name"].(string)
		return name
	}
	return ""
}
