package consistency

import (
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// hubPath lists the places whose proxy is used, or will be, on the way to the hub.
var hubPath = []device.Place{
	device.ConfigTOML, device.ConfigD, device.ConfigYAML, device.EdgeAgent, device.EdgeHub, ManifestAgent, ManifestHub,
	device.IdentityUnit, device.CertdUnit, device.OldUnit,
}

func onHubPath(p device.Place) bool { return slices.Contains(hubPath, p) }

// component is who reads a row's proxy.
func (r Row) component() (proxyurl.Component, bool) {
	switch r.Place {
	case ManifestAgent:
		return proxyurl.EdgeAgent, true
	case ManifestHub:
		return proxyurl.EdgeHub, true
	}
	return r.Place.Component()
}

// agree marks the rows that differ from the first of their setting, and those that their
// reader cannot use.
func (v *View) agree() {
	for i := range v.Rows {
		if r := &v.Rows[i]; r.State == Agrees {
			v.usable(r)
		}
	}
	for _, n := range []device.Name{device.Hub, device.Parent, device.DeviceID, device.Protocol, device.Proxy} {
		rows := v.effective(n)
		if len(rows) == 0 {
			continue
		}
		for _, r := range rows[1:] {
			switch {
			case same(n, rows[0], r) || r.State == Wrong:
			case n == device.Proxy && !onHubPath(r.Place):
				r.State = Apart
				r.Notes = append(r.Notes, "another proxy than on the way to the hub; iotedge check will warn")
			default:
				r.State = Differs
			}
		}
	}
}

// usable judges a value by what its reader makes of it.
func (v *View) usable(r *Row) {
	text := r.source.Value.Reveal()
	switch r.Setting {
	case device.Protocol:
		p, reading := edgeagent.ParseUpstream(text)
		switch reading {
		case edgeagent.Unset:
			r.State = Unset
		case edgeagent.Ignored:
			r.State = Wrong
			r.Notes = append(r.Notes, "the runtime takes it for unset and says nothing")
		case edgeagent.Breaks:
			r.State = Wrong
			r.Notes = append(r.Notes, "the runtime accepts the number and fails later")
		case edgeagent.AsNumber:
			r.Notes = append(r.Notes, "read as "+p.RuntimeName()+": write that")
		case edgeagent.OddCase:
			r.Notes = append(r.Notes, "the runtime reads it as "+p.RuntimeName()+", iotedge check does not know it")
		}
	case device.Proxy:
		c, ok := r.component()
		if !ok {
			c = proxyurl.Module
		}
		for _, t := range c.Trouble(text) {
			r.Notes = append(r.Notes, t.Text)
			if t.Severity == report.SeverityError {
				r.State = Wrong
			}
		}
	}
}

// effective lists the rows of a setting that somebody reads and that compare at all.
func (v *View) effective(n device.Name) []*Row {
	var out []*Row
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Setting != n || r.State == Lost || r.State == Unset || r.State == Wrong && n == device.Protocol {
			continue
		}
		if _, box := r.Place.Container(); box && !onHubPath(r.Place) {
			continue // other modules go their own ways
		}
		if n == device.Proxy && (r.Place == device.ProcessEnv || r.Place == device.ModuleEnv) {
			continue
		}
		out = append(out, r)
	}
	return out
}

func same(n device.Name, a, b *Row) bool {
	x, y := a.source.Value.Reveal(), b.source.Value.Reveal()
	switch n {
	case device.Protocol:
		p, _ := edgeagent.ParseUpstream(x)
		q, _ := edgeagent.ParseUpstream(y)
		return p == q
	case device.Proxy:
		p, err := proxyurl.Assume(x, "")
		q, err2 := proxyurl.Assume(y, "")
		if err != nil || err2 != nil {
			return x == y
		}
		return p.Same(q)
	case device.DeviceID:
		return x == y
	}
	return strings.EqualFold(strings.TrimSuffix(x, "."), strings.TrimSuffix(y, "."))
}
