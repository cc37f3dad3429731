package build

import _ "unsafe" // for go:linkname

// moduleInfo is what runtime/debug.ReadBuildInfo reads: the lines that the go command leaves in every
// binary. The package runtime/debug is set up after most others, because of what it imports, and so is
// whoever imports it, or strings. A version of Go without this symbol does not link the program.
//
//go:linkname moduleInfo runtime/debug.modinfo
func moduleInfo() string

// marks are how many bytes stand before and behind the lines.
const marks = 16

// stamped are the facts of those lines. What the go command puts in quotes is none of them.
func stamped(info string) (f Facts) {
	if len(info) < 2*marks {
		return f
	}
	changed := false
	for line, rest := cut(info[marks:len(info)-marks], '\n'); line != ""; line, rest = cut(rest, '\n') {
		switch kind, what := cut(line, '\t'); kind {
		case "mod":
			_, what = cut(what, '\t') // its path
			f.Version, _ = cut(what, '\t')
		case "build":
			switch key, value := cut(what, '='); key {
			case "vcs.revision":
				f.Commit = value
			case "vcs.time":
				f.Date = value
			case "vcs.modified":
				changed = value == "true"
			}
		}
	}
	if changed && f.Commit != "" {
		f.Commit += "+changes"
	}
	if f.Version == "(devel)" {
		f.Version = ""
	}
	return f
}

// cut is strings.Cut at a byte.
func cut(s string, at byte) (before, after string) {
	for i := range len(s) {
		if s[i] == at {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
