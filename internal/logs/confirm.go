package logs

import (
	"net/url"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// check builds the line that would prove it: the hub and the proxy as the log tells them.
// What it does not tell, the command finds on the device itself.
func (s *scene) check(expect report.Protocol, more string) string {
	line := "edgenet check"
	switch {
	case s.unprovisioned():
		line += " --dps"
	case s.device.Hub != "":
		line += " --hub " + s.device.Hub
	}
	if p, secret := s.proxyFlag(); p != "" {
		line += " --proxy " + p
		if secret {
			line += " --proxy-credentials proxy.txt"
		}
	}
	if expect != "" && expect != report.HTTPS {
		line += " --expect " + expect.RuntimeName()
	}
	if more != "" {
		line += " " + more
	}
	return line
}

// proxyFlag gives the proxy that the log tells, without its credentials.
func (s *scene) proxyFlag() (shown string, credentials bool) {
	for _, who := range []pattern.Who{pattern.Hub, pattern.Agent, pattern.Identityd, pattern.Iotedged} {
		if st := s.stories[who]; st != nil && st.Proxy != "" {
			if p, c := withoutCredentials(st.Proxy); p != "" {
				return p, c
			}
		}
	}
	for _, name := range []string{"edgeHub", "edgeAgent"} {
		for _, k := range []string{"https_proxy", "HTTPS_PROXY"} {
			if p, c := withoutCredentials(s.env[name][k]); p != "" {
				return p, c
			}
		}
	}
	return "", false
}

func withoutCredentials(raw string) (shown string, credentials bool) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "", false
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest, credentials = rest[at+1:], true
	}
	rest, _, _ = strings.Cut(rest, "/")
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil || u.Hostname() == "" || strings.Trim(strings.ToLower(rest),
		"abcdefghijklmnopqrstuvwxyz0123456789.-:[]") != "" {
		return "", false
	}
	if _, err := proxyurl.Parse(u.Scheme+"://"+u.Host, ""); err != nil { // no proxy, or rather a user and a password
		return "", false
	}
	return u.Scheme + "://" + u.Host, credentials
}

// arguments are the flags of a check that this process could run itself.
func (s *scene) arguments(r *Report) (args []string) {
	switch {
	case s.unprovisioned():
		args = append(args, "--dps")
	case s.device.Hub != "":
		args = append(args, "--hub", s.device.Hub)
	}
	if p, secret := s.proxyFlag(); p != "" && !secret { // with credentials it is read where it is configured
		args = append(args, "--proxy", p)
	}
	for i := range r.Upstream {
		u := &r.Upstream[i]
		if p := u.Configured.Protocol; p != "" && p != report.HTTPS {
			return append(args, "--expect", p.RuntimeName())
		}
	}
	return args
}
