package consistency

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// badProxies: what the readers of a proxy URL will trip over.
func (v *View) badProxies() {
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Setting != device.Proxy {
			continue
		}
		c, ok := r.component()
		if !ok || r.State == Lost || r.State == Unset {
			continue
		}
		for _, t := range c.Trouble(r.source.Value.Reveal()) {
			if t.Severity == report.SeverityInfo {
				continue
			}
			code := report.ProxyScheme
			if t.Kind == proxyurl.TroubleSOCKS || t.Kind == proxyurl.TroubleLoopback {
				code = report.ProxyRuntimeLimits
			}
			v.add(code, t.Severity, fmt.Sprintf("%s (%s): %s", place(r), r.Value, t.Text), t.Remedy, r.reader()...)
		}
	}
}

// badUnits: systemd lets an assignment fall; what it says of several places alike is said once.
func (v *View) badUnits() {
	var reasons []string
	fallen := map[string][]*Row{} // by what systemd says
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Setting != device.Proxy || r.State != Lost || r.source.Loss != device.LossSystemd {
			continue
		}
		if fallen[r.source.Lost] == nil {
			reasons = append(reasons, r.source.Lost)
		}
		fallen[r.source.Lost] = append(fallen[r.source.Lost], r)
	}
	for _, reason := range reasons {
		var places, about []string
		for _, r := range fallen[reason] {
			places, about = append(places, place(r)), append(about, r.reader()...)
		}
		looks := "is not what it looks"
		if len(places) > 1 {
			looks = "are not what they look"
		}
		v.add(report.ProxyScheme, report.SeverityError,
			fmt.Sprintf("%s %s like: %s", strings.Join(places, ", "), looks, reason),
			"Write every % of the URL as %% in unit files (edgenet config generate does), then run systemctl "+
				"daemon-reload and restart the service.", about...)
	}
}

// proxiesDiffer compares the places on the way to the hub; the engine may well have a
// proxy of its own, which its row says.
func (v *View) proxiesDiffer() {
	var set, unset []*Row
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Setting != device.Proxy || !onHubPath(r.Place) || r.State == Lost {
			continue
		}
		if r.State == Unset {
			unset = append(unset, r)
		} else {
			set = append(set, r)
		}
	}
	if len(set) == 0 {
		return
	}
	differ := false
	for _, r := range set[1:] {
		differ = differ || !same(device.Proxy, set[0], r)
	}
	if differ {
		what := "the proxy differs on the way to the hub: "
		if !slices.ContainsFunc(set, func(r *Row) bool { return r.Value != set[0].Value }) {
			what = "user or password of the proxy differ on the way to the hub: "
		}
		v.compare(what+list(set),
			"Write the same proxy URL in every place (edgenet config generate writes all of them).")
	}
	for _, r := range unset {
		if r.Place == device.ConfigTOML && v.has(device.EdgeAgent, device.Proxy) || r.Place == ManifestAgent ||
			r.Place == ManifestHub {
			continue // notApplied and deploymentCuts say it better
		}
		if v.ignored(r.Place) || r.Place == device.EdgeAgent && v.outOfPlace[edgeagent.VarProxy] {
			continue // badProxies says why
		}
		v.compare(fmt.Sprintf("%s has no proxy, and %s has %s", called(r.Place), place(set[0]), set[0].Value),
			missing(r.Place))
	}
}

// called is a place in the words of whoever looks after it.
func called(p device.Place) string {
	if unit, ok := p.Unit(); ok {
		return "the service " + unit
	}
	return string(p)
}

func missing(p device.Place) string {
	if unit, ok := p.Unit(); ok {
		return fmt.Sprintf("Set the proxy with systemctl edit %s (edgenet config generate has the text), then "+
			"systemctl daemon-reload and iotedge system restart.", unit)
	}
	if _, ok := p.Container(); ok {
		return "Set https_proxy for edgeAgent and edgeHub in the deployment (edgenet manifest set --proxy)."
	}
	return "Set https_proxy in [agent.env] of the configuration, run iotedge config apply and docker rm -f edgeAgent."
}

// proxyLimits: a proxy that the protocol beside it does not use.
func (v *View) proxyLimits() {
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigYAML, device.EdgeAgent, device.EdgeHub,
		ManifestAgent, ManifestHub} {
		var proto, url *Row
		for _, r := range v.effective(device.Protocol) {
			if r.Place == p {
				proto = r
			}
		}
		for _, r := range v.effective(device.Proxy) {
			if r.Place == p && r.State != Wrong {
				url = r
			}
		}
		if proto == nil || url == nil {
			continue
		}
		if q, err := report.ParseProtocol(proto.source.Value.Reveal()); err == nil && !q.Proxied() {
			v.add(report.ProxyRuntimeLimits, report.SeverityWarning,
				fmt.Sprintf("%s is %s, and the proxy beside it is not used: only the WebSocket protocols go through "+
					"one",
					place(proto), q.RuntimeName()),
				"Use AmqpWs or MqttWs where the way out is the proxy; remove the proxy where it is not.")
		}
	}
}

// noProxy: a list that nobody on the way to the hub honours.
func (v *View) noProxy() {
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Setting != device.NoProxy || !onHubPath(r.Place) || r.Value == "" || !v.has(r.Place, device.Proxy) {
			continue
		}
		c, _ := r.component()
		text := fmt.Sprintf("%s is set, and %s does not honour it", place(r), c)
		if up, ok := v.device.Upstream(); ok && proxyurl.Excluded(r.source.Value.Reveal(), up.Value.Reveal()) {
			text = fmt.Sprintf("%s takes %s out, and %s does not honour it: it goes through the proxy all the same",
				place(r), up.Value.Reveal(), c)
		}
		v.add(report.ProxyNoProxyIgnored, report.SeverityWarning, text,
			"Do not count on no_proxy on the way to the hub: let the proxy reach the hosts that are listed, or "+
				"remove the proxy setting of the component.")
	}
}

// ignored tells whether a place sets a proxy that systemd does not let through.
func (v *View) ignored(p device.Place) bool {
	for _, r := range v.Rows {
		if r.Setting == device.Proxy && r.Place == p && r.source.Loss == device.LossSystemd {
			return true
		}
	}
	return false
}
