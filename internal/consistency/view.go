package consistency

import (
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Schema is the value of View.Schema for this major number of the JSON form.
const Schema = "edgenet.config/1"

// The places of a manifest's settings.
const (
	ManifestAgent device.Place = "manifest:edgeAgent"
	ManifestHub   device.Place = "manifest:edgeHub"
)

// State says how a row stands to the others of its setting.
type State string

// The states.
const (
	Agrees  State = "agrees"
	Differs State = "differs"
	Apart   State = "apart" // another value than on the way to the hub, where that is no fault
	Unset   State = "unset" // nothing is set there, and something would read it
	Lost    State = "lost"  // set, and nobody gets it
	Wrong   State = "wrong" // set, and its reader cannot use it
)

// Row is one setting at one place.
type Row struct {
	Setting device.Name  `json:"setting"`
	Place   device.Place `json:"place"`
	File    string       `json:"file,omitempty"`
	Line    int          `json:"line,omitempty"`
	Key     string       `json:"key,omitempty"`
	Value   string       `json:"value"` // secrets masked
	UsedBy  string       `json:"usedBy"`
	State   State        `json:"state"`
	Notes   []string     `json:"notes,omitempty"`

	source device.Setting
}

// View is everything that `config show` tells.
type View struct {
	Schema   string           `json:"schema"`
	Rows     []Row            `json:"rows"`
	Outlook  []Outlook        `json:"outlook,omitempty"`
	Findings []report.Finding `json:"findings"`
	Unread   []string         `json:"unread,omitempty"`
	Errors   []string         `json:"errors,omitempty"` // files that are broken

	device   *device.Device
	manifest *manifest.Manifest
	found    []found
	// outOfPlace are the variables of the configuration of which a finding says already that
	// they are not where they should be.
	outOfPlace map[string]bool
}

// found is a finding, and whether it says no more than that places differ.
type found struct {
	report.Finding
	compares bool
}

// Compare draws the view; the manifest may be nil.
func Compare(d *device.Device, m *manifest.Manifest) *View {
	v := &View{Schema: Schema, Rows: []Row{}, Findings: []report.Finding{}, device: d, manifest: m}
	for _, n := range []device.Name{device.Hub, device.Parent, device.DeviceID, device.Provisioning, device.DPS,
		device.Auth, device.TrustBundle, device.Protocol, device.Proxy, device.HTTPProxy, device.NoProxy} {
		for _, s := range d.Of(n) {
			v.Rows = append(v.Rows, row(s))
		}
		v.manifestRows(n)
		v.unsetRows(n)
	}
	v.agree()
	v.Outlook = outlook(d, m)
	v.find()
	for _, u := range d.Unread {
		v.Unread = append(v.Unread, u.Error())
	}
	if m != nil && m.Kind == manifest.Layered {
		v.Unread = append(v.Unread,
			report.Clean(m.File, 200)+": a layered deployment has no system modules, so there is nothing to compare")
	}
	v.Unread = append(v.Unread, d.NotFound()...)
	for _, b := range d.Broken {
		v.Errors = append(v.Errors, b.Error())
	}
	return v
}

func row(s device.Setting) Row {
	r := Row{Setting: s.Name, Place: s.Place, File: s.File, Line: s.Line, Key: s.Key, Value: shown(s),
		UsedBy: usedBy(s.Place, s.Name), State: Agrees, source: s}
	if s.Lost != "" {
		r.State, r.UsedBy = Lost, "nobody"
		r.Notes = append(r.Notes, s.Lost)
	}
	if s.Note != "" {
		r.Notes = append(r.Notes, s.Note)
	}
	return r
}

// shown masks what may hold a password.
func shown(s device.Setting) string {
	text := s.Value.Reveal()
	if s.Name == device.Proxy || s.Name == device.HTTPProxy {
		return proxyurl.Mask(text)
	}
	return secret.Show(text, 200)
}

var variables = map[device.Name]string{device.Protocol: edgeagent.VarProtocol, device.Proxy: edgeagent.VarProxy,
	device.NoProxy: "no_proxy"}

// manifestRows adds what the manifest says; createOptions.Env hides env.
func (v *View) manifestRows(n device.Name) {
	variable, ok := variables[n]
	if v.manifest == nil || !ok {
		return
	}
	for _, x := range []struct {
		m     *manifest.Module
		place device.Place
	}{{v.manifest.Agent, ManifestAgent}, {v.manifest.Hub, ManifestHub}} {
		if x.m == nil {
			continue
		}
		found := x.m.Find(variable)
		for i, f := range found {
			s := device.Setting{Name: n, Place: x.place, File: v.manifest.File, Key: x.m.Name + ".env." + f.Name,
				Line: f.Line, Value: secret.New(f.Value)}
			if f.FromOptions {
				s.Key = x.m.Name + ".createOptions.Env." + f.Name
			}
			if n == device.NoProxy {
				s.Lost = x.m.Name + " does not honour no_proxy"
			}
			for _, o := range found[i+1:] {
				if o.FromOptions && !f.FromOptions {
					s.Lost = "createOptions.Env wins over env"
				}
			}
			v.Rows = append(v.Rows, row(s))
		}
	}
}

// unsetRows adds the places that would be read and say nothing.
func (v *View) unsetRows(n device.Name) {
	if n != device.Protocol && n != device.Proxy {
		return
	}
	for _, p := range v.readers(n) {
		if !v.has(p, n) && !v.hides(p, n) && !(p == device.ConfigTOML && v.stays(n)) {
			s := device.Setting{Name: n, Place: p}
			r := row(s)
			r.State = Unset
			v.Rows = append(v.Rows, r)
		}
	}
}

// readers lists the places that exist on this device and whose reader would take that
// setting from them.
func (v *View) readers(n device.Name) []device.Place {
	d := v.device
	var out []device.Place
	switch {
	case d.Old:
		out = append(out, device.ConfigYAML)
	case d.Super:
		out = append(out, device.ConfigTOML)
	case d.Configured:
		out = append(out, device.ConfigD)
	}
	if n == device.Proxy {
		for _, u := range d.Units {
			if u != "aziot-certd" { // only an EST server needs it
				out = append(out, device.Place("unit:"+u))
			}
		}
	}
	for _, c := range []string{"edgeAgent", "edgeHub"} {
		if _, ok := d.Container(c); ok {
			out = append(out, device.Place("container:"+c))
		}
	}
	if v.manifest != nil && v.manifest.Agent != nil {
		out = append(out, ManifestAgent)
	}
	if v.manifest != nil && v.manifest.Hub != nil {
		out = append(out, ManifestHub)
	}
	return out
}

// hides tells whether a place sets a thing and something stronger wins over it.
func (v *View) hides(p device.Place, n device.Name) bool {
	return slices.ContainsFunc(v.Rows, func(r Row) bool {
		return r.Setting == n && r.Place == p &&
			(r.source.Loss == device.LossOverridden || r.source.Loss == device.LossCreateOptions)
	})
}

// has tells whether a place sets a thing so that its reader gets it; the engine's may
// stand in daemon.json as well.
func (v *View) has(p device.Place, n device.Name) bool {
	for _, r := range v.Rows {
		if r.Setting == n && r.State != Lost && r.State != Unset &&
			(r.Place == p || p == device.EngineUnit && r.Place == device.DaemonJSON) {
			return true
		}
	}
	return unreadable(v.device, p)
}

// unreadable tells whether a place may say something that could not be read, so that
// nothing is claimed of it.
func unreadable(d *device.Device, p device.Place) bool {
	for _, u := range d.Unread {
		if p == device.ConfigTOML && strings.HasSuffix(u.File, "/config.toml") || p == device.ConfigYAML &&
			strings.HasSuffix(u.File, "/config.yaml") {
			return true
		}
	}
	for _, b := range d.Broken {
		if b.Place == p || p == device.EngineUnit && b.Place == device.DaemonJSON {
			return true
		}
	}
	return false
}
