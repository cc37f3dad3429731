package device

import (
	"path"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
	"edgenet/report"
)

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
	home := "/var/lib/iotedge"
	for _, file := range oldConfigs {
		if !d.tree.exists(file) {
			continue
		}
		d.Configured = d.Configured || d.Old
		if text, ok := d.file(file); ok {
			home = d.readYAML(file, text, home)
		}
		if file != oldConfigs[0] {
			d.readBackup(path.Join(path.Dir(file), "cache/provisioning_backup.json"))
		}
	}
	d.readBackup(path.Join(home, "cache/provisioning_backup.json"))
}

// readYAML reads a config.yaml, and gives the daemon's home.
func (d *Device) readYAML(file string, text []byte, home string) string {
	f, err := parseYAML(file, ConfigYAML, text)
	if err != nil {
		d.broken(err)
		return home
	}
	e := f.entries
	for _, key := range sortedKeys(e) {
		if n, ok := yamlPaths[key]; ok {
			d.text(Setting{Name: n, Place: ConfigYAML, File: file, Key: key}, e[key])
		} else if e[key].kind == kindNull && key != "agent.env" {
			d.wrongType(file, ConfigYAML, key, e[key], "a value, or no such line")
		}
	}
	d.connection(file, ConfigYAML, "provisioning.device_connection_string", e)
	d.environment(file, ConfigYAML, e)
	d.misplaced(file, ConfigYAML, e)
	for _, line := range f.merges {
		d.fault(Fault{Kind: FaultMisplaced, Severity: report.SeverityError, Place: ConfigYAML, File: file, Line: line,
			Text:   "<< merges nothing: the daemon's reader of YAML does not know it, and what it names is not there",
			Remedy: "Write the keys out, or an alias as the whole value (env: *name)."})
	}
	for _, t := range f.twice {
		key := t.value
		if _, leaf := cutKey(key); yamlPaths[key] == "" && !strings.HasPrefix(key, "agent.env.") &&
			leaf != "device_connection_string" {
			key = "" // a broken line may well hold a secret
		}
		d.fault(Fault{Kind: FaultDuplicate, Severity: report.SeverityError, Place: ConfigYAML, File: file, Line: t.line,
			Key:  key,
			Text: "the key stands there twice, and the daemon takes the last one", Remedy: "Leave one."})
	}
	if h, ok := e["homedir"]; ok && path.IsAbs(h.value) {
		home = h.value
	}
	return home
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
				d.add(Setting{Name: s.n, Place: Backup, File: file, Key: k, Line: doc.Line(v.Start),
					Value: secret.New(v.Text)})
			}
		}
	}
}
