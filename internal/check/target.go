package check

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/consistency"
	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/exit"
	"edgenet/internal/hostname"
	"edgenet/internal/inputs"
	"edgenet/report"
)

var labelKey = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_.-]{0,62}$`)

// host reads what this host says of itself, and takes from it what no option gives: the
// protocol that has to work, and the findings that need no probe. What is broken is an
// error where the hub has to come from there, else a word of warning.
func (j *job) host(ctx context.Context) error {
	if j.o.Lab {
		if j.o.Root != "" || j.o.Manifest != "" {
			return exit.Usagef("--lab ignores this host's files: leave out --root and --manifest")
		}
		return nil
	}
	d, err := inputs.Device(ctx, j.con, j.o.Root, "")
	if err != nil {
		return err
	}
	m, err := inputs.Manifest(ctx, j.con, j.o.Manifest)
	if err != nil {
		return err
	}
	j.device = d
	for _, b := range d.Broken {
		if j.o.Hub == "" && b.Place != device.DockerCLI {
			return exit.Input(b)
		}
		j.con.Note("this host's settings are known in part: %s", b)
	}
	if d.Configured {
		for _, u := range d.Unread {
			j.con.Note("this host's settings are known in part, %s", u)
		}
	}
	if j.o.Expect == "" {
		j.expect()
	}
	j.plan.Inside = d.InsideNames()
	if d.Configured || len(d.Containers) > 0 || m != nil {
		v := consistency.Compare(d, m)
		j.plan.Settings, j.plan.Compared, j.users = v.Reported(), v.Compared(), v.Users()
	}
	return nil
}

// sources are the names that a report has for places.
var sources = map[device.Place]string{
	device.ConfigTOML: "config.toml", device.ConfigD: "config.toml", device.DeviceInfo: "device_info",
	device.ConfigYAML: "config.yaml", device.Backup: "config.yaml",
	device.EdgeAgent: "container", device.EdgeHub: "container", device.ModuleEnv: "module-env",
}

// target finds the hub: the option, this host's settings, or a module's environment.
func (j *job) target(context.Context) error {
	o := j.o
	if (o.Scenario != "" || len(o.Faults) > 0) && !o.Lab {
		return exit.Usagef("--scenario and --fault belong to --lab")
	}
	if o.DPS {
		return j.dps()
	}
	if o.Lab {
		if o.Hub != "" {
			return exit.Usagef("--lab and --hub exclude each other: the lab has a hub of its own")
		}
		return nil // enterLab names it
	}
	if o.Hub != "" {
		host, err := hostname.Read(o.Hub)
		if err != nil {
			return exit.Usagef("--hub: %w", err)
		}
		j.plan.Host, j.plan.Source = host, "flag"
		return nil
	}
	s, ok := j.upstream()
	if !ok {
		if host, source, set := j.provisioned(); set && j.plan.ExpectSource != "flag" && !o.Identity.given() {
			j.con.Note("this device is set for DPS and knows no hub yet: what is probed is the provisioning service %s",
				report.Clean(host, 100))
			return j.atDPS(host, source)
		}
		return j.noHub()
	}
	host, err := hostname.Valid(s.Value.Reveal())
	if err != nil {
		return exit.Inputf("the hub's name in %s: %w", s.Where(), err)
	}
	j.plan.Host, j.plan.Source = strings.TrimSuffix(host, "."), sources[s.Place]
	j.env.Trust.Module = j.plan.Source == "module-env"
	return nil
}

// judged is a name that was read already, as it is read again: its dot says that it is
// meant as it is.
func judged(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	return host + "."
}

// upstream is where this device says whom it talks to.
func (j *job) upstream() (device.Setting, bool) {
	if j.device == nil {
		return device.Setting{}, false
	}
	return j.device.Upstream()
}

// noHub says where a hub was looked for.
func (j *job) noHub() error {
	why := ""
	if d := j.device; d != nil {
		for _, f := range d.Faults {
			if f.Name == device.Hub {
				return exit.Usagef("no hub: %s: %s. %s Or give it with --hub HOST, such as contoso.azure-devices.net",
					f.Where(), f.Text, f.Remedy)
			}
		}
	}
	switch d := j.device; {
	case d != nil && d.Configured && len(d.Unread) > 0:
		why = fmt.Sprintf(" (%s: run as root, or", d.Unread[0])
	case d != nil && d.Configured:
		why = " (this device is configured and not provisioned yet, as it seems:"
	default:
		return exit.Usagef("no hub: give it with --hub HOST, such as contoso.azure-devices.net (or try edgenet " +
			"check --lab)")
	}
	return exit.Usagef("no hub%s give it with --hub HOST, such as contoso.azure-devices.net)", why)
}

// expect takes the protocol that the device is set to. Unset means AMQP, edgeHub's
// default, which knows no fallback; without any configuration nothing is expected.
func (j *job) expect() {
	d, p := j.device, &j.plan
	for _, place := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML, device.EdgeHub,
		device.EdgeAgent, device.ModuleEnv} {
		s, ok := d.At(place, device.Protocol)
		if !ok {
			continue
		}
		if proto, _ := edgeagent.ParseUpstream(s.Value.Reveal()); proto != "" {
			p.Expect, p.ExpectSource = proto, sources[place]
			break
		}
	}
	if p.Expect == "" && j.known() {
		p.Expect, p.ExpectSource = report.AMQP, "default"
	}
	if len(p.Protocols) > 0 && !slices.Contains(p.Protocols, p.Expect) { // it is not probed
		p.Expect, p.ExpectSource = "", ""
	}
}

// known tells whether the device is configured and all of it could be read, so that what
// is not there is not set.
func (j *job) known() bool {
	d := j.device
	return d.Configured && len(d.Broken) == 0 && !slices.ContainsFunc(d.Unread, func(u device.Unread) bool {
		return strings.HasSuffix(u.File, "/config.toml") || strings.HasSuffix(u.File, "/config.yaml")
	})
}

// nameDevice says in the report which device this is: whoever reads hundreds of them has
// to know. A check of
// another device's files has no name but the one in them, one of the lab none.
func (j *job) nameDevice(context.Context) error {
	if j.o.Anonymous && len(j.labels) > 0 {
		return exit.Usagef("--label and --anonymous exclude each other: a label names the device")
	}
	if j.o.Anonymous || j.o.Inside {
		return nil
	}
	d := &report.Device{Labels: j.labels}
	if j.o.Root == "" && !j.o.Lab {
		d.Host, _ = os.Hostname() // without one, none is said
		d.Host = report.Clean(d.Host, 100)
	}
	if id := j.plan.Identity; id != nil {
		d.ID, d.Source = report.Clean(id.DeviceID, 128), "flag"
	} else if j.device != nil {
		d.ID, d.Source = deviceID(j.device)
	}
	if d.Host != "" || d.ID != "" || len(d.Labels) > 0 {
		j.named = d
	}
	return nil
}

// deviceID is the identity that the settings name, in the order in which the hub is found.
func deviceID(d *device.Device) (id, source string) {
	for _, s := range d.Of(device.DeviceID) {
		if v := s.Value.Reveal(); v != "" && s.Lost == "" {
			return report.Clean(v, 128), sources[s.Place]
		}
	}
	return "", ""
}
