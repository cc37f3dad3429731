package device

import (
	"fmt"
	"strings"

	"edgenet/internal/secret"
)

// createEnv is the list that wins over agent.env where the daemon merges them, the first
// time that it creates edgeAgent (edgelet-docker, runtime.rs). Its name has one spelling.
const createEnv = "agent.config.createOptions.Env"

// environment reads what the first edgeAgent container gets.
func (d *Device) environment(file string, place Place, e entries) {
	const prefix = "agent.env"
	from := len(d.Settings)
	for _, key := range e.under(prefix) {
		name := strings.TrimPrefix(key, prefix+".")
		n, ok := variable(name)
		v := e[key]
		switch {
		case ok && strings.TrimSpace(v.value) == "" && v.kind == kindString:
			d.add(Setting{Name: n, Place: place, File: file, Key: key, Line: v.line, Value: secret.New(v.value)})
		case ok:
			d.text(Setting{Name: n, Place: place, File: file, Key: key}, v)
		case v.kind != kindString && (v.kind != kindNumber || place != ConfigYAML):
			d.wrongType(file, place, key, v, "a text in quotes")
		}
	}
	if v, ok := e[prefix]; ok {
		d.environmentList(file, place, v, e)
	}
	at := len(d.Settings)
	d.createEnvironment(file, place, e)
	for i := from; i < at; i++ {
		for _, over := range d.Settings[at:] {
			if s := &d.Settings[i]; s.Name == over.Name && s.Lost == "" {
				s.lose(LossCreateOptions, fmt.Sprintf("createOptions.Env wins over it: %s", over.Where()))
			}
		}
	}
}

// environmentList is an environment written as a list, as docker compose has it: the daemon
// wants a table and does not start.
func (d *Device) environmentList(file string, place Place, v entry, e entries) {
	want := `a table ([agent.env] with lines NAME = "value")`
	if place == ConfigYAML {
		want = `a table (lines NAME: "value" below env)`
	}
	if v.kind == kindTable {
		want = "one table, [agent.env] in single brackets"
	}
	d.wrongType(file, place, "agent.env", v, want)
	for i := range maxItems {
		item, ok := e[fmt.Sprintf("agent.env[%d]", i)]
		if !ok {
			return
		}
		if name, value, ok := strings.Cut(item.value, "="); ok {
			if n, ok := variable(strings.TrimSpace(name)); ok {
				s := Setting{Name: n, Place: place, File: file, Key: "agent.env." + strings.TrimSpace(name),
					Line: item.line, Value: secret.New(value)}
				s.lose(LossType, "it stands in a list, where the daemon wants a table: it refuses the whole file")
				d.add(s)
			}
		}
	}
}

func (d *Device) createEnvironment(file string, place Place, e entries) {
	if v, ok := e[createEnv]; ok && v.kind != kindList {
		d.wrongType(file, place, createEnv, v, `a list of texts (["NAME=value"])`)
	}
	for i := range maxItems {
		key := fmt.Sprintf("%s[%d]", createEnv, i)
		item, ok := e[key]
		if !ok {
			return
		}
		name, value, _ := strings.Cut(item.value, "=")
		if n, ok := variable(name); ok {
			d.add(Setting{Name: n, Place: place, File: file, Key: createEnv + "." + name, Line: item.line,
				Value: secret.New(value)})
		}
	}
}
