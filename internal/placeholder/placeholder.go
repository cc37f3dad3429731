// Package placeholder knows the marks that templates have where a value belongs, so that
// nothing judges a text that nobody has filled in yet. In is the entry point.
package placeholder

import (
	"strings"

	"edgenet/internal/lazyregexp"
)

// pattern: ${NAME}, $name as a whole text, $NAME anywhere, <name>, {{ name }}, {name}, #{NAME}#, %NAME%,
// __NAME__, @@name@@, [your …], and the expressions of ARM templates.
var pattern = lazyregexp.New(`\$\{[^}]*\}|^\$[A-Za-z_][A-Za-z0-9_.]*$|\$[A-Z][A-Z0-9_]+|<[A-Za-z][^<>]*>|\{\{.*\}\}|\{[A-Za-z_ -]+\}|#\{[^}]*\}#` +
	`|^%[A-Za-z_][A-Za-z0-9_]*%$|^__[A-Za-z0-9_]+__$|@@[A-Za-z0-9_.-]+@@|(?i:\[\s*your[^\]]*\])|^\[(?:parameters|variables|concat|format|reference)\(.*\)\]$`)

// upstream is a name of the runtime's own, and no placeholder.
const upstream = "$upstream"

// maxText bounds what is searched for every kind; longer texts are documents, in which only
// the commonest is looked for.
const maxText = 16 << 10

// In tells whether a text is a placeholder, or holds one.
func In(text string) bool {
	switch {
	case !strings.ContainsAny(text, "$<{#%_@["), text == upstream:
		return false
	case len(text) > maxText:
		return strings.Contains(text, "${")
	}
	return pattern().MatchString(text)
}
