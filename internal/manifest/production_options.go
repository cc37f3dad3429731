package manifest

import (
	"bytes"
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/practice"
	"edgenet/report"
)

// hostConfig is HostConfig of createOptions, nil where there is none that can be read.
func (x *Module) hostConfig() *jsonedit.Node {
	if x == nil || x.options == nil || x.options.doc == nil {
		return nil
	}
	return x.options.doc.Root.Fold("HostConfig")
}

// place leads from a node of createOptions back to the manifest.
func (x *Module) place(n *jsonedit.Node) int { return x.options.origin(n.Start) }

// rights judges what createOptions gives the module of the host.
func (l *linter) rights(x *Module) {
	h := x.hostConfig()
	if h == nil {
		return
	}
	if n := h.Fold("RestartPolicy").Fold("Name"); n != nil && n.Text != "" && n.Text != "no" &&
		n.Kind == jsonedit.String {
		l.fault(RuleRestart, report.SeverityWarning, x.place(n), x.Name, "the engine restarts it as well")
	}
	for _, b := range bindings(h) {
		if practice.DebugPort(b.inside) {
			l.fault(RuleDebugPort, report.SeverityWarning, x.options.origin(b.at), x.Name,
				"port %d, which debuggers use, is published", b.inside)
		}
	}
	r := practice.Rights{NetworkMode: word(h.Fold("NetworkMode")), PIDMode: word(h.Fold("PidMode"))}
	if n := h.Fold("Privileged"); n != nil {
		r.Privileged = n.Kind == jsonedit.Bool && n.Text == "true"
	}
	for _, c := range items(h.Fold("CapAdd")) {
		if c == "ALL" || c == "SYS_ADMIN" { // the others are modest, and not repeated
			r.CapAdd = append(r.CapAdd, c)
		}
	}
	if x != l.m.Agent {
		for _, m := range mounts(h) {
			r.Mounted = append(r.Mounted, m.source)
		}
	}
	if has := r.Excess(); has != nil {
		l.fault(RulePrivileged, report.SeverityWarning, x.place(h), x.Name, "it has %s", strings.Join(has, ", "))
	}
}

// logs finds a log of the module's own that grows without end.
func (l *linter) logs(x *Module) {
	c := x.hostConfig().Fold("LogConfig")
	if c == nil || word(c.Fold("Type")) != "json-file" || word(c.Fold("Config").Fold("max-size")) != "" {
		return
	}
	l.fault(RuleLogs, report.SeverityWarning, x.place(c), x.Name, "its log is json-file without max-size")
}

// limits: on a small device each module that has none, else one line for all.
func (l *linter) limits(p Profile) {
	var without []*Module
	for _, x := range l.m.Modules {
		broken := x.options != nil && x.options.doc == nil && strings.TrimSpace(x.CreateOptions) != ""
		if most, ok := number(x.hostConfig().Fold("Memory")); !broken && (!ok || most <= 0) {
			without = append(without, x)
		}
	}
	switch {
	case len(without) == 0:
	case p == Constrained:
		for _, x := range without {
			l.fault(RuleLimits, report.SeverityWarning, x.key.KeyStart, x.Name,
				"it may take all of the device's memory")
		}
	default:
		l.fault(RuleLimits, report.SeverityInfo, without[0].key.KeyStart, "", "%d of %d modules have no memory limit",
			len(without), len(l.m.Modules))
	}
}

// store judges where edgeHub keeps messages: a mount has to cover storageFolder.
func (l *linter) store() {
	x := l.m.Hub
	if x == nil || x.pending("storageFolder") {
		return
	}
	folder := x.variableValue("storageFolder")
	if folder == "" {
		folder = "/tmp"
	}
	folder = path.Join(folder, "edgeHub")
	for _, m := range mounts(x.hostConfig()) {
		d := path.Clean(m.destination)
		if m.source != "" && (folder == d || strings.HasPrefix(folder, strings.TrimSuffix(d, "/")+"/")) {
			return
		}
	}
	l.fault(RulePersist, report.SeverityInfo, x.key.KeyStart, x.Name, "its store lies inside its container")
}

// heads finds a protocol that is off and whose port is published.
func (l *linter) heads() {
	for _, h := range []struct {
		name, variable string
		port           int
	}{{"AMQP", "amqpSettings__enabled", 5671}, {"MQTT", "mqttSettings__enabled", 8883},
		{"HTTP", "httpSettings__enabled", 443}} {
		if l.m.Hub == nil || !strings.EqualFold(l.m.Hub.variableValue(h.variable), "false") {
			continue
		}
		for _, b := range bindings(l.m.Hub.hostConfig()) {
			if b.inside == h.port {
				l.fault(RuleHeads, report.SeverityWarning, l.m.Hub.options.origin(b.at), "edgeHub",
					"the %s head is off, and its port %d is published", h.name, h.port)
			}
		}
	}
}

func (l *linter) performance(p Profile) {
	x := l.m.Hub
	if p != Constrained || x == nil || x.pending("OptimizeForPerformance") ||
		strings.EqualFold(x.variableValue("OptimizeForPerformance"), "false") {
		return
	}
	l.fault(RulePerformance, report.SeverityWarning, x.key.KeyStart, x.Name, "OptimizeForPerformance is not false")
}

// variableValue is the value that the container gets: createOptions.Env wins over env.
func (x *Module) variableValue(name string) string {
	value := ""
	for _, v := range x.Find(name) { // those of env first
		value = v.Value
	}
	return value
}

// binding is a published port of the container, and where createOptions says so.
type binding struct{ inside, at int }

func bindings(host *jsonedit.Node) []binding {
	n := host.Fold("PortBindings")
	if n == nil {
		return nil
	}
	var out []binding
	for _, m := range n.Members {
		port, _, _ := strings.Cut(m.Key, "/")
		if inside, err := strconv.Atoi(port); err == nil && len(m.Value.Items) > 0 {
			out = append(out, binding{inside, m.KeyStart})
		}
	}
	return out
}

// mount is a place of the container that lies outside of it.
type mount struct{ source, destination string }

// mounts reads Binds and Mounts. What lies in memory is none.
func mounts(host *jsonedit.Node) []mount {
	var out []mount
	for _, b := range items(host.Fold("Binds")) {
		if p := strings.Split(b, ":"); len(p) > 1 {
			out = append(out, mount{p[0], p[1]})
		}
	}
	if n := host.Fold("Mounts"); n != nil {
		for _, m := range n.Items {
			if word(m.Fold("Type")) != "tmpfs" {
				out = append(out, mount{word(m.Fold("Source")), word(m.Fold("Target"))})
			}
		}
	}
	return out
}

// items are the strings of an array.
func items(n *jsonedit.Node) []string {
	var out []string
	if n != nil {
		for _, i := range n.Items {
			if i.Kind == jsonedit.String {
				out = append(out, i.Text)
			}
		}
	}
	return out
}

// word is the text of a string.
func word(n *jsonedit.Node) string {
	if n == nil || n.Kind != jsonedit.String {
		return ""
	}
	return n.Text
}

// number is a whole number, cut to what an int holds.
func number(n *jsonedit.Node) (int, bool) {
	if n == nil || n.Kind != jsonedit.Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	return int(max(-1<<40, min(f, 1<<40))), err == nil
}

// compact is the size of a value as it is sent.
func compact(doc *jsonedit.Document, n *jsonedit.Node) int {
	var b bytes.Buffer
	if json.Compact(&b, doc.Text[n.Start:n.End]) != nil {
		return n.End - n.Start
	}
	return b.Len()
}
