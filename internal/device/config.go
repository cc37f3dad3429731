package device

import (
	"path"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
)

// aziotDirs are where /etc/aziot is: the snaps of 1.4 and later see it in a directory of
// theirs (layout in snapcraft.yaml; that it is seen there from outside is inferred).
var aziotDirs = []string{"/etc/aziot", "/var/snap/azure-iot-identity/current/shared/config/aziot", "/var/snap/azure-iot-edge/current/shared/config/aziot"}

// stateDirs are where /var/lib/aziot is.
var stateDirs = []string{"/var/lib/aziot", "/var/snap/azure-iot-identity/current/var/lib/aziot", "/var/snap/azure-iot-edge/current/var/lib/aziot"}

func (d *Device) readConfig() {
	for _, dir := range aziotDirs {
		d.readAziot(dir)
	}
	for _, dir := range stateDirs {
		d.readDeviceInfo(path.Join(dir, "identityd/device_info"))
	}
	d.readOld()
}

// paths name the settings of config.toml and of what is derived from it
// (super_config.rs of iotedge and of iot-identity-service). The env tables are read by
// name, since the runtime ignores the case of a variable.
var tomlPaths = map[string]Name{
	"parent_hostname":                               Parent,
	"local_gateway_hostname":                        Parent,
	"trust_bundle_cert":                             TrustBundle,
	"provisioning.source":                           Provisioning,
	"provisioning.iothub_hostname":                  Hub,
	"provisioning.local_gateway_hostname":           Parent,
	"provisioning.device_id":                        DeviceID,
	"provisioning.global_endpoint":                  DPS,
	"provisioning.authentication.method":            Auth,
	"provisioning.attestation.method":               Auth,
	"agent.config.image":                            Image,
	"moby_runtime.uri":                              Engine,
	"agent.config.auth.serveraddress":               Registry,
	"edge_ca.url":                                   EST,
	"provisioning.authentication.identity_cert.url": EST,
	"provisioning.attestation.identity_cert.url":    EST,
}

// estURLs is the table of EST servers by the certificates that they issue.
const estURLs = "cert_issuance.est.urls."

func (d *Device) readAziot(dir string) {
	name := path.Join(dir, "config.toml")
	d.Configured = d.Configured || d.tree.exists(name)
	if text, ok := d.file(name); ok {
		d.readTOML(name, ConfigTOML, text)
	}
	for _, service := range []string{"identityd", "edged"} {
		sub := path.Join(dir, service, "config.d")
		for _, f := range d.list(sub, ".toml") {
			d.Configured = true
			if text, ok := d.file(path.Join(sub, f)); ok {
				d.readTOML(path.Join(sub, f), ConfigD, text)
			}
		}
	}
}

func (d *Device) readTOML(file string, place Place, text []byte) {
	e, err := parseTOML(file, place, text)
	if err != nil {
		d.broken(err)
		return
	}
	hub := e["provisioning.iothub_hostname"].value
	for _, key := range sortedKeys(e) {
		n, ok := tomlPaths[key]
		v := e[key]
		if n == Parent && v.value == hub { // a device that is not nested has the hub there
			continue
		}
		if strings.HasPrefix(key, estURLs) {
			n, ok = EST, true
		}
		if ok {
			d.add(Setting{Name: n, Place: place, File: file, Key: key, Line: v.line, Value: secret.New(v.value)})
		}
	}
	d.connection(file, place, "provisioning.connection_string", e)
	d.environment(file, place, "agent.env", e)
}

// connection takes hub and device out of a connection string, and never the key.
func (d *Device) connection(file string, place Place, key string, e entries) {
	v, ok := e[key]
	if !ok {
		return
	}
	c, err := iothub.ParseConnectionString(v.value)
	if err != nil { // a placeholder, or wrong; the runtime itself will complain
		return
	}
	d.add(Setting{Name: Hub, Place: place, File: file, Key: key, Line: v.line, Value: secret.New(c.HostName)})
	d.add(Setting{Name: DeviceID, Place: place, File: file, Key: key, Line: v.line, Value: secret.New(c.DeviceID)})
}

// environment reads what the first edgeAgent container gets.
func (d *Device) environment(file string, place Place, prefix string, e entries) {
	for _, key := range e.under(prefix) {
		if n, ok := variable(strings.TrimPrefix(key, prefix+".")); ok {
			d.add(Setting{Name: n, Place: place, File: file, Key: key, Line: e[key].line, Value: secret.New(e[key].value)})
		}
	}
}

// variable names what an environment variable sets, whatever its case.
func variable(key string) (Name, bool) {
	switch strings.ToLower(key) {
	case "upstreamprotocol":
		return Protocol, true
	case "https_proxy":
		return Proxy, true
	case "http_proxy":
		return HTTPProxy, true
	case "no_proxy":
		return NoProxy, true
	}
	return "", false
}

// readDeviceInfo: TOML, or the bare word "unprovisioned" (iot-identity-service,
// identity.rs). It is what the runtime was really provisioned for, by DPS too.
func (d *Device) readDeviceInfo(file string) {
	text, ok := d.file(file)
	if !ok || strings.TrimSpace(string(text)) == "unprovisioned" {
		return
	}
	e, err := parseTOML(file, DeviceInfo, text)
	if err != nil {
		d.broken(err)
		return
	}
	for _, s := range []struct {
		key string
		n   Name
	}{{"hub_name", Hub}, {"local_gateway_hostname", Parent}, {"device_id", DeviceID}} {
		v, ok := e[s.key]
		if !ok || s.n == Parent && v.value == e["hub_name"].value {
			continue
		}
		d.add(Setting{Name: s.n, Place: DeviceInfo, File: file, Key: s.key, Line: v.line, Value: secret.New(v.value)})
	}
}

var yamlPaths = map[string]Name{
	"provisioning.source":                         Provisioning,
	"provisioning.global_endpoint":                DPS,
	"provisioning.authentication.iothub_hostname": Hub,
	"provisioning.authentication.device_id":       DeviceID,
	"provisioning.authentication.method":          Auth,
	"provisioning.attestation.method":             Auth,
	"certificates.trusted_ca_certs":               TrustBundle,
	"agent.config.image":                          Image,
	"moby_runtime.uri":                            Engine,
	"agent.config.auth.serveraddress":             Registry,
}

// readOld reads the configuration of 1.1 and before, and where DPS sent the device.
func (d *Device) readOld() {
	const file = "/etc/iotedge/config.yaml"
	home := "/var/lib/iotedge"
	if d.tree.exists(file) {
		d.Configured, d.Old = true, true
	}
	if text, ok := d.file(file); ok {
		e, err := parseYAML(file, ConfigYAML, text)
		if err != nil {
			d.broken(err)
			return
		}
		for _, key := range sortedKeys(e) {
			if n, ok := yamlPaths[key]; ok {
				d.add(Setting{Name: n, Place: ConfigYAML, File: file, Key: key, Line: e[key].line, Value: secret.New(e[key].value)})
			}
		}
		d.connection(file, ConfigYAML, "provisioning.device_connection_string", e)
		d.environment(file, ConfigYAML, "agent.env", e)
		if h, ok := e["homedir"]; ok && path.IsAbs(h.value) {
			home = h.value
		}
	}
	d.readBackup(path.Join(home, "cache/provisioning_backup.json"))
}

// readBackup: {"hub_name": …, "device_id": …, "credentials": …} of iotedged 1.1.
func (d *Device) readBackup(file string) {
	text, ok := d.file(file)
	if !ok {
		return
	}
	doc := d.json(file, Backup, text)
	if doc == nil {
		return
	}
	for _, s := range []struct {
		keys []string
		n    Name
	}{{[]string{"hub_name", "hubName"}, Hub}, {[]string{"device_id", "deviceId"}, DeviceID}} {
		for _, k := range s.keys {
			if v := doc.Root.Get(k); v != nil && v.Kind == jsonedit.String {
				d.add(Setting{Name: s.n, Place: Backup, File: file, Key: k, Line: doc.Line(v.Start), Value: secret.New(v.Text)})
			}
		}
	}
}

// json parses a file, nil where it is broken.
func (d *Device) json(file string, place Place, text []byte) *jsonedit.Document {
	doc, err := jsonedit.Parse(text)
	if err != nil {
		d.broken(jsonError(file, place, err))
		return nil
	}
	return doc
}
