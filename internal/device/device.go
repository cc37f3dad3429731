package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Options say where to look. The zero value is this host without its environment.
type Options struct {
	Root   string              // of the file system; zero means /
	Getenv func(string) string // of this process; zero means none
	// whose docker command line settings are looked at; zero means /root and the homes in /home
	Home string
	// Engine is the container engine's Unix socket; zero means what the configuration
	// says, else the usual ones below Root. "none" means not to ask.
	Engine string
}

// Device is what a host says of itself.
type Device struct {
	Settings   []Setting // in the order of reading: host configuration, units, engine, containers, environments
	Broken     []*SyntaxError
	Unread     []Unread
	Containers []Container
	Units      []string // of the runtime and the engine, that exist here
	Snap       bool
	Old        bool // 1.1 or before is in force, which config.yaml configures
	Configured bool // a configuration file of the runtime in force exists, readable or not
	Super      bool // config.toml exists, which `iotedge config apply` reads
	Described  bool // nothing is known but what a support bundle tells of its containers
	Faults     []Fault
	Leftover   []Leftover

	tree     tree
	unitDirs []string // those of unitDirs that are here, or that cannot be looked for
}

// Read looks at every place. It does not fail: what is broken or cannot be read is in
// the Device.
func Read(ctx context.Context, o Options) *Device {
	if o.Root == "" {
		o.Root = "/"
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	d := at(o.Root)
	d.readConfig()
	d.readUnits()
	d.readEnvironmentFile()
	d.readDocker(o.Home)
	d.readTime()
	if o.Engine != "none" {
		d.readEngine(ctx, o)
	}
	d.readModule(o.Getenv)
	d.judge()
	return d
}

// at is a device of which nothing has been read.
func at(root string) *Device {
	d := &Device{tree: tree{root}}
	d.unitDirs = slices.DeleteFunc(slices.Clone(unitDirs), d.tree.missing) // most devices have four of the nine
	return d
}

// add notes a setting; empty ones are worth noting too, as something reads them.
func (d *Device) add(s Setting) {
	if d.isLeftover(s.Place) && s.File != "" {
		s.lose(LossLeftover, d.leftoverReason())
		d.leftover(s.File, false)
	}
	d.Settings = append(d.Settings, s)
}

// file reads a file that need not be there.
func (d *Device) file(name string) ([]byte, bool) { return d.got(name, d.tree.read) }

func (d *Device) got(name string, read func(string) ([]byte, error)) ([]byte, bool) {
	text, err := read(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			d.unread(name, err)
		}
		return nil, false
	}
	return text, true
}

func (d *Device) unread(name string, err error) {
	d.Unread = append(d.Unread, Unread{name, err.Error()})
}

// broken notes a file that cannot be understood; of one that nobody reads it is no fault.
func (d *Device) broken(err error) {
	var se *SyntaxError
	if !errors.As(err, &se) {
		return
	}
	if d.isLeftover(se.Place) {
		d.leftover(se.File, true)
	} else {
		d.Broken = append(d.Broken, se)
	}
}

// list names a directory's entries and notes when it may not.
func (d *Device) list(dir, suffix string) []string {
	names, err := d.tree.list(dir, suffix)
	if err != nil {
		d.unread(dir, err)
	}
	return names
}

// Of lists the settings of a name.
func (d *Device) Of(n Name) []Setting {
	return slices.DeleteFunc(slices.Clone(d.Settings), func(s Setting) bool { return s.Name != n })
}

// At gives the last setting of a name at a place that its reader gets.
func (d *Device) At(p Place, n Name) (Setting, bool) {
	for _, s := range slices.Backward(d.Settings) {
		if s.Place == p && s.Name == n && s.Lost == "" {
			return s, true
		}
	}
	return Setting{}, false
}

// first gives the first effective, non-empty setting of a name by the places' order.
func (d *Device) first(n Name, places ...Place) (Setting, bool) {
	for _, p := range places {
		if s, ok := d.At(p, n); ok && s.Value.Reveal() != "" {
			return s, true
		}
	}
	return Setting{}, false
}

// Hub names the IoT Hub, wherever it is known from. What the runtime was really
// provisioned for comes after what its administrator wrote, as that is what holds from
// the next apply on.
func (d *Device) Hub() (Setting, bool) {
	return d.first(Hub, ConfigTOML, ConfigD, DeviceInfo, ConfigYAML, Backup, EdgeAgent, EdgeHub, ModuleEnv)
}

// Upstream is the host that the runtime talks to: the parent of a nested device, else
// the hub.
func (d *Device) Upstream() (Setting, bool) {
	if s, ok := d.first(Parent, ConfigTOML, ConfigD, DeviceInfo, EdgeAgent); ok {
		return s, true
	}
	return d.Hub()
}

// NotFound says in words what a configured device must have, and what was not found: what
// it sets is not known, and is not taken for unset.
func (d *Device) NotFound() []string {
	if !d.Configured || d.tree.exists(oldConfigs[1]) { // Windows has no units
		return nil
	}
	want := "aziot-identityd"
	if d.Old {
		want = "iotedge"
	}
	if d.HasUnit(want) {
		return nil
	}
	return []string{fmt.Sprintf("the unit file of %s was not found: which proxy the daemon has is not known", want)}
}

// HasUnit tells whether a systemd unit exists here.
func (d *Device) HasUnit(name string) bool { return slices.Contains(d.Units, name) }

// ReadFile reads a file of the device by its path there.
func (d *Device) ReadFile(path string) ([]byte, error) { return d.tree.read(path) }

// ConfigPath is where config.toml is on this device, or would be.
func (d *Device) ConfigPath() string {
	for _, dir := range aziotDirs {
		if name := dir + "/config.toml"; d.tree.exists(name) {
			return name
		}
	}
	return aziotDirs[0] + "/config.toml"
}

// DaemonJSONPath is where the engine's daemon.json is on this device, or would be.
func (d *Device) DaemonJSONPath() string {
	if d.Snap && !d.tree.exists(daemonFiles[0]) {
		return daemonFiles[1]
	}
	return daemonFiles[0]
}
