package device

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// need is a table of config.toml and the keys without which `iotedge config apply` refuses the
// whole file (iotedge, super_config.rs; aziotctl-common, super_config.rs).
type need struct {
	table string
	when  string   // a key of the table that has to have a value, * for any: key=value; empty is always
	keys  []string // several with a | between are one or another
}

var needs = []need{
	{"agent", "", []string{"name", "type", "config.image"}},
	{"moby_runtime", "", []string{"uri", "network|network.name"}},
	{"provisioning", "", []string{"source"}},
	{"provisioning", "source=manual", []string{"connection_string|iothub_hostname"}},
	{"provisioning", "iothub_hostname=*", []string{"device_id", "authentication.method"}},
	{"provisioning", "source=dps", []string{"global_endpoint", "id_scope", "attestation.method"}},
	{"provisioning.attestation", "method=symmetric_key", []string{"registration_id",
		"symmetric_key.value|symmetric_key.uri"}},
	{"provisioning.attestation", "method=tpm", []string{"registration_id"}},
	{"provisioning.attestation", "method=x509", []string{"identity_cert|identity_cert.method"}},
	{"provisioning.authentication", "method=sas", []string{"device_id_pk.value|device_id_pk.uri"}},
	{"provisioning.authentication", "method=x509", []string{"identity_cert|identity_cert.method"}},
}

// incomplete says which tables lack what the runtime cannot do without. A table that is not
// there is no fault: but for provisioning, all have defaults.
func (d *Device) incomplete(file string, e entries) {
	moved := d.moved(file)
	for _, n := range needs {
		if moved && strings.HasPrefix(n.table, "provisioning") {
			continue // what is missing stands elsewhere, and that is said
		}
		lines := e.below(n.table)
		key, value, conditional := strings.Cut(n.when, "=")
		got := e[n.table+"."+key].value
		if len(lines) == 0 || conditional && got != value && (value != "*" || got == "") {
			continue
		}
		var missing []string
		for _, k := range n.keys {
			if !slices.ContainsFunc(strings.Split(k, "|"), func(k string) bool { return e.has(n.table + "." + k) }) {
				missing = append(missing, strings.ReplaceAll(k, "|", " or "))
			}
		}
		if len(missing) == 0 {
			continue
		}
		d.fault(Fault{Kind: FaultRefused, Severity: report.SeverityWarning, Place: ConfigTOML, File: file,
			Line: lines[0], Key: n.table,
			Text: fmt.Sprintf("[%s] has no %s: iotedge config apply refuses the whole file", n.table,
				strings.Join(missing, ", ")),
			Remedy: fmt.Sprintf("Add %s to [%s], as in the template.", strings.Join(missing, ", "), n.table)})
	}
}

// nestedDPS: the runtime knows no parent for a device that DPS provisions.
func (d *Device) nestedDPS(file string, e entries) {
	parent := "parent_hostname"
	if !e.has(parent) {
		parent = "local_gateway_hostname" // the identity service's word for it
	}
	if !e.has(parent) || e["provisioning.source"].value != "dps" {
		return
	}
	d.fault(Fault{Kind: FaultRefused, Severity: report.SeverityWarning, Place: ConfigTOML, File: file,
		Line: e[parent].line, Key: parent,
		Text:   "a device with a parent cannot be provisioned by DPS: iotedge config apply refuses the whole file",
		Remedy: "Provision a nested device by hand (source = \"manual\" in [provisioning]), or take the parent out."})
}

// moved tells whether a fault of this file already says that a key stands elsewhere than it
// should, or in another spelling.
func (d *Device) moved(file string) bool {
	return slices.ContainsFunc(d.Faults, func(f Fault) bool {
		return f.File == file && (f.Kind == FaultMisplaced || f.Kind == FaultSpelling)
	})
}

// has tells whether an entry stands at a path.
func (e entries) has(path string) bool { return e[path].kind != 0 }

// below gives the lines of all entries below a table, in order.
func (e entries) below(table string) []int {
	var lines []int
	for k, v := range e {
		if strings.HasPrefix(k, table+".") {
			lines = append(lines, v.line)
		}
	}
	slices.Sort(lines)
	return lines
}
