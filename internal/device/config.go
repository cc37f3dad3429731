package device

import (
	"fmt"
	"path"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/placeholder"
	"edgenet/internal/secret"
	"edgenet/report"
)

// aziotDirs are where /etc/aziot is: the snaps of 1.4 and later see it in a directory of
// theirs (layout in snapcraft.yaml; that it is seen there from outside is inferred).
var aziotDirs = []string{"/etc/aziot", "/var/snap/azure-iot-identity/current/shared/config/aziot",
	"/var/snap/azure-iot-edge/current/shared/config/aziot"}

// stateDirs are where /var/lib/aziot is.
var stateDirs = []string{"/var/lib/aziot", "/var/snap/azure-iot-identity/current/var/lib/aziot",
	"/var/snap/azure-iot-edge/current/var/lib/aziot"}

func (d *Device) readConfig() {
	d.force()
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

// services are the daemons whose configuration has any of this.
var services = []string{"identityd", "edged"}

func (d *Device) readAziot(dir string) {
	name := path.Join(dir, "config.toml")
	if d.tree.exists(name) && !d.Old {
		d.Configured, d.Super = true, true
	}
	if text, ok := d.file(name); ok {
		d.readTOML(name, ConfigTOML, text)
	}
	for _, service := range services {
		d.readService(dir, service)
	}
	d.beatSuper(dir)
}

// superFile is what `iotedge config apply` makes of config.toml.
const superFile = "00-super.toml"

// beatSuper marks what config.toml says in vain: a drop-in behind 00-super.toml wins over
// it now, and after the next apply as well.
func (d *Device) beatSuper(dir string) {
	for i := range d.Settings {
		s := &d.Settings[i]
		if s.Place != ConfigTOML || s.Lost != "" || path.Dir(s.File) != dir {
			continue
		}
		for _, o := range d.Settings {
			if o.Place == ConfigD && o.Lost == "" && o.Name == s.Name && itemless(o.Key) == itemless(s.Key) &&
				path.Base(path.Dir(o.File)) == "config.d" && path.Base(o.File) > superFile {
				s.lose(LossOverridden, "overridden by "+o.Where()+", now and after the next iotedge config apply")
			}
		}
	}
}

// readService reads what a daemon reads, in its order: its own config.toml, then all of
// config.d by name, of which `iotedge config apply` writes 00-super.toml alone; the later
// wins, key by key (config-common of iot-identity-service).
func (d *Device) readService(dir, service string) {
	from := len(d.Settings)
	for _, f := range d.serviceFiles(dir, service) {
		d.Configured = d.Configured || !d.Old
		if text, ok := d.file(f); ok {
			at := len(d.Settings)
			d.readTOML(f, ConfigD, text)
			d.override(from, at)
		}
	}
}

// serviceFiles are a daemon's files in the order in which it reads them.
func (d *Device) serviceFiles(dir, service string) []string {
	files := []string{}
	if base := path.Join(dir, service, "config.toml"); d.tree.exists(base) {
		files = append(files, base)
	}
	sub := path.Join(dir, service, "config.d")
	for _, f := range d.list(sub, ".toml") {
		files = append(files, path.Join(sub, f))
	}
	return files
}

// override marks the settings from a position on that those behind another replace.
func (d *Device) override(from, at int) {
	for _, later := range d.Settings[at:] {
		for i := from; i < at; i++ {
			if s := &d.Settings[i]; s.Lost == "" && s.Name == later.Name && itemless(s.Key) == itemless(later.Key) {
				s.lose(LossOverridden, "overridden by "+later.Where())
			}
		}
	}
}

// itemless is a key without the number of a list's item: lists are replaced whole.
func itemless(key string) string {
	if i := strings.LastIndexByte(key, '['); i > 0 {
		return key[:i]
	}
	return key
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
			d.text(Setting{Name: n, Place: place, File: file, Key: key}, v)
		}
	}
	if v, ok := e["provisioning.connection_string"]; ok && v.kind != kindString {
		d.wrongType(file, place, "provisioning.connection_string", v, "a text in quotes")
	}
	d.connection(file, place, "provisioning.connection_string", e)
	d.environment(file, place, e)
	d.misplaced(file, place, e)
	if place == ConfigTOML {
		d.incomplete(file, e)
		d.nestedDPS(file, e)
	}
}

// text adds a setting whose reader wants a text; another type is no value for it.
func (d *Device) text(s Setting, v entry) {
	s.Line, s.Value = v.line, secret.New(v.value)
	switch {
	case v.kind == kindString && placeholder.In(v.value):
		d.fault(Fault{Kind: FaultPlaceholder, Severity: report.SeverityError, Place: s.Place, File: s.File,
			Line: s.Line, Key: s.Key,
			Text:   "it is a placeholder that nobody has filled in",
			Remedy: "Put the real value in its place, or remove the line."})
		return
	case v.kind == kindString, v.kind == kindNumber && s.Place == ConfigYAML: // which the daemon of 1.1 converts
	default:
		d.wrongType(s.File, s.Place, s.Key, v, "a text in quotes")
		s.lose(LossType, "not a text: the daemon refuses the file")
	}
	d.add(s)
}

func (d *Device) wrongType(file string, place Place, key string, v entry, want string) {
	remedy := "Write it as " + want + "."
	d.fault(Fault{Kind: FaultType, Severity: report.SeverityError, Place: place, File: file, Line: v.line, Key: key,
		Text: fmt.Sprintf("it is %s, and the daemon wants %s: it refuses the whole file", kindWords[v.kind],
			want), Remedy: remedy})
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

// json parses a file, nil where it is broken.
func (d *Device) json(file string, place Place, text []byte) *jsonedit.Document {
	doc, err := jsonedit.Parse(text)
	if err != nil {
		d.broken(jsonError(file, place, err))
		return nil
	}
	return doc
}
