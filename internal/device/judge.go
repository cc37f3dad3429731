package device

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/proxyurl"
)

// Component gives the program that reads a place's proxy settings, false where there is
// none that is known.
func (p Place) Component() (proxyurl.Component, bool) {
	switch p {
	case ConfigTOML, ConfigD, ConfigYAML, EdgeAgent:
		return proxyurl.EdgeAgent, true
	case EdgeHub:
		return proxyurl.EdgeHub, true
	case DaemonJSON, EngineUnit:
		return proxyurl.Engine, true
	case IdentityUnit:
		return proxyurl.IdentityService, true
	case CertdUnit:
		return proxyurl.CertService, true
	case EdgedUnit:
		return proxyurl.Edged, true
	case OldUnit:
		return proxyurl.OldDaemon, true
	}
	if _, ok := p.Container(); ok {
		return proxyurl.Module, true
	}
	return "", false
}

// judge marks the settings that their reader does not get.
func (d *Device) judge() {
	daemon := map[Name]Setting{}
	for _, s := range d.Settings {
		if s.Place == DaemonJSON && s.Lost == "" && s.Value.Reveal() != "" {
			daemon[s.Name] = s
		}
	}
	for i := range d.Settings {
		s := &d.Settings[i]
		if s.Lost != "" {
			continue
		}
		c, ok := s.Place.Component()
		_, unit := s.Place.Unit()
		over, has := daemon[s.Name]
		switch {
		case !ok:
		case unit && s.Name == Protocol:
			s.Lost = "no service reads UpstreamProtocol: it belongs into [agent.env] and the deployment"
		case s.Place == EngineUnit && has && !over.Value.Equal(s.Value):
			s.Lost = fmt.Sprintf("overridden by %s (Engine 23.0 and later)", over.Where())
		case s.Name == HTTPProxy && c != proxyurl.Engine && c != proxyurl.Module:
			s.Lost = fmt.Sprintf("%s reads https_proxy alone", c)
		case s.Name == NoProxy && !c.HonoursNoProxy():
			s.Lost = fmt.Sprintf("%s does not honour no_proxy", c)
		case s.Name == NoProxy && c == proxyurl.Engine:
			s.Note = "by Go's rules: example.com takes its sub-domains out as well, and networks can be named"
		case s.Name == NoProxy:
			s.Note = "if the module is .NET, example.com is itself alone and .example.com its sub-domains; networks " +
				"and * mean nothing"
		case s.Name == Proxy && s.Place != DaemonJSON &&
			c != proxyurl.Module: // which variable a module reads is its own affair
			d.judgeProxy(s, c)
		}
	}
}

// judgeProxy tells whether the variable's name is the one that the component reads.
func (d *Device) judgeProxy(s *Setting, c proxyurl.Component) {
	var names []string
	for _, o := range d.Settings {
		if o.Place == s.Place && o.Name == Proxy && (o.Lost == "" || o.Key == s.Key) &&
			!slices.Contains(names, lastPart(o.Key)) {
			names = append(names, lastPart(o.Key))
		}
	}
	mine := lastPart(s.Key)
	reads := c.Variable(names)
	switch {
	case c == proxyurl.EdgeAgent || c == proxyurl.EdgeHub:
		if mine != "https_proxy" && s.Place != EdgeAgent && s.Place != EdgeHub {
			s.Note = "iotedge check looks for https_proxy in small letters alone"
		}
		if len(names) > 1 {
			s.Note = "set twice in different cases: which one .NET takes is not defined"
		}
	case reads == "":
		s.Lost = fmt.Sprintf("%s reads HTTPS_PROXY and https_proxy, in this spelling", c)
	case mine != reads && !d.sameValue(s, reads):
		s.Lost = fmt.Sprintf("%s reads %s first", c, reads)
	}
}

func lastPart(key string) string { return key[strings.LastIndex(key, ".")+1:] }

// sameValue tells whether a place sets another variable to the same.
func (d *Device) sameValue(s *Setting, key string) bool {
	return slices.ContainsFunc(d.Settings, func(o Setting) bool {
		return o.Place == s.Place && o.Name == s.Name && lastPart(o.Key) == key && o.Lost == "" &&
			o.Value.Equal(s.Value)
	})
}
