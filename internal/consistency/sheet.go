package consistency

import (
	"fmt"
	"path"

	"edgenet/internal/device"
	"edgenet/report"
	"edgenet/report/render"
)

var headings = map[device.Name]string{
	device.Hub: "IoT Hub", device.Parent: "Parent gateway", device.DeviceID: "Device",
	device.Provisioning: "Provisioning", device.DPS: "Provisioning service",
	device.Auth: "Authentication", device.TrustBundle: "Trust bundle", device.Protocol: "UpstreamProtocol",
	device.Proxy:     "Proxy for HTTPS",
	device.HTTPProxy: "Proxy for HTTP", device.NoProxy: "no_proxy",
}

var marks = map[State]render.Mark{Agrees: render.MarkGood, Differs: render.MarkBad, Wrong: render.MarkBad,
	Apart: render.MarkOdd, Unset: render.MarkOpen, Lost: render.MarkIdle}

// Sheet is the view for a person: the identity in one table, protocol and proxies each
// in their own.
func (v *View) Sheet() *render.Sheet {
	s := &render.Sheet{Title: "config show", Facts: v.facts(), Findings: v.Findings}
	identity := render.Block{Columns: []string{"SETTING", "VALUE", "WHERE"}}
	var tables []render.Block
	for _, r := range v.Rows {
		switch r.Setting {
		case device.Protocol, device.Proxy, device.HTTPProxy, device.NoProxy:
			if len(tables) == 0 || tables[len(tables)-1].Heading != headings[r.Setting] {
				tables = append(tables, render.Block{Heading: headings[r.Setting],
					Columns: []string{"VALUE", "USED BY", "WHERE"}})
			}
			t := &tables[len(tables)-1]
			t.Rows = append(t.Rows, render.SheetRow{Mark: marks[r.State],
				Cells: []string{r.value(), r.UsedBy, r.where()}, Notes: r.Notes})
		default:
			identity.Rows = append(identity.Rows,
				render.SheetRow{Mark: marks[r.State], Cells: []string{headings[r.Setting], r.value(), r.where()},
					Notes: r.Notes})
		}
	}
	s.Blocks = append(append(s.Blocks, identity), tables...)
	s.Blocks = append(s.Blocks, v.outlookBlock())
	for _, e := range v.Errors {
		s.Notes = append(s.Notes, "Broken: "+e)
	}
	for _, u := range v.Unread {
		s.Notes = append(s.Notes, "Not read: "+u)
	}
	s.Verdict, s.Failed = v.verdict()
	return s
}

func (v *View) facts() []string {
	d := v.device
	out := []string{}
	switch {
	case d.Described:
		out = append(out, "support bundle")
	case d.Old:
		out = append(out, "IoT Edge 1.1 or before (config.yaml)")
	case d.Configured:
		out = append(out, "IoT Edge 1.2 or later (config.toml)")
	default:
		out = append(out, "no IoT Edge configuration here")
	}
	if d.Snap {
		out = append(out, "snap")
	}
	if n := len(d.Containers); n > 0 {
		out = append(out, fmt.Sprintf("%d containers of the runtime", n))
	}
	return out
}

func (r Row) value() string {
	if r.State == Unset {
		return "not set"
	}
	if r.Value == "" {
		return "(empty)"
	}
	return r.Value
}

// where is short enough for a table: place, line, key.
func (r Row) where() string {
	switch {
	case r.File == "" && r.Key == "":
		return string(r.Place)
	case r.File == "":
		return string(r.Place) + " " + r.Key
	}
	return r.source.Where()
}

func (v *View) outlookBlock() render.Block {
	b := render.Block{Heading: "What the containers get", Columns: []string{"AFTER", "EDGEAGENT", "EDGEHUB"}}
	for _, o := range v.Outlook {
		b.Rows = append(b.Rows, render.SheetRow{Cells: []string{o.Event, o.Agent.text(), o.Hub.text()}})
	}
	return b
}

func (e *Environment) text() string {
	if e == nil {
		return "none"
	}
	if e.Proxy == "none" {
		return e.Protocol + ", no proxy"
	}
	return e.Protocol + ", " + e.Proxy
}

func (v *View) verdict() (string, bool) {
	errs, warns := 0, 0
	for _, f := range v.Findings {
		switch f.Severity {
		case report.SeverityError:
			errs++
		case report.SeverityWarning:
			warns++
		}
	}
	switch {
	case len(v.Errors) > 0:
		return fmt.Sprintf("%s cannot be read: what follows from it is not known.",
			path.Base(v.device.Broken[0].File)), true
	case errs > 0:
		return fmt.Sprintf("The settings do not fit together: %d to repair.", errs), true
	case !v.device.Configured && len(v.device.Containers) == 0 && len(v.Unread) == 0:
		return "Nothing of IoT Edge is set on this host.", false
	case v.device.Described:
		return "What the containers were given fits together; what the host's files say is not in a support bundle.",
			false
	case len(v.device.Unread) > 0:
		return "What could be read fits together; run as root to read the rest.", false
	case len(v.Unread) > 0:
		return "What was found fits together; what was not found is said above.", false
	case warns > 0:
		return "The settings agree, with something to look at.", false
	}
	return "The settings agree.", false
}
