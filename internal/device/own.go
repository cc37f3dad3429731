package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"edgenet/internal/infile"
	"edgenet/internal/placeholder"
)

// Identity names a device of a hub, and where it was found.
type Identity struct {
	Hub, Device, Source string
}

// Is tells whether the identity is the device named, or a module of it. Host names
// compare without case; device ids are case-sensitive. An empty hub matches any: some
// files name the device alone.
func (i Identity) Is(hub, device string) bool {
	return i.Device == device && (i.Hub == "" || strings.EqualFold(i.Hub, hub))
}

const maxFile = 4 << 20

// source reads one file's identities out of its text.
type source struct {
	path string
	read func([]byte) ([]Identity, error)
}

// sources are the places where the runtime keeps who it is: iot-identity-service's
// device_info, the configuration of 1.2 and later, that of 1.1 and before.
var sources = []source{
	{"var/lib/aziot/identityd/device_info", deviceInfo},
	{"etc/aziot/config.toml", configTOML},
	{"etc/iotedge/config.yaml", configYAML},
}

// Own lists the identities that this host holds: files below root, and a module's
// environment. Files that are not there are no error; those that could not be read or
// understood come back in unread, one reason each.
func Own(root string, getenv func(string) string) (own []Identity, unread []error) {
	for _, s := range sources {
		text, err := ReadConfig(filepath.Join(root, filepath.FromSlash(s.path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var found []Identity
		if err == nil {
			found, err = s.read(text)
		}
		if err != nil {
			if !dead(root, "/"+s.path) {
				unread = append(unread, fmt.Errorf("/%s: %w", s.path, err))
			}
			continue
		}
		for _, i := range found {
			i.Source = "/" + s.path
			own = append(own, i)
		}
	}
	own = append(own, elsewhere(root, own)...)
	if d := getenv("IOTEDGE_DEVICEID"); d != "" {
		own = append(own, Identity{getenv("IOTEDGE_IOTHUBHOSTNAME"), d, "the environment"})
	}
	return own, unread
}

// dead tells whether nothing on the device below root reads a file.
func dead(root, file string) bool {
	d := at(root)
	d.force()
	return d.Old && strings.HasPrefix(file, "/etc/aziot/") || !d.Old && slices.Contains(oldConfigs, file)
}

// ReadConfig reads a configuration file of the runtime, TOML or YAML, of 256 KiB at most.
// Its errors leave out the path, which the caller has named.
func ReadConfig(path string) ([]byte, error) {
	text, err := infile.Reader{Limit: maxConfig}.Read(context.Background(), path)
	var of *infile.Error
	switch {
	case errors.As(err, new(infile.TooLargeError)):
		return nil, errors.New("larger than expected: " + tooLarge)
	case errors.As(err, &of):
		return nil, of.Err
	}
	return text, err
}

// readFile reads one byte more than limit at most, so that the caller can tell.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			return nil, pe.Err // the path stands before it anyway
		}
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// errNotTOML stands for the parser's text, which may quote a secret.
var errNotTOML = errors.New("not TOML that can be read")

// deviceInfo: TOML, or the bare word "unprovisioned" (iot-identity-service, identity.rs).
func deviceInfo(text []byte) ([]Identity, error) {
	if strings.TrimSpace(string(text)) == "unprovisioned" {
		return nil, nil
	}
	var d struct {
		Hub    string `toml:"hub_name"`
		Device string `toml:"device_id"`
	}
	if err := decodeTOML(text, &d); err != nil {
		return nil, errNotTOML
	}
	return device(d.Hub, d.Device), nil
}

func device(hub, id string) []Identity {
	if id == "" {
		return nil
	}
	return []Identity{{Hub: hub, Device: id}}
}

func configTOML(text []byte) ([]Identity, error) {
	var c struct {
		Provisioning struct {
			Connection string `toml:"connection_string"`
			Hub        string `toml:"iothub_hostname"`
			Device     string `toml:"device_id"`
		} `toml:"provisioning"`
	}
	if err := decodeTOML(text, &c); err != nil {
		return nil, errNotTOML
	}
	p := c.Provisioning
	return append(fromConnectionString(p.Connection), device(p.Hub, p.Device)...), nil
}

func configYAML(text []byte) ([]Identity, error) {
	var c struct {
		Provisioning struct {
			Connection     string `yaml:"device_connection_string"`
			Authentication struct {
				Hub    string `yaml:"iothub_hostname"`
				Device string `yaml:"device_id"`
			} `yaml:"authentication"`
		} `yaml:"provisioning"`
	}
	errYAML := errors.New("not YAML that can be read") // the parser's text quotes the line
	if yaml.Unmarshal(text, &c) != nil {
		return nil, errYAML
	}
	p := c.Provisioning
	return append(fromConnectionString(p.Connection), device(p.Authentication.Hub, p.Authentication.Device)...), nil
}

func fromConnectionString(s string) []Identity {
	v := readDaemonString(s).values
	if placeholder.In(v["DeviceId"]) {
		return nil // nobody's
	}
	return device(v["HostName"], v["DeviceId"])
}

// elsewhere are the identities of the other files that discovery knows: what was derived
// from config.toml, the snaps' own directories, the backup of 1.1.
func elsewhere(root string, known []Identity) []Identity {
	d := Read(context.Background(), Options{Root: root, Engine: "none"})
	hubs := map[string]string{}
	for _, s := range d.Of(Hub) {
		hubs[s.File] = s.Value.Reveal()
	}
	var out []Identity
	for _, s := range d.Of(DeviceID) {
		i := Identity{Hub: hubs[s.File], Device: s.Value.Reveal(), Source: s.File}
		if !slices.Contains(known, i) && !slices.Contains(out, i) && i.Device != "" {
			out = append(out, i)
		}
	}
	return out
}
