package device

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// assignment is a variable that a unit or an environment file sets.
type assignment struct {
	name, value, file string
	line              int
	lost, note        string
	loss              Loss // the kind of lost, where it is one that others ask for
}

func (a assignment) where() string { return fmt.Sprintf("%s:%d", a.file, a.line) }

// envFileRef is an EnvironmentFile= line.
type envFileRef struct {
	path, file string
	line       int
	optional   bool
}

// unitEnv gathers the environment of one service from its files, in systemd's order.
type unitEnv struct {
	vars       []assignment
	files      []envFileRef
	unset      []string
	specifiers map[byte]string
}

// read takes a unit file, a drop-in or system.conf: only [Service] and [Manager] matter,
// lines may go on behind a backslash, comments between them are skipped
// (systemd.syntax(7), systemd-system.conf(5)). At a section's name that does not end, and at a line
// that is not UTF-8, systemd stops: what stood before it in a drop-in counts, and a unit's own file
// is refused.
func (u *unitEnv) read(file, text string) error {
	section := ""
	for _, l := range logicalLines(text) {
		if !utf8.ValidString(l.text) {
			return fmt.Errorf("systemd reads no further than line %d, which is not UTF-8", l.number)
		}
		if s := strings.Trim(l.text, unitBlanks); strings.HasPrefix(s, "[") {
			if !strings.HasSuffix(s, "]") {
				return fmt.Errorf("systemd reads no further than line %d: the name of a section does not end with ]",
					l.number)
			}
			section = s
			continue
		}
		key, value, ok := strings.Cut(l.text, "=")
		key, value = strings.Trim(key, unitBlanks), strings.Trim(value, unitBlanks)
		switch {
		case !ok:
		case section == "[Service]":
			u.assign(key, value, file, l.number)
		case section == "[Manager]" && key == "DefaultEnvironment": // of system.conf
			u.assign("Environment", value, file, l.number)
		}
	}
	return nil
}

// unitBlanks are what systemd takes for white space (WHITESPACE of its string-util.h).
const unitBlanks = " \t\n\r"

func (u *unitEnv) assign(key, value, file string, line int) {
	switch key {
	case "Environment":
		if value == "" {
			for i := range u.vars {
				if u.vars[i].lost == "" {
					u.vars[i].lost = fmt.Sprintf("reset by the empty Environment= in %s:%d", file, line)
				}
			}
			return
		}
		u.environment(value, file, line)
	case "EnvironmentFile":
		if value == "" {
			u.files = nil
			return
		}
		ref := envFileRef{path: value, file: file, line: line}
		ref.path, ref.optional = strings.CutPrefix(value, "-")
		ref.path, _ = expand(ref.path, u.specifiers)
		u.files = append(u.files, ref)
	case "UnsetEnvironment":
		if value == "" {
			u.unset = nil
			return
		}
		words, _ := unitWords(value)
		for _, w := range words {
			w, _ = expand(w, u.specifiers)
			u.unset = append(u.unset, w)
		}
	}
}

// environment reads one Environment= line as systemd does: words with quotes and C
// escapes, then % specifiers, then NAME=value. What systemd ignores it ignores without a
// word to the user; here it is kept with the reason.
func (u *unitEnv) environment(value, file string, line int) {
	words, err := unitWords(value)
	for _, w := range words {
		name, _, ok := strings.Cut(w, "=")
		a := assignment{name: name, file: file, line: line}
		expanded, bad := expand(w, u.specifiers)
		switch {
		case !ok || !validName(name):
			a.lost, a.loss = "systemd ignores it: not NAME=value", LossSystemd
			if !ok {
				continue
			}
		case !utf8.ValidString(expanded):
			a.lost, a.loss = "systemd ignores it: the value is not UTF-8", LossSystemd
		case bad != "":
			a.lost = fmt.Sprintf("systemd ignores the whole assignment for %s: a %% has to be written %%%%", bad)
			a.loss = LossSystemd
		}
		_, a.value, _ = strings.Cut(expanded, "=")
		if bad != "" {
			_, a.value, _ = strings.Cut(w, "=")
		}
		if a.lost == "" && expanded != strings.ReplaceAll(w, "%%", "%") {
			a.note = "systemd puts something else in place of a % and the letter behind it: write %%"
		}
		u.vars = append(u.vars, a)
	}
	if err != nil {
		u.vars = append(u.vars, lostWords(value, file, line, err)...)
	}
}

// lostWords finds the variables in a part of a line that systemd refuses.
func lostWords(value, file string, line int, err error) []assignment {
	var out []assignment
	for _, w := range strings.Fields(value) {
		name, v, ok := strings.Cut(strings.Trim(w, `"'`), "=")
		if _, known := variable(name); ok && known {
			out = append(out, assignment{name: name, value: strings.Trim(v, `"'`), file: file, line: line,
				lost: "systemd ignores it: " + err.Error(), loss: LossSystemd})
		}
	}
	return out
}

func validName(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// logicalLine is a line with those that continue it.
type logicalLine struct {
	text   string
	number int
}

// byteOrderMark is skipped once in a file, on whatever line it stands (config_parse of systemd).
const byteOrderMark = "\ufeff"

func logicalLines(text string) []logicalLine {
	var out []logicalLine
	var b strings.Builder
	start, going, marked := 0, false, false
	for i, l := range unitFileLines(text) {
		t := strings.TrimLeft(l, unitBlanks)
		if strings.HasPrefix(t, "#") || strings.HasPrefix(t, ";") { // between continued lines too
			continue
		}
		if !marked && strings.HasPrefix(l, byteOrderMark) {
			l, marked = strings.TrimPrefix(l, byteOrderMark), true
		}
		if !going {
			b.Reset()
			start = i + 1
			l = strings.TrimLeft(l, unitBlanks)
		}
		going = endsWithBackslash(l)
		if going {
			l = l[:len(l)-1] + " "
		}
		b.WriteString(l)
		if t := b.String(); !going && (t == "" || strings.IndexByte("#;", t[0]) < 0) {
			out = append(out, logicalLine{t, start})
		}
	}
	if going {
		out = append(out, logicalLine{b.String(), start})
	}
	return out
}

// unitFileLines cuts a text as systemd does (read_line_full): at a line feed, at a carriage return,
// at a zero byte, and at the first two next to each other as one.
func unitFileLines(text string) []string {
	var out []string
	for {
		i := strings.IndexAny(text, "\n\r\x00")
		if i < 0 {
			return append(out, text)
		}
		out = append(out, text[:i])
		first := text[i]
		text = text[i+1:]
		if first != 0 && text != "" && text[0] != first && (text[0] == '\n' || text[0] == '\r') {
			text = text[1:]
		}
	}
}

// endsWithBackslash: an odd number of them continues the line, an even one is escapes.
func endsWithBackslash(l string) bool {
	n := len(l) - len(strings.TrimRight(l, `\`))
	return n%2 == 1
}
