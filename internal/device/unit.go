package device

import (
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
	dirs := slices.DeleteFunc(slices.Clone(unitDirs), d.tree.missing) // most devices have four of the nine
	for _, u := range units {
		files := d.unitFiles(dirs, u.unit+".service")
		if len(files) == 0 {
			continue
		}
		d.Snap = d.Snap || u.snap
		if !slices.Contains(d.Units, u.name) && !d.isLeftover(Place(unitPrefix+u.name)) {
			d.Units = append(d.Units, u.name)
		}
		env := unitEnv{specifiers: specifiers(u.unit)}
		for _, f := range append(d.managerFiles(), files...) {
			if text, ok := d.file(f); ok {
				env.read(f, string(text))
			}
		}
		d.unitSettings(Place(unitPrefix+u.name), &env)
	}
}

// managerFiles are where every service gets its first environment from.
func (d *Device) managerFiles() []string {
	files := []string{"/etc/systemd/system.conf"}
	for _, f := range d.list("/etc/systemd/system.conf.d", ".conf") {
		files = append(files, "/etc/systemd/system.conf.d/"+f)
	}
	return files
}

// unitFiles gives a unit's own file and its drop-ins in the order in which systemd reads
// them, out of the directories that are there. A drop-in hides those of the same name in
// weaker directories.
func (d *Device) unitFiles(dirs []string, unit string) []string {
	var files []string
	drop := map[string]string{}
	seen := map[string]bool{} // /lib and /usr/lib are one on most systems
	for _, dir := range dirs {
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
		for _, dir := range dirs {
			for _, f := range d.list(path.Join(dir, sub), ".conf") {
				if drop[f] == "" {
					drop[f] = path.Join(dir, sub, f)
				}
			}
		}
	}
	names := make([]string, 0, len(drop))
	for f := range drop {
		names = append(names, f)
	}
	slices.Sort(names)
	for _, f := range names {
		files = append(files, drop[f])
	}
	return files
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
		if s.Lost == "" && slices.Contains(env.unset, v.name) {
			s.Lost = "UnsetEnvironment= takes it away"
		}
		d.add(s)
	}
}
