package manifest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
	"edgenet/report"
)

// module judges what edgeAgent makes of one module.
func (l *linter) module(x *Module) {
	n := x.node()
	if x.layered {
		if there(n.Fold("type")) != nil {
			l.dockerType(n, x.key.KeyStart, x.Name, "the module")
		}
	} else {
		l.dockerType(n, x.key.KeyStart, x.Name, "the module")
	}
	l.settings(x, n)
	l.env(x, n)
	l.status(x, n)
	l.enum(x, n, "imagePullPolicy", pullPolicies)
	if o := there(n.Fold("startupOrder")); o != nil && !pendingNode(o) && x != l.m.Agent &&
		!inRange(o, 0, math.MaxUint32) {
		l.refuse(o.Start, x.Name, "startupOrder is no whole number from 0 to 4294967295", "Write one.")
	}
	if v := there(n.Fold("version")); v != nil {
		if _, ok := text(v); !ok {
			l.refuse(v.Start, x.Name, "version is "+v.Kind.String(), "Write it as a text.")
		}
	}
}

// image is the runtime's own pattern (DockerConfig.cs).
var image = lazyregexp.New(`^([^/]*/)*[^/:]+(:[^/:]+)?$`)

// upstreamImage is what the runtime takes for an image of the parent
// (NestedEdgeParentUrlParser.cs).
var upstreamImage = lazyregexp.New(`\$upstream:[1-9]`)

func (l *linter) settings(x *Module, n *jsonedit.Node) {
	s := there(n.Fold("settings"))
	switch {
	case s == nil && x.layered:
		return
	case s == nil:
		l.refuse(x.key.KeyStart, x.Name, "settings is missing",
			`Add "settings": {"image": "…", "createOptions": "{}"}.`)
		return
	case s.Kind != jsonedit.Object:
		if !pendingNode(s) {
			l.refuse(s.Start, x.Name, "settings is "+s.Kind.String(), "Write it as an object.")
		}
		return
	}
	i := there(s.Fold("image"))
	if i == nil {
		if !x.layered {
			l.refuse(s.Start, x.Name, "image is missing", `Add "image" to settings.`)
		}
		return
	}
	name, ok := text(i)
	name = strings.TrimSpace(name)
	switch {
	case !ok || name == "":
		l.refuse(i.Start, x.Name, "image is empty or no text", "Write the image's name.")
	case strings.HasPrefix(name, "$upstream"):
		if !upstreamImage().MatchString(name) {
			l.refuse(i.Start, x.Name, "an image of the parent needs the parent's port", "Write $upstream:443/NAME.")
		}
	case isPlaceholder(name):
	case name[0] == '$' || !image().MatchString(name):
		l.refuse(i.Start, x.Name, fmt.Sprintf("image %q is no name of an image", secret.Show(name, 80)),
			"Write REGISTRY/NAME:TAG.")
	}
}

// env: every variable is an object with a value that is no object.
func (l *linter) env(x *Module, n *jsonedit.Node) {
	env := there(n.Fold("env"))
	if env == nil || pendingNode(env) {
		return
	}
	if env.Kind != jsonedit.Object {
		l.refuse(env.Start, x.Name, "env is "+env.Kind.String(), `Write it as {"NAME": {"value": "…"}}.`)
		return
	}
	for _, v := range env.Members {
		shown := secret.Show(v.Key, 60)
		switch v.Value.Kind {
		case jsonedit.Null:
		case jsonedit.Object:
			if value := there(v.Value.Fold("value")); value != nil {
				if _, ok := text(value); !ok {
					l.refuse(v.KeyStart, x.Name, fmt.Sprintf("the value of %s is %s", shown, value.Kind),
						"Write it as a text; JSON goes into a string.")
				}
			}
		default:
			if pendingNode(v.Value) && strings.HasPrefix(strings.TrimSpace(v.Value.Text), "{") {
				continue // a placeholder for the whole object
			}
			l.refuse(v.KeyStart, x.Name, fmt.Sprintf("%s is %s, and no object with a value", shown, v.Value.Kind),
				fmt.Sprintf(`Write "%s": {"value": "…"}.`, shown))
		}
	}
}

// enum is a type of the runtime with the names that Newtonsoft takes for its values: those
// of the contract, those of the source, and their numbers.
type enum struct {
	names, own []string
}

var (
	statuses        = enum{[]string{"unknown", "backoff", "running", "unhealthy", "stopped", "failed", "dead"}, nil}
	restartPolicies = enum{[]string{"never", "on-failure", "on-unhealthy", "always", "unknown"},
		[]string{"OnFailure", "OnUnhealthy"}}
	pullPolicies = enum{[]string{"on-create", "never"}, []string{"OnCreate"}}
)

func (e enum) takes(n *jsonedit.Node) bool {
	s, ok := text(n)
	if !ok || n.Kind == jsonedit.Bool {
		return false
	}
	s = strings.TrimSpace(s)
	if strings.Contains(s, ",") {
		return true // several names at once, which .NET adds up: nobody's intention, and not judged
	}
	if i, err := strconv.Atoi(s); err == nil {
		return i >= 0 && i < len(e.names)
	}
	return slices.ContainsFunc(append(e.names, e.own...), func(name string) bool { return strings.EqualFold(name, s) })
}

// enum judges a member of a module; of edgeAgent's own the runtime uses neither status nor
// restartPolicy.
func (l *linter) enum(x *Module, n *jsonedit.Node, key string, e enum) {
	v := there(n.Fold(key))
	if v == nil || pendingNode(v) || e.takes(v) {
		return
	}
	s, _ := text(v)
	l.refuse(v.Start, x.Name, fmt.Sprintf("%s %q is unknown", key, secret.Show(s, 40)),
		"Write one of "+strings.Join(e.names[:len(e.names)-e.hidden()], ", ")+".")
}

// hidden is how many of the last names nobody should write.
func (e enum) hidden() int {
	if e.names[len(e.names)-1] == "unknown" {
		return 1
	}
	return 0
}

func (l *linter) status(x *Module, n *jsonedit.Node) {
	const remedy = `Write "running" or "stopped".`
	v := there(n.Fold("status"))
	switch {
	case x == l.m.Agent:
		return
	case v == nil && x.layered:
	case v == nil:
		l.refuse(x.key.KeyStart, x.Name, "status is missing", `Add "status": "running".`)
	case pendingNode(v):
	case !statuses.takes(v):
		s, _ := text(v)
		l.refuse(v.Start, x.Name, fmt.Sprintf("status %q is unknown", secret.Show(s, 40)), remedy)
	}
	l.enum(x, n, "restartPolicy", restartPolicies)
}

// options judges createOptions.
func (l *linter) options(x *Module) {
	o := x.options
	if o == nil {
		return
	}
	const remedy = "Write createOptions as a JSON object in a string; what is longer than 512 characters goes on in " +
		"createOptions01 …"
	if o.fault != "" {
		l.add(RuleOptions, report.SeverityError, o.faultAt, x.Name, o.fault+": edgeAgent refuses the whole deployment",
			remedy)
		return
	}
	if o.doc == nil {
		return
	}
	if w := o.doc.Loose; w != nil {
		l.add(RuleOptions, report.SeverityWarning, o.origin(w.At), x.Name,
			fmt.Sprintf("createOptions is no strict JSON (%s): edgeAgent reads it, the portal and other tools may not",
				w.What), "Write it as strict JSON.")
	}
	for _, s := range optionShapes {
		l.shape(x, s)
	}
}

// optionShapes are the members of createOptions that the runtime gives a type to
// (CreateContainerParameters.cs, HostConfig.cs); another one it cannot read.
var optionShapes = []struct {
	path []string
	kind jsonedit.Kind
}{
	{[]string{"Env"}, jsonedit.Array}, {[]string{"ExposedPorts"}, jsonedit.Object}, {[]string{"HostConfig"},
		jsonedit.Object},
	{[]string{"Labels"}, jsonedit.Object}, {[]string{"NetworkingConfig"}, jsonedit.Object},
	{[]string{"HostConfig", "Binds"}, jsonedit.Array}, {[]string{"HostConfig", "Mounts"}, jsonedit.Array},
	{[]string{"HostConfig", "LogConfig"}, jsonedit.Object}, {[]string{"HostConfig", "PortBindings"}, jsonedit.Object},
}

func (l *linter) shape(x *Module, s struct {
	path []string
	kind jsonedit.Kind
}) {
	n := x.options.doc.Root
	for _, k := range s.path {
		if n = there(n.Fold(k)); n == nil {
			return
		}
	}
	if n.Kind != s.kind && !pendingNode(n) {
		l.add(RuleOptions, report.SeverityError, x.options.origin(n.Start), x.Name,
			fmt.Sprintf("%s of createOptions is %s, and the runtime wants %s: edgeAgent refuses the whole deployment",
				strings.Join(s.path, "."), n.Kind, s.kind), "Write it as the engine's API has it.")
	}
}
