package check

import (
	"net/url"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/endpoints"
	"edgenet/internal/exit"
	"edgenet/internal/hostname"
	"edgenet/report"
)

// dps takes the provisioning service for the target: the one that was given, that of the
// given hub's cloud, that of this device's settings, else the public cloud's.
func (j *job) dps() error {
	o := j.o
	switch {
	case o.Lab && o.Hub != "":
		return exit.Usagef("--lab and --hub exclude each other: the lab has a provisioning service of its own")
	case o.Expect != "":
		return exit.Usagef("--dps and --expect exclude each other: the daemon talks HTTPS to the provisioning service")
	case o.Identity.given() || strings.EqualFold(o.Depth, "auth"):
		return exit.Usagef("--dps and a login exclude each other: an identity of a hub is none of the provisioning " +
			"service")
	}
	if o.Lab {
		j.plan.Role = report.EndpointDPS
		return nil // enterLab names it
	}
	host, source := "", "flag"
	if o.Hub != "" {
		given, err := hostname.Read(o.Hub)
		if err != nil {
			return exit.Usagef("--hub: %w", err)
		}
		if host = given; endpoints.IsHub(given) {
			cloud, _ := endpoints.CloudOf(given)
			host = cloud.DPS
		}
	} else if set, from, ok := j.provisioned(); ok {
		host, source = set, from
	} else {
		cloud := endpoints.PublicCloud()
		if s, known := j.upstream(); known {
			if c, ok := endpoints.CloudOf(s.Value.Reveal()); ok {
				cloud = c
			}
		}
		host = cloud.DPS
	}
	return j.atDPS(host, source)
}

// atDPS points the plan at a provisioning service. No UpstreamProtocol is expected of one.
func (j *job) atDPS(host, source string) error {
	valid, err := hostname.Valid(host)
	if err != nil {
		return exit.Inputf("the name of the provisioning service: %w", err)
	}
	p := &j.plan
	p.Host, p.Source, p.Role = strings.TrimSuffix(valid, "."), source, report.EndpointDPS
	p.Expect, p.ExpectSource = "", ""
	return nil
}

// provisioned is the provisioning service that this device's settings lead to, and where
// that was found.
func (j *job) provisioned() (host, source string, ok bool) {
	if j.device == nil {
		return "", "", false
	}
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		s, there := j.device.At(p, device.Provisioning)
		if !there {
			continue
		}
		if !strings.EqualFold(s.Value.Reveal(), "dps") {
			return "", "", false
		}
		host = endpoints.PublicCloud().DPS
		if e, set := j.device.At(p, device.DPS); set {
			if u, err := url.Parse(e.Value.Reveal()); err == nil && u.Hostname() != "" {
				host = u.Hostname()
			}
		}
		return host, sources[p], true
	}
	return "", "", false
}
