package device

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// home is a key that is known to end up in a wrong table, since TOML gives
// everything below a heading to it and YAML goes by the indent: where it belongs.
type home struct{ leaf, path string }

var tomlHomes = []home{
	{"parent_hostname", "parent_hostname"},
	{"trust_bundle_cert", "trust_bundle_cert"},
	{"connection_string", "provisioning.connection_string"},
	{"iothub_hostname", "provisioning.iothub_hostname"},
	{"device_id", "provisioning.device_id"},
	{"id_scope", "provisioning.id_scope"},
	{"global_endpoint", "provisioning.global_endpoint"},
}

var yamlHomes = []home{
	{"device_connection_string", "provisioning.device_connection_string"},
	{"trusted_ca_certs", "certificates.trusted_ca_certs"},
	{"scope_id", "provisioning.scope_id"},
	{"global_endpoint", "provisioning.global_endpoint"},
}

// misplaced says of keys that stand where nobody looks for them: they are not absent, and
// they are not in force.
func (d *Device) misplaced(file string, place Place, e entries) {
	homes := tomlHomes
	switch place {
	case ConfigYAML:
		homes = yamlHomes
	case ConfigD: // written by the runtime, but for the environment
		homes = nil
	}
	known := map[string]bool{}
	for _, h := range homes {
		known[h.path] = true
	}
	for _, key := range sortedKeys(e) {
		table, leaf := cutKey(key)
		if n, ok := variable(leaf); ok {
			if table == "agent.env" || strings.Contains(key, "[") || setsVariable(e, n) {
				continue
			}
			d.misplacedKey(file, place, key, e[key], "agent.env."+leaf)
			continue
		}
		for _, h := range homes {
			switch {
			case known[key] || !strings.EqualFold(leaf, h.leaf) || rightful(place, key):
			case strings.EqualFold(key, h.path):
				d.fault(Fault{Kind: FaultSpelling, Severity: report.SeverityError, Place: place, File: file,
					Line: e[key].line, Key: key,
					Text: "the daemon knows it in the spelling " + h.path + " alone", Remedy: fmt.Sprintf("Write %s.",
						h.path)})
			case e[h.path].kind == 0:
				d.misplacedKey(file, place, key, e[key], h.path)
			}
		}
	}
}

// setsVariable tells whether a file sets a variable at its right place, which is what an
// anchor elsewhere may be for.
func setsVariable(e entries, n Name) bool {
	return slices.ContainsFunc(e.under("agent.env"), func(key string) bool {
		_, leaf := cutKey(key)
		o, ok := variable(leaf)
		return ok && o == n
	})
}

// rightful tells of keys that have the same name at another place by right.
func rightful(place Place, key string) bool {
	return place == ConfigYAML && strings.HasPrefix(key, "provisioning.authentication.") ||
		slices.Contains([]string{"provisioning.local_gateway_hostname"}, key) || tomlPaths[key] != "" &&
		place != ConfigYAML
}

func (d *Device) misplacedKey(file string, place Place, key string, v entry, path string) {
	table, leaf := cutKey(path)
	remedy := fmt.Sprintf("Move it to the top of the file, before the first [table]: %s.", leaf)
	if table != "" {
		remedy = fmt.Sprintf("Move it to [%s].", table)
		if place == ConfigYAML {
			remedy = fmt.Sprintf("Move it below %s:, indented by two spaces more.",
				strings.ReplaceAll(table, ".", ": "))
		}
	}
	at, _ := cutKey(key)
	if at == "" {
		at = "no table at all"
	}
	meant, _ := variable(leaf)
	if table != "agent.env" {
		meant = meantBy(path)
	}
	d.fault(Fault{Kind: FaultMisplaced, Severity: report.SeverityError, Place: place, File: file, Line: v.line,
		Key: key, Name: meant,
		Text: fmt.Sprintf("it stands in %s, where the runtime does not look for it: it has no effect",
			report.Clean(at, 80)), Remedy: remedy})
}

// cutKey parts a dotted path into its table and its last key.
func cutKey(key string) (table, leaf string) {
	if i := strings.LastIndex(key, "."); i >= 0 {
		return key[:i], key[i+1:]
	}
	return "", key
}

// meantBy names the setting of a path, in whichever file.
func meantBy(path string) Name {
	if n := tomlPaths[path]; n != "" {
		return n
	}
	return yamlPaths[path]
}
