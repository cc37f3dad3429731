package device

import (
	"fmt"
	"strings"

	"edgenet/internal/lazyregexp"
)

// The parsers' reasons quote the file, which may hold a key, and name the place where
// they gave up, which may be far behind the cause. What follows says it in own words
// where the text shows the cause, and else keeps the reason without what it quotes.

// quoted is what a reason quotes: '…', "…", `…`, and a character by its number. An
// apostrophe inside a word is none.
var quoted = lazyregexp.New("(^|[^A-Za-z])(\"[^\"]*\"?|'[^']*'?|`[^`]*`?|U\\+[0-9A-F]+)")

// signs are the single characters that parsers quote and that hold nothing.
var signs = strings.NewReplacer("U+003D '='", "=", "U+000A", "the line's end", "','", "a comma", "'}'", "}", "']'", "]",
	"'['", "[", "':'", "a colon", "'='", "=", "'\"'", "a double quote")

var blanks = lazyregexp.New(`\s+`)

// harmless is a parser's reason without what it quotes, and still a sentence.
func harmless(said string) string {
	said = strings.TrimPrefix(said, "toml: ")
	said, _, _ = strings.Cut(said, "\n")
	said = quoted().ReplaceAllString(signs.Replace(said), "$1…")
	return strings.Trim(blanks().ReplaceAllString(said, " "), " :")
}

// tomlCause says why TOML stops at a place.
func tomlCause(text []byte, line, col int, err error) string {
	at := lineOfText(text, line)
	rest := ""
	if col-1 < len(at) && col > 0 {
		rest = strings.TrimLeft(at[col-1:], " \t")
	}
	switch {
	case strings.HasPrefix(rest, ":"):
		return "there is a colon after the key: TOML wants key = \"value\""
	case strings.ContainsAny(at, "“”„‘’"):
		return "there are typographic quotes: TOML knows \" and ' alone"
	}
	return harmless(err.Error())
}

func lineOfText(text []byte, line int) string {
	n := 1
	for l := range strings.SplitSeq(string(text), "\n") {
		if n == line {
			return strings.TrimSuffix(l, "\r")
		}
		n++
	}
	return ""
}

// yamlCause finds what breaks a YAML file by its indents, and where; line 0 means that
// they show nothing.
func yamlCause(text []byte) (line int, reason string) {
	first, firstIndent := 0, 0
	n := 0
	for l := range strings.SplitSeq(string(text), "\n") {
		n++
		indent := len(l) - len(strings.TrimLeft(l, " \t"))
		body := strings.TrimSpace(l)
		if body == "" || strings.HasPrefix(body, "#") || body == "---" {
			continue
		}
		if strings.Contains(l[:indent], "\t") {
			return n, "a tab stands before the key: YAML is indented by spaces alone"
		}
		if first == 0 {
			first, firstIndent = n, indent
		}
		if indent < firstIndent {
			return first, fmt.Sprintf("the line is indented by %s, and line %d of the same level is not: keys of the "+
				"top level have no indent", countSpaces(firstIndent-indent), n)
		}
	}
	return 0, ""
}

func countSpaces(n int) string {
	if n == 1 {
		return "a space"
	}
	return fmt.Sprintf("%d spaces", n)
}
