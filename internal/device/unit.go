package device

import (
	"maps"
	"path"
	"slices"
	"strings"

	"edgenet/internal/secret"
)

// units are the services whose environment matters; a snap's name is another name of the
// same service.
var units = []struct {
	name string // of the service, as places have it
	unit string // of systemd
	snap bool
}{
	{"aziot-edged", "aziot-edged", false},
	{"aziot-identityd", "aziot-identityd", false},
	{"aziot-certd", "aziot-certd", false},
	{"iotedge", "iotedge", false},
	{"docker", "docker", false},
	{"aziot-edged", "snap.azure-iot-edge.edged", true},
	{"aziot-edged", "snap.azure-iot-edge.aziot-edged", true},
	{"aziot-identityd", "snap.azure-iot-identity.identityd", true},
	{"aziot-identityd", "snap.azure-iot-identity.aziot-identityd", true},
	{"aziot-certd", "snap.azure-iot-identity.certd", true},
	{"aziot-certd", "snap.azure-iot-identity.aziot-certd", true},
	{"docker", "snap.docker.dockerd", true},
}

// unitDirs is systemd's search path for system units, strongest first (systemd.unit(5)).
var unitDirs = []string{
	"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
	"/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
}

func (d *Device) readUnits() {
	for _, u := range units {
		files := d.unitFiles(u.unit + ".service")
		if len(files) == 0 {
			continue
		}
		d.Snap = d.Snap || u.snap
		if !slices.Contains(d.Units, u.name) && !d.isLeftover(Place(unitPrefix+u.name)) {
			d.Units = append(d.Units, u.name)
		}
		d.unitSettings(Place(unitPrefix+u.name), d.unitEnvironment(u.unit, files))
	}
}

// unitEnvironment reads the files of a unit: its own first, without which none of the others counts.
func (d *Device) unitEnvironment(unit string, files []string) *unitEnv {
	env := &unitEnv{specifiers: specifiers(unit)}
	for _, f := range append(d.managerFiles(), files...) {
		text, ok := d.got(f, d.tree.raw)
		if !ok {
			continue
		}
		if err := env.read(f, string(text)); err != nil {
			d.unread(f, err)
			if f == files[0] && path.Base(f) == unit+".service" {
				return &unitEnv{}
			}
		}
	}
	return env
}

// managerDirs are where systemd looks for system.conf and its drop-ins (systemd-system.conf(5)).
var managerDirs = []string{"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd"}

// managerFiles are where every service gets its first environment from.
func (d *Device) managerFiles() []string {
	drop := dropIns{}
	var files []string
	for _, dir := range managerDirs {
		if name := path.Join(dir, "system.conf"); len(files) == 0 && d.tree.exists(name) {
			files = append(files, name)
		}
		drop.add(path.Join(dir, "system.conf.d"), d)
	}
	return append(files, drop.sorted()...)
}

// dropIns are files by their names: the first of a name hides those of weaker directories.
type dropIns map[string]string

func (x dropIns) add(dir string, d *Device) {
	for _, f := range d.list(dir, ".conf") {
		if x[f] == "" && !strings.HasPrefix(f, ".") { // systemd leaves hidden files alone
			x[f] = path.Join(dir, f)
		}
	}
}

func (x dropIns) sorted() []string {
	var out []string
	for _, f := range slices.Sorted(maps.Keys(x)) {
		out = append(out, x[f])
	}
	return out
}

// unitFiles gives a unit's own file and its drop-ins in the order in which systemd reads
// them. A drop-in hides those of the same name in weaker directories.
func (d *Device) unitFiles(unit string) []string {
	var files []string
	drop := dropIns{}
	seen := map[string]bool{} // /lib and /usr/lib are one on most systems
	for _, dir := range d.unitDirs {
		real, err := d.tree.resolve(dir)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		if name := path.Join(dir, unit); len(files) == 0 && d.tree.exists(name) {
			files = append(files, name)
		}
	}
	for _, sub := range dropInDirs(unit) {
		for _, dir := range d.unitDirs {
			drop.add(path.Join(dir, sub), d)
		}
	}
	return append(files, drop.sorted()...)
}

// dropInDirs: the unit's own directory, those of its name cut at dashes, that of all
// services; the nearer hides the farther (systemd.unit(5)).
func dropInDirs(unit string) []string {
	dirs := []string{unit + ".d"}
	base := strings.TrimSuffix(unit, ".service")
	for i := strings.LastIndex(base, "-"); i > 0; i = strings.LastIndex(base[:i], "-") {
		dirs = append(dirs, base[:i+1]+".service.d")
	}
	return append(dirs, "service.d")
}

// unitSettings turns a unit's environment into settings: Environment= in order, and the
// files of EnvironmentFile=, which win.
func (d *Device) unitSettings(place Place, env *unitEnv) {
	all := slices.Clone(env.vars)
	for _, f := range env.files {
		all = append(all, d.envFile(f)...)
	}
	last := map[string]int{}
	for i, v := range all {
		if v.lost == "" {
			last[v.name] = i
		}
	}
	for i, v := range all {
		n, ok := variable(v.name)
		if !ok {
			continue
		}
		s := Setting{Name: n, Place: place, File: v.file, Key: v.name, Line: v.line, Value: secret.New(v.value),
			Lost: v.lost, Loss: v.loss, Note: v.note}
		if l := last[v.name]; s.Lost == "" && l != i {
			s.lose(LossOverridden, "overridden by "+all[l].where())
		}
		if s.Lost == "" && (slices.Contains(env.unset, v.name) || slices.Contains(env.unset, v.name+"="+v.value)) {
			s.Lost = "UnsetEnvironment= takes it away"
		}
		d.add(s)
	}
}
