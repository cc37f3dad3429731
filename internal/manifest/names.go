package manifest

import (
	"fmt"
	"strings"
	"unicode"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
	"edgenet/report"
)

// moduleName is what the published schema of deployments allows.
var moduleName = lazyregexp.New(`^[a-zA-Z0-9_-]{1,128}$`)

// names judges the keys of desired properties by what a twin takes, and the modules' names
// by the schema of deployments.
func (l *linter) names() {
	m := l.m
	if m.form.content == nil {
		l.keys(m.desired, "")
	} else {
		for _, x := range m.form.content.Members {
			if path, _ := desired(x.Value); path != nil {
				l.keys(path[len(path)-1], x.Key)
			}
		}
	}
	for _, x := range m.Modules {
		if name := x.Name; !moduleName().MatchString(name) && forbidden(name) == "" && !isPlaceholder(name) {
			l.add(RuleName, report.SeverityWarning, x.key.KeyStart, name,
				fmt.Sprintf("the name %q is outside of letters, digits, - and _: tools that go by the schema refuse it",
					secret.Show(name, 60)), "Use letters, digits, - and _ alone, 128 at most.")
		}
	}
}

// keys goes through desired properties. createOptions that is still an object becomes a
// string on its way, and $metadata and $version are the twin's own.
func (l *linter) keys(n *jsonedit.Node, module string) {
	for _, k := range n.Members {
		if k.Key == "$metadata" || k.Key == "$version" || strings.Contains(strings.ToLower(k.Key), optionsKey) {
			continue
		}
		if what := forbidden(k.Key); what != "" && !isPlaceholder(k.Key) {
			l.add(RuleName, report.SeverityError, k.KeyStart, module,
				fmt.Sprintf("the key %q holds %s, which no twin takes: IoT Hub refuses the deployment",
					secret.Show(k.Key, 60), what), "Use letters, digits, - and _.")
		}
		l.keys(k.Value, module)
	}
	for _, i := range n.Items {
		l.keys(i, module)
	}
}

// forbidden names the character of a key that no twin takes, empty where there is none.
func forbidden(key string) string {
	for _, r := range key {
		switch {
		case r == '.':
			return "a dot"
		case r == ' ':
			return "a blank"
		case r == '$':
			return "a $"
		case unicode.IsControl(r):
			return "a control character"
		}
	}
	if key == "" {
		return "nothing"
	}
	return ""
}
