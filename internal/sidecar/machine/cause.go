package machine

import (
	"slices"

	"edgenet/probe"
	"edgenet/report"
)

// cause is the label that tells most: why the configured protocol fails; else why the
// recommended one does; else what the verdict speaks of where nothing works; else why HTTPS
// does; else that of the first protocol, in the order of preference, which does not work directly.
func (s *State) cause() string {
	if s.Seen == nil {
		return ""
	}
	if c := s.configured(); c != "" && !s.anywhere(c) {
		if label := s.labelOf(c); label != "" {
			return label
		}
	}
	if label, ok := s.Seen.Labels[s.Current()]; ok && label != OKLabel {
		return label
	}
	if s.Seen.Because != "" {
		return s.Seen.Because
	}
	if s.Seen.HTTPS != nil && !*s.Seen.HTTPS {
		return s.labelOf(report.HTTPS)
	}
	for _, p := range append(slices.Clone(s.Settings.Prefer), report.DefaultPreference()...) {
		if label := s.Seen.Labels[probe.PathName{Protocol: p, Route: report.RouteDirect}]; label != "" &&
			label != OKLabel {
			return label
		}
	}
	return ""
}

// anywhere tells whether a protocol works on a route.
func (s *State) anywhere(p report.Protocol) bool {
	for name, label := range s.Seen.Labels {
		if name.Protocol == p && label == OKLabel {
			return true
		}
	}
	return false
}

// labelOf is why a protocol fails: on the proxied route where it would be used there.
func (s *State) labelOf(p report.Protocol) string {
	routes := []string{report.RouteDirect, s.Seen.ProxyRoute}
	if p.Proxied() {
		slices.Reverse(routes)
	}
	for _, route := range routes {
		if label := s.Seen.Labels[probe.PathName{Protocol: p, Route: route}]; label != "" && label != OKLabel {
			return label
		}
	}
	return ""
}
