package gather

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"edgenet/internal/ready"
	"edgenet/report"
)

const liveNeeds = "the running device: this is an image, a backup or a bundle"

// host looks at the machine: its system, memory, name and addresses.
func (g *gatherer) host(ctx context.Context) {
	h := &g.facts.Host
	h.OS, h.Snap = g.os(), g.device.Snap
	if !g.live {
		h.Resolves, h.Own = ready.LeftOut[[]string](
			"resolver",
			liveNeeds,
		), ready.LeftOut[[]string](
			"interfaces",
			liveNeeds,
		)
		return
	}
	if name, err := os.Hostname(); err == nil {
		h.Name = ready.Seen(name, "gethostname")
	}
	h.Own = ownAddresses()
	g.facts.EdgeHub.MemoryBytes = g.memory()
	name := g.config.super.text("hostname")
	if name == "" {
		name = h.Name.Value
	}
	var both sync.WaitGroup
	both.Go(func() { h.Resolves = g.addresses(ctx, name) })
	if parent := g.parent(); parent != "" {
		both.Go(func() { h.Parent = g.addresses(ctx, parent) })
	}
	both.Wait()
}

// parent is the name of the device above this one; empty where there is none.
func (g *gatherer) parent() string {
	return cmp.Or(g.config.super.text("parent_hostname"), g.config.merge["identityd"]["local_gateway_hostname"])
}

// addresses looks a name up; a name without one has an empty list.
func (g *gatherer) addresses(ctx context.Context, name string) ready.Fact[[]string] {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	list, err := g.resolver().LookupHost(ctx, name)
	var none *net.DNSError
	switch {
	case err == nil:
		return ready.Seen(list, "resolver")
	case errors.As(err, &none) && none.IsNotFound:
		return ready.Seen([]string{}, "resolver")
	}
	return ready.Unseen[[]string]("resolver", "a name server that answers")
}

func (g *gatherer) os() ready.Fact[ready.OS] {
	for _, file := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		text, err := g.device.ReadFile(file)
		if err != nil {
			continue
		}
		var o ready.OS
		for l := range strings.SplitSeq(string(text), "\n") {
			k, v, _ := strings.Cut(l, "=")
			switch v = strings.Trim(strings.TrimSpace(v), `"'`); k {
			case "ID":
				o.ID = v
			case "VERSION_ID":
				o.VersionID = v
			}
		}
		return ready.Seen(o, file)
	}
	return ready.Unseen[ready.OS]("/etc/os-release", "/etc/os-release, which is not there")
}

func ownAddresses() ready.Fact[[]string] {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return ready.Unseen[[]string]("interfaces", err.Error())
	}
	var out []string
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			out = append(out, n.IP.String())
		}
	}
	return ready.Seen(out, "interfaces")
}

func (g *gatherer) memory() ready.Fact[uint64] {
	const file = "/proc/meminfo"
	text, err := os.ReadFile(g.system(file))
	if err == nil {
		s := bufio.NewScanner(bytes.NewReader(text))
		for s.Scan() {
			if w := strings.Fields(s.Text()); len(w) >= 2 && w[0] == "MemTotal:" {
				if kib, err := strconv.ParseUint(w[1], 10, 50); err == nil {
					return ready.Seen(kib<<10, file)
				}
			}
		}
	}
	return ready.Unseen[uint64](file, file)
}

// versions finds the daemon's version: the daemon itself, else what was installed.
func (g *gatherer) versions(ctx context.Context) {
	v := &g.facts.Runtime.Version
	if g.live {
		for _, name := range []string{"aziot-edged", "iotedged"} {
			if text, err := g.program(ctx, name, "--version"); err == nil {
				if w := strings.Fields(text); len(w) > 1 { // aziot-edged 1.5.21
					*v = ready.Seen(w[1], name+" --version")
					return
				}
			}
		}
	}
	const status = "/var/lib/dpkg/status"
	if text, err := g.device.ReadFile(status); err == nil {
		if found := dpkgVersion(string(text)); found != "" {
			*v = ready.Seen(found, status)
			return
		}
	}
	if g.live {
		for _, name := range []string{"aziot-edge", "iotedge"} {
			if text, err := g.program(ctx, "rpm", "-q", "--qf", "%{VERSION}", name); err == nil && text != "" {
				*v = ready.Seen(strings.TrimSpace(text), "rpm -q "+name)
				return
			}
		}
	}
	if g.facts.Config.Present && !g.live {
		*v = ready.Unseen[string](status, "the package's entry in "+status)
	} else if g.facts.Config.Present {
		*v = ready.Unseen[string]("aziot-edged --version, "+status,
			"aziot-edged in the path of programs, or the package's entry in "+status)
	}
}

// dpkgVersion finds the installed package of the daemon, without epoch and revision.
func dpkgVersion(status string) string {
	for p := range strings.SplitSeq(status, "\n\n") {
		fields := map[string]string{}
		for l := range strings.SplitSeq(p, "\n") {
			if k, v, ok := strings.Cut(l, ": "); ok && !strings.HasPrefix(l, " ") {
				fields[k] = v
			}
		}
		if n := fields["Package"]; n != "aziot-edge" && n != "iotedge" ||
			!strings.HasSuffix(fields["Status"], " installed") {
			continue
		}
		v := fields["Version"]
		if _, after, ok := strings.Cut(v, ":"); ok {
			v = after
		}
		v, _, _ = strings.Cut(v, "-")
		return v
	}
	return ""
}

// clockUnits asks systemd: what sets the clock, and whether the services start and run.
func (g *gatherer) clockUnits(ctx context.Context) {
	h := &g.facts.Host
	if !g.live {
		h.Units = ready.LeftOut[[]ready.Unit]("systemctl show", liveNeeds)
		h.Clock = ready.LeftOut[ready.Clock]("timedatectl show", liveNeeds)
		return
	}
	clock := ready.Clock{}
	if text, err := g.program(ctx, "timedatectl", "show"); err == nil {
		switch properties(text)["NTPSynchronized"] {
		case "yes":
			clock.Synchronized = new(true)
		case "no":
			clock.Synchronized = new(false)
		}
	}
	_, err := os.Stat(g.system("/sys/class/rtc/rtc0"))
	clock.RTC = err == nil
	h.Clock = ready.Seen(clock, "timedatectl show")
	names := g.units()
	if len(names) == 0 {
		return
	}
	text, err := g.program(
		ctx,
		"systemctl",
		append(
			[]string{"show", "--property=Id,LoadState,UnitFileState,ActiveState,NRestarts,ExecMainStatus"},
			names...)...)
	if err != nil || !strings.Contains(text, "LoadState=") {
		h.Units = ready.Unseen[[]ready.Unit]("systemctl show", "systemd to run and answer here")
		return
	}
	units := parseUnits(text)
	if len(units) > 0 {
		h.Units = ready.Seen(units, "systemctl show")
	}
}

// units are those of the runtime that is installed, and of the engine.
func (g *gatherer) units() []string {
	switch {
	case !g.facts.Config.Present:
		return nil
	case g.device.Snap:
		return []string{"snap.azure-iot-edge.aziot-edged.service", "snap.azure-iot-identity.identityd.service"}
	case g.device.Old:
		return []string{"iotedge.service", "docker.service", "docker.socket"}
	}
	return []string{
		"aziot-edged.service",
		"aziot-identityd.service",
		"aziot-identityd.socket",
		"aziot-keyd.socket",
		"aziot-certd.socket",
		"docker.service",
		"docker.socket",
	}
}

// parseUnits reads what systemctl show prints. A unit that is not there says nothing; one
// that a socket starts need not run.
func parseUnits(text string) []ready.Unit {
	var out []ready.Unit
	sockets := map[string]bool{}
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		p := properties(block)
		if p["LoadState"] == "not-found" || p["Id"] == "" {
			continue
		}
		restarts, _ := strconv.Atoi(p["NRestarts"])
		exit, _ := strconv.Atoi(p["ExecMainStatus"])
		u := ready.Unit{
			Name:       p["Id"],
			State:      p["UnitFileState"],
			Active:     p["ActiveState"] == "active",
			Restarts:   restarts,
			ExitStatus: exit,
		}
		if base, ok := strings.CutSuffix(u.Name, ".socket"); ok && u.Active {
			sockets[base] = true
		}
		out = append(out, u)
	}
	for i, u := range out {
		if base, ok := strings.CutSuffix(u.Name, ".service"); ok && sockets[base] {
			out[i].Active = out[i].Active || u.ExitStatus == 0
			if u.State == "disabled" {
				out[i].State = "static" // its socket starts it
			}
		}
	}
	return out
}

// properties reads KEY=VALUE lines.
func properties(text string) map[string]string {
	out := map[string]string{}
	for l := range strings.SplitSeq(text, "\n") {
		if k, v, ok := strings.Cut(strings.TrimSpace(l), "="); ok {
			out[k] = v
		}
	}
	return out
}

// offset takes the clock's offset from the check, where the hub itself said its Date.
func (g *gatherer) offset() {
	n := g.facts.Network
	if !n.Known() || n.Value == nil {
		return
	}
	for _, r := range n.Value.Results {
		for _, st := range r.Steps {
			d, ok := st.Detail.(*report.HTTPDetail)
			if !ok || d.SkewMs == nil || !r.Reached() {
				continue
			}
			c := &g.facts.Host.Clock
			off := -d.SkewMs.Duration().Seconds() // it is the hub's minus ours
			c.Value.OffsetSec = &off
			c.Source, c.Needs = "the hub's answer to edgenet check", ""
			return
		}
	}
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
