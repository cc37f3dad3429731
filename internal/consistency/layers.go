package consistency

import (
	"maps"
	"path"
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/report"
)

// superFile is what `iotedge config apply` makes of config.toml; it leaves all other
// files of config.d alone (iotedge, config/apply.rs).
const superFile = "00-super.toml"

// layer is what one file gives to the first edgeAgent.
type layer struct {
	file string
	spec edgeagent.Spec
}

// written is what the daemon will have after `iotedge config apply`: its own config.toml,
// then config.d by name, with what config.toml makes of 00-super.toml at its place there.
func written(d *device.Device) edgeagent.Spec {
	super := specOf(configured(d, device.ConfigTOML))
	var below, above []layer
	for _, l := range derived(d) {
		name := path.Base(l.file)
		switch {
		case path.Base(path.Dir(l.file)) != "config.d" || name < superFile:
			below = append(below, l)
		case name > superFile:
			above = append(above, l)
		}
	}
	return stack(slices.Concat(below, []layer{{"", super}}, above))
}

// derived lists the files that the daemon has now, in its order.
func derived(d *device.Device) []layer {
	var out []layer
	for _, s := range d.Settings {
		if s.Place != device.ConfigD || !strings.HasPrefix(s.Key, "agent.") {
			continue
		}
		if n := len(out); n == 0 || out[n-1].file != s.File {
			out = append(out, layer{file: s.File})
		}
	}
	for i := range out {
		var own []device.Setting
		for _, s := range d.Settings {
			if s.File == out[i].file && s.Place == device.ConfigD {
				own = append(own, s)
			}
		}
		out[i].spec = specOf(own)
	}
	return out
}

// stack lays files over each other, variable by variable; a list is replaced whole.
func stack(layers []layer) edgeagent.Spec {
	out := edgeagent.Spec{Env: edgeagent.Env{}}
	for _, l := range layers {
		maps.Copy(out.Env, l.spec.Env)
		if len(l.spec.CreateEnv) > 0 {
			out.CreateEnv = l.spec.CreateEnv
		}
		if l.spec.Image != "" {
			out.Image = l.spec.Image
		}
	}
	return out
}

const createOptionsKey = "agent.config.createOptions."

// specOf makes [agent] of one file's settings, those that another file or createOptions
// hides included: the layers decide. What its reader refuses is no value.
func specOf(settings []device.Setting) edgeagent.Spec {
	s := edgeagent.Spec{Env: edgeagent.Env{}}
	for _, x := range settings {
		if x.Loss == device.LossType || x.Loss == device.LossLeftover {
			continue
		}
		env := &s.Env
		if strings.HasPrefix(x.Key, createOptionsKey) {
			env = &s.CreateEnv
			if s.CreateEnv == nil {
				s.CreateEnv = edgeagent.Env{}
			}
		}
		switch x.Name {
		case device.Protocol, device.Proxy:
			(*env)[x.Key[strings.LastIndexByte(x.Key, '.')+1:]] = x.Value.Reveal()
		case device.Image:
			s.Image = x.Value.Reveal()
		}
	}
	return s
}

// overridden says of a configuration that stronger files, or createOptions, win over.
func (v *View) overridden() {
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.source.Loss != device.LossCreateOptions &&
			(r.source.Loss != device.LossOverridden || r.Place != device.ConfigTOML) {
			continue
		}
		by := v.stronger(r)
		if by == nil || same(r.Setting, r, by) {
			continue
		}
		v.add(ConfigOverridden, report.SeverityError,
			place(r)+" has no effect: "+place(by)+" wins over it, before and after iotedge config apply",
			"Write the same in both places, or take the stronger one out: "+place(by)+".")
		v.outOfPlace[variables[r.Setting]] = true
	}
}

// stays tells whether a file of the daemon's own gives a setting that config.toml lacks:
// `iotedge config apply` leaves it as it is.
func (v *View) stays(n device.Name) bool {
	return slices.ContainsFunc(v.Rows, func(r Row) bool {
		return r.Setting == n && r.Place == device.ConfigD && r.State != Lost && r.State != Unset &&
			path.Base(r.File) != superFile
	})
}

// stronger finds the row that wins over another of the same setting.
func (v *View) stronger(r *Row) *Row {
	var out *Row
	for i := range v.Rows {
		o := &v.Rows[i]
		if o.Setting != r.Setting || o == r || (r.Setting != device.Protocol && r.Setting != device.Proxy) {
			continue
		}
		inOptions := strings.HasPrefix(o.Key, createOptionsKey)
		switch {
		case r.source.Loss == device.LossCreateOptions:
			if o.File == r.File && inOptions {
				out = o
			}
		case o.Place == device.ConfigD && o.State != Lost && path.Base(path.Dir(o.File)) == "config.d" &&
			path.Base(o.File) > superFile && sameLayer(r.Key, o.Key):
			out = o
		}
	}
	return out
}

// sameLayer: a drop-in's list of createOptions hides one variable by the merge as well.
func sameLayer(weak, strong string) bool {
	return strings.HasPrefix(strong, createOptionsKey) || weak == strong
}
