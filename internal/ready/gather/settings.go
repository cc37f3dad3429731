package gather

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// services are those whose settings iotedge config apply makes.
var services = []string{"identityd", "keyd", "certd", "tpmd", "edged"}

// tables is a TOML file with the line of every key.
type tables struct {
	path  string
	all   map[string]any
	lines map[string]int
	err   error // why it was not read; fs.ErrNotExist where there is none
}

// settings is config.toml and what was made of it.
type settings struct {
	super tables
	made  map[string]tables            // 00-super.toml by its service
	merge map[string]map[string]string // all scalars of a service, as it reads them
	drops []drop
}

// wantsIPv6 tells whether config.toml, or what was made of it, gives the modules' network IPv6.
func (g *gatherer) wantsIPv6() ready.Fact[bool] {
	const key = "moby_runtime.network.ipv6"
	t := g.config.super
	switch {
	case t.err == nil:
		return ready.Seen(t.text(key) == "true", t.at(key))
	case g.config.made["edged"].err == nil:
		return ready.Seen(g.config.merge["edged"][key] == "true", g.config.made["edged"].path)
	}
	return ready.Fact[bool]{}
}

// drop is a drop-in that changes what apply made.
type drop struct{ file, key string }

func (g *gatherer) readSettings() settings {
	s := settings{
		super: g.read(g.device.ConfigPath()),
		made:  map[string]tables{},
		merge: map[string]map[string]string{},
	}
	base := path.Dir(g.device.ConfigPath())
	for _, name := range services {
		dir := path.Join(base, name, "config.d")
		s.merge[name] = flat(g.read(path.Join(base, name, "config.toml")).all)
		if s.made[name] = g.read(path.Join(dir, "00-super.toml")); s.made[name].err == nil {
			maps.Copy(s.merge[name], flat(s.made[name].all))
		}
		names, _ := g.device.List(dir, ".toml") // one that may not be read shows in 00-super.toml
		for _, n := range names {
			if n == "00-super.toml" {
				continue
			}
			t := g.read(path.Join(dir, n))
			for k, v := range flat(t.all) {
				if old, set := s.merge[name][k]; set && old != v && n > "00-super.toml" {
					s.drops = append(s.drops, drop{t.at(k), k})
				}
				s.merge[name][k] = v
			}
		}
	}
	sorting.By(s.drops, func(a, b drop) int { return strings.Compare(a.file+a.key, b.file+b.key) })
	g.facts.Config.Old = g.device.Old
	g.facts.Config.Present = g.device.Configured || s.super.err == nil
	return s
}

func (g *gatherer) read(name string) tables {
	t := tables{path: name}
	t.all, t.lines, t.err = g.device.ReadTOML(name)
	return t
}

// needs says what would be needed to read the file.
func (t tables) needs() string {
	var broken *device.SyntaxError
	switch {
	case errors.Is(t.err, fs.ErrPermission):
		return "root, to read " + t.path
	case errors.Is(t.err, fs.ErrNotExist):
		return t.path + ", which is not there"
	case errors.As(t.err, &broken):
		return fmt.Sprintf("%s without the error in line %d", t.path, broken.Line)
	}
	return t.path + " to be readable: " + report.Clean(t.err.Error(), 120)
}

// at is where a key stands: file and line.
func (t tables) at(key string) string {
	if n := t.lines[key]; n > 0 {
		return fmt.Sprintf("%s:%d", t.path, n)
	}
	return t.path
}

// get is what stands under a dotted key.
func (t tables) get(key string) any {
	var at any = t.all
	for part := range strings.SplitSeq(key, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[part]
	}
	return at
}

// text is a scalar under a dotted key; empty where there is none.
func (t tables) text(key string) string {
	switch v := t.get(key).(type) {
	case nil, map[string]any, []any:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// flat lists the scalars of a table by their dotted keys; arrays count as one value.
func flat(all map[string]any) map[string]string {
	out := map[string]string{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		if m, ok := v.(map[string]any); ok {
			for k, x := range m {
				walk(strings.TrimPrefix(prefix+"."+k, "."), x)
			}
			return
		}
		if l, ok := v.([]any); ok && len(l) > 0 {
			if _, tables := l[0].(map[string]any); tables {
				return // such as principals, which every drop-in adds to
			}
		}
		out[prefix] = fmt.Sprint(v)
	}
	walk("", all)
	return out
}
