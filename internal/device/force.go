package device

import (
	"os"
	"path/filepath"
	"strings"
)

// Leftover is a file of a generation of the runtime that is not in force here: nothing
// reads it, so that nothing in it is a fault.
type Leftover struct {
	File   string
	Broken bool // it could not even be parsed, which harms nobody
}

// oldConfigs are where config.yaml is: Linux, and Windows as a mounted image has it.
var oldConfigs = []string{"/etc/iotedge/config.yaml", "/ProgramData/iotedge/config.yaml"}

// generation is what shows that one generation of the runtime is installed, strongest
// kind first.
type generation struct {
	units, programs, packages, files []string
}

var oldRuntime = generation{
	units:    []string{"iotedge.service"},
	programs: []string{"/usr/bin/iotedged"},
	packages: []string{"iotedge"},
	files:    oldConfigs,
}

var newRuntime = generation{
	units: []string{"aziot-edged.service", "aziot-identityd.service", "snap.azure-iot-edge.edged.service",
		"snap.azure-iot-edge.aziot-edged.service", "snap.azure-iot-identity.identityd.service",
		"snap.azure-iot-identity.aziot-identityd.service"},
	programs: []string{"/usr/bin/aziotctl", "/usr/libexec/aziot/aziot-edged",
		"/usr/libexec/aziot-identity-service/aziotd"},
	packages: []string{"aziot-edge", "aziot-identity-service"},
}

// force finds out which generation is in force: by what is installed; only where nothing
// shows that, by the files that lie there, of which the newer ones win, as an upgrade
// leaves the older ones behind.
func (d *Device) force() {
	packages := d.packages()
	isNew, isOld := d.installed(newRuntime, packages), d.installed(oldRuntime, packages)
	switch {
	case isNew:
	case isOld:
		d.Old = true
	default:
		d.Old = !d.newFiles() && d.anyExists(oldRuntime.files)
	}
}

func (d *Device) installed(g generation, packages map[string]bool) bool {
	for _, u := range g.units {
		if d.hasUnitFile(u) {
			return true
		}
	}
	for _, p := range g.packages {
		if packages[p] {
			return true
		}
	}
	return d.anyExists(g.programs)
}

func (d *Device) anyExists(names []string) bool {
	for _, n := range names {
		if d.tree.exists(n) {
			return true
		}
	}
	return false
}

// newFiles tells whether anything of 1.2 and later is configured.
func (d *Device) newFiles() bool {
	for _, dir := range aziotDirs {
		names := []string{dir + "/config.toml"}
		for _, s := range services {
			names = append(names, dir+"/"+s+"/config.toml", dir+"/"+s+"/config.d")
		}
		if d.anyExists(names) {
			return true
		}
	}
	for _, dir := range stateDirs {
		if d.tree.exists(dir + "/identityd/device_info") {
			return true
		}
	}
	return false
}

// hasUnitFile tells whether a unit is installed: its own file exists, not a drop-in
// alone, and is not masked where it is strongest.
func (d *Device) hasUnitFile(unit string) bool {
	for _, dir := range d.unitDirs {
		name := dir + "/" + unit
		if !d.tree.exists(name) && !d.tree.isLink(name) {
			continue
		}
		return !d.tree.masked(name)
	}
	return false
}

// isLink tells of a link, also of one that leads nowhere.
func (t tree) isLink(name string) bool {
	_, err := os.Readlink(filepath.Join(t.root, filepath.FromSlash(name)))
	return err == nil
}

// masked: a unit that is a link to /dev/null, or empty, is switched off (systemd.unit(5)).
func (t tree) masked(name string) bool {
	real := filepath.Join(t.root, filepath.FromSlash(name))
	if link, err := os.Readlink(real); err == nil && link == "/dev/null" {
		return true
	}
	text, err := t.read(name)
	return err == nil && len(text) == 0
}

const dpkgStatus = "/var/lib/dpkg/status"

// packages lists the packages that dpkg has installed, as far as its file can be read:
// it is one sign among others. A package that was removed and not purged is not installed.
func (d *Device) packages() map[string]bool {
	out := map[string]bool{}
	text, err := d.tree.read(dpkgStatus)
	if err != nil {
		return out
	}
	name := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "Package":
			name = strings.TrimSpace(value)
		case "Status":
			if f := strings.Fields(value); len(f) == 3 && f[2] == "installed" {
				out[name] = true
			}
		case "":
			name = ""
		}
	}
	return out
}

// isLeftover tells whether a place belongs to the generation that is not in force.
func (d *Device) isLeftover(p Place) bool {
	switch p {
	case ConfigYAML, Backup, OldUnit:
		return !d.Old
	case ConfigTOML, ConfigD, DeviceInfo, IdentityUnit, EdgedUnit, CertdUnit:
		return d.Old
	}
	return false
}

// leftoverReason is why nobody reads a leftover.
func (d *Device) leftoverReason() string {
	if d.Old {
		return "left over: this device runs IoT Edge 1.1, which does not read it"
	}
	return "left over from IoT Edge 1.1, which is not what runs here: nothing reads it"
}

func (d *Device) leftover(file string, broken bool) {
	for _, l := range d.Leftover {
		if l.File == file {
			return
		}
	}
	d.Leftover = append(d.Leftover, Leftover{file, broken})
}
