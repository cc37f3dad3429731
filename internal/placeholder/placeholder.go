// Package placeholder knows the marks that templates have where a value belongs, so that
// nothing judges a text that nobody has filled in yet. In is the entry point.
package placeholder

import "regexp"

// pattern: ${NAME}, $name as a whole text, $NAME anywhere, <name>, {{ name }}, {name}, #{NAME}#, %NAME%,
// __NAME__, @@name@@, [your …], and the expressions of ARM templates.
var pattern = regexp.MustCompile(`\$\{[^}]*\}|^\$[A-Za-z_][A-Za-z0-9_.]*$|\$[A-Z][A-Z0-9_]+|<[A-Za-z][^<>]*>|\{\{.*\}\}|\{[A-Za-z_ -]+\}|#\{[^}]*\}#` +
	`|^%[A-Za-z_][A-Za-z0-9_]*%$|^__[A-Za-z0-9_]+__$|@@[A-Za-z0-9_.-]+@@|(?i:\[\s*your[^\]]*\])|^\[(?:parameters|variables|concat|format|reference)\(.*\)\]$`)

// upstream is a name of the runtime's own, and no placeholder.
const upstream = "$upstream"

// In tells whether a text is a placeholder, or holds one.
func In(text string) bool {
	return text != upstream && pattern.MatchString(text)
}
