package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/consistency"
	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/probe"
	"edgenet/proxy"
	"edgenet/report"
)

// host reads what this host says of itself, and takes from it what no flag gives: the
// protocol that has to work, and the findings that need no probe. What is broken is an
// error where the hub has to come from there, else a word of warning.
func (a *app) host(ctx context.Context, f *checkFlags, j *job) error {
	if f.lab {
		if f.root != "" || f.manifest != "" {
			return errors.New("--lab ignores this host's files: leave out --root and --manifest")
		}
		return nil
	}
	d, err := a.readDevice(ctx, f.root, "")
	if err != nil {
		return err
	}
	m, err := a.readManifest(f.manifest)
	if err != nil {
		return err
	}
	j.device = d
	for _, b := range d.Broken {
		if f.hub == "" && b.Place != device.DockerCLI {
			return b
		}
		fmt.Fprintf(a.stderr, "edgenet: this host's settings are known in part: %s\n", b)
	}
	if d.Configured {
		for _, u := range d.Unread {
			fmt.Fprintf(a.stderr, "edgenet: this host's settings are known in part, %s\n", u)
		}
	}
	if f.expect == "" {
		j.expect(&j.plan)
	}
	if d.Configured || len(d.Containers) > 0 || m != nil {
		j.plan.Settings = consistency.Compare(d, m).Reported()
	}
	return nil
}

// sources are the names that a report has for places.
var sources = map[device.Place]string{
	device.ConfigTOML: "config.toml", device.ConfigD: "config.toml", device.DeviceInfo: "device_info", device.ConfigYAML: "config.yaml", device.Backup: "config.yaml",
	device.EdgeAgent: "container", device.EdgeHub: "container", device.ModuleEnv: "module-env",
}

// upstream is the host that this device talks to, and where its name came from.
func (j *job) upstream() (host, source string) {
	if j.device == nil {
		return "", ""
	}
	s, ok := j.device.Upstream()
	if !ok {
		return "", ""
	}
	return s.Value.Reveal(), sources[s.Place]
}

// noHub says where a hub was looked for.
func (j *job) noHub() error {
	why := ""
	if d := j.device; d != nil {
		for _, f := range d.Faults {
			if f.Name == device.Hub {
				return fmt.Errorf("no hub: %s: %s. %s Or give it with --hub HOST, such as contoso.azure-devices.net", f.Where(), f.Text, f.Remedy)
			}
		}
	}
	switch d := j.device; {
	case d != nil && d.Configured && len(d.Unread) > 0:
		why = fmt.Sprintf(" (%s: run as root, or", d.Unread[0])
	case d != nil && d.Configured:
		why = " (this device is configured and not provisioned yet, as it seems:"
	default:
		return errors.New("no hub: give it with --hub HOST, such as contoso.azure-devices.net (or try edgenet check --lab)")
	}
	return fmt.Errorf("no hub%s give it with --hub HOST, such as contoso.azure-devices.net)", why)
}

// expect takes the protocol that the device is set to. Unset means AMQP, edgeHub's
// default, which knows no fallback; without any configuration nothing is expected.
func (j *job) expect(p *probe.Plan) {
	d := j.device
	for _, place := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML, device.EdgeHub, device.EdgeAgent, device.ModuleEnv} {
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

// maxProxies bounds how many proxies of the settings are tried.
const maxProxies = 8

// settingsProxies adds the proxies of this host's settings before those of the
// environment, each once. One that cannot be read is a finding, and no route.
func (j *job) settingsProxies(env []*proxy.Proxy) []*proxy.Proxy {
	var out []*proxy.Proxy
	add := func(p *proxy.Proxy) {
		if len(out) < maxProxies && !slices.ContainsFunc(out, p.Same) {
			out = append(out, p)
		}
	}
	if j.device == nil {
		return env
	}
	for _, s := range j.device.Of(device.Proxy) {
		_, box := s.Place.Container()
		other := box && s.Place != device.EdgeAgent && s.Place != device.EdgeHub // a module's own affair
		if s.Lost != "" || s.Place == device.ProcessEnv || s.Place == device.ModuleEnv || other {
			continue
		}
		if p, err := proxy.Assume(s.Value.Reveal(), routeSource(s.Place)); err == nil {
			add(p)
		}
	}
	for _, p := range env {
		add(p)
	}
	return out
}

func routeSource(p device.Place) string {
	if p == device.ConfigD {
		return sources[p]
	}
	return string(p)
}

// settingsBundle takes the containers' roots from where the configuration says.
func (a *app) settingsBundle(j *job) {
	if j.device == nil {
		return
	}
	for _, place := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		s, ok := j.device.At(place, device.TrustBundle)
		if !ok || s.Value.Reveal() == "" {
			continue
		}
		text, err := j.device.ReadTrustBundle(s)
		if err == nil {
			j.env.Trust.Bundle, err = parseCertificates(s.Value.Reveal(), text)
		}
		if err != nil {
			fmt.Fprintf(a.stderr, "edgenet: the trust bundle of %s is not used: %s\n", s.Where(), report.Clean(err.Error(), 200))
		}
		return
	}
}
