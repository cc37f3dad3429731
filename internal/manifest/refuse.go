package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
	"edgenet/report"
)

// What edgeAgent refuses, it refuses whole: the rules below follow its classes
// (DeploymentConfig.cs, DockerRuntimeInfo.cs, RegistryCredentials.cs, DockerModule.cs,
// EdgeHubDockerModule.cs, DockerDesiredModule.cs, EnvVal.cs) as Newtonsoft.Json fills them:
// members in any case, numbers and truth values where texts are wanted, null as if it were
// not there, since a twin holds none.

func (l *linter) refuse(at int, module, summary, remedy string) {
	l.add(RuleRefused, report.SeverityError, at, module, summary+": edgeAgent refuses the whole deployment", remedy)
}

// refusals judges what stands around the modules.
func (l *linter) refusals() {
	d := l.m.desired
	l.schemaVersion(d)
	l.runtime(d)
	if n := there(d.Fold("systemModules")); n == nil {
		l.refuse(d.Start, "", "systemModules is missing", "Add systemModules with edgeAgent and edgeHub.")
	} else if n.Kind != jsonedit.Object {
		l.refuse(n.Start, "", "systemModules is "+n.Kind.String(), "Write it as an object.")
	} else {
		for _, name := range []string{"edgeAgent", "edgeHub"} {
			if x := there(n.Fold(name)); x != nil && x.Kind != jsonedit.Object {
				l.refuse(x.Start, name, "it is "+x.Kind.String(), "Write it as an object.")
			}
		}
	}
	if n := there(d.Fold("modules")); n != nil && n.Kind != jsonedit.Object {
		l.refuse(n.Start, "", "modules is "+n.Kind.String(), "Write it as an object.")
	} else if n != nil {
		l.moduleTable(n)
	}
	l.edgeHub()
}

// moduleTable judges the entries of modules that are none, and the names that the system
// modules have already.
func (l *linter) moduleTable(n *jsonedit.Node) {
	for _, m := range n.Members {
		switch {
		case m.Value.Kind == jsonedit.Null:
		case m.Value.Kind == jsonedit.String && isPlaceholder(m.Value.Text):
		case m.Value.Kind != jsonedit.Object:
			l.refuse(m.KeyStart, m.Key, "the module is "+m.Value.Kind.String(), "Write it as an object.")
		case m.Key == "edgeAgent" || m.Key == "edgeHub":
			l.refuse(m.KeyStart, m.Key, "a module has the name of a system module",
				"Move it to systemModules, or give it another name.")
		}
	}
}

// there is a node, nil where it is null: a twin holds none.
func there(n *jsonedit.Node) *jsonedit.Node {
	if n == nil || n.Kind == jsonedit.Null {
		return nil
	}
	return n
}

// text is what Newtonsoft makes of a value where a text is wanted; false: it makes none.
func text(n *jsonedit.Node) (string, bool) {
	switch n.Kind {
	case jsonedit.String, jsonedit.Number, jsonedit.Bool:
		return n.Text, true
	}
	return "", false
}

// schemaVersion: major version 1, and not above 1.1.0 (EdgeAgentConnection.cs).
func (l *linter) schemaVersion(d *jsonedit.Node) {
	const remedy = `Write "1.1", or "1.0" for runtimes before 1.0.10.`
	n := there(d.Fold("schemaVersion"))
	if n == nil {
		l.refuse(d.Start, "", "schemaVersion is missing", remedy)
		return
	}
	s, ok := text(n)
	v, isVersion := parseVersion(s)
	switch {
	case isPlaceholder(s):
	case !ok || !isVersion:
		l.refuse(n.Start, "", fmt.Sprintf("schemaVersion %q is no version", secret.Show(s, 20)), remedy)
	case v[0] != 1 || v.above(version{1, 1, 0, -1}):
		l.refuse(n.Start, "", fmt.Sprintf("schemaVersion %s is not among 1.0 to 1.1", secret.Show(s, 20)), remedy)
	}
}

// version is .NET's System.Version: parts that are not given are -1.
type version [4]int

func parseVersion(s string) (version, bool) {
	v := version{-1, -1, -1, -1}
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 4 {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil || n < 0 || n > 1<<31-1 {
			return v, false
		}
		v[i] = n
	}
	return v, true
}

func (v version) above(o version) bool {
	for i := range v {
		if v[i] != o[i] {
			return v[i] > o[i]
		}
	}
	return false
}

func (l *linter) runtime(d *jsonedit.Node) {
	n := there(d.Fold("runtime"))
	if n == nil {
		l.refuse(d.Start, "", "runtime is missing",
			`Add "runtime": {"type": "docker", "settings": {"minDockerVersion": "v1.25"}}.`)
		return
	}
	if n.Kind != jsonedit.Object {
		if !pendingNode(n) {
			l.refuse(n.Start, "", "runtime is "+n.Kind.String(), `Write it as {"type": "docker", "settings": {}}.`)
		}
		return
	}
	l.dockerType(n, n.Start, "", "runtime")
	s := there(n.Fold("settings"))
	if s == nil {
		return
	}
	if s.Kind != jsonedit.Object {
		if !pendingNode(s) {
			l.refuse(s.Start, "", "settings of runtime is "+s.Kind.String(), "Write it as an object.")
		}
		return
	}
	l.credentials(there(s.Fold("registryCredentials")))
}

func pendingNode(n *jsonedit.Node) bool { return n.Kind == jsonedit.String && isPlaceholder(n.Text) }

// dockerType: the one type that there is, in this spelling.
func (l *linter) dockerType(n *jsonedit.Node, at int, module, what string) {
	t := there(n.Fold("type"))
	if t == nil {
		l.refuse(at, module, what+" has no type", `Add "type": "docker".`)
		return
	}
	if s, ok := text(t); !ok || s != "docker" && !isPlaceholder(s) {
		l.refuse(t.Start, module, fmt.Sprintf("type %q of %s is unknown", secret.Show(s, 40), what), `Write "docker".`)
	}
}

// credentials: each needs address, user name and password, and none may be empty.
func (l *linter) credentials(n *jsonedit.Node) {
	if n == nil {
		return
	}
	if n.Kind != jsonedit.Object {
		if !pendingNode(n) {
			l.refuse(n.Start, "", "registryCredentials is "+n.Kind.String(), "Write it as an object of objects.")
		}
		return
	}
	for _, c := range n.Members {
		if c.Value.Kind == jsonedit.Null || pendingNode(c.Value) {
			continue
		}
		if c.Value.Kind != jsonedit.Object {
			l.refuse(c.KeyStart, "", "the credentials are "+c.Value.Kind.String(),
				"Write address, username and password.")
			continue
		}
		for _, k := range []string{"address", "username", "password"} {
			v := there(c.Value.Fold(k))
			if v == nil {
				l.refuse(c.KeyStart, "", "registry credentials without "+k, "Add "+k+", or take the entry out.")
			} else if s, ok := text(v); !ok || strings.TrimSpace(s) == "" {
				l.refuse(v.Start, "", k+" of registry credentials is empty or no text",
					"Fill it in, or take the entry out.")
			}
		}
	}
}

// edgeHub judges the section of edgeHub, which edgeHub refuses by itself
// (EdgeHubConfigParser.cs).
func (l *linter) edgeHub() {
	path := l.m.properties("$edgeHub")
	if path == nil {
		return
	}
	d := path[len(path)-1]
	if len(d.Members) == 0 {
		return // nothing is deployed to it
	}
	const remedy = `Write "1.1", or up to "1.3" where edgeHub is new enough.`
	refuse := func(at int, summary, remedy string) {
		l.add(RuleRefused, report.SeverityError, at, "$edgeHub", summary+": edgeHub refuses its configuration", remedy)
	}
	n := there(d.Fold("schemaVersion"))
	if n == nil {
		refuse(d.Start, "schemaVersion is missing", remedy)
		return
	}
	s, ok := text(n)
	v, isVersion := parseVersion(s)
	switch {
	case isPlaceholder(s):
		return
	case !ok || !isVersion || v[0] != 1 || v[1] > 3:
		refuse(n.Start, fmt.Sprintf("schemaVersion %q is not among 1.0 to 1.3", secret.Show(s, 20)), remedy)
		return
	}
	if r := there(d.Fold("routes")); r != nil && r.Kind != jsonedit.Object && !pendingNode(r) {
		refuse(r.Start, "routes is "+r.Kind.String(), "Write it as an object.")
	} else if r == nil && v[1] >= 1 {
		refuse(d.Start, "routes is missing", `Add "routes": {}.`)
	}
	if r := there(d.Fold("storeAndForwardConfiguration")); r == nil {
		refuse(d.Start, "storeAndForwardConfiguration is missing",
			`Add "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}.`)
	} else if r.Kind != jsonedit.Object && !pendingNode(r) {
		refuse(r.Start, "storeAndForwardConfiguration is "+r.Kind.String(), "Write it as an object.")
	}
}

// inRange tells whether a number, or a text of digits, is a whole one between bounds.
func inRange(n *jsonedit.Node, low, high int64) bool {
	s, ok := text(n)
	if !ok || n.Kind == jsonedit.Bool {
		return false
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil && x >= float64(low) && x <= float64(high)
}
