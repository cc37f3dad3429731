package generate

import (
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// mergeTOML sets keys of [agent.env] line by line, comments and all else kept. It is
// proven by reading both: the result has the new values and is the same in everything
// else; where that does not hold (an inline table, dotted keys, an odd layout) ok is
// false.
func mergeTOML(text string, vars []pair) (out string, ok bool) {
	newline := "\n"
	if strings.Contains(text, "\r\n") {
		newline = "\r\n"
	}
	lines := strings.SplitAfter(text, "\n")
	begin, end := section(lines)
	if begin < 0 {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += newline
		}
		out = text + newline + "[agent.env]" + newline + assignments(vars, newline)
		return out, proven(text, out, vars)
	}
	var b strings.Builder
	done := map[string]bool{}
	for i, l := range lines {
		if i == end { // behind the section's last line that says something
			b.WriteString(rest(vars, done, newline))
		}
		if v, found := assigns(l, vars); found && i > begin && i < end {
			if !done[v.key] {
				b.WriteString(assignments([]pair{v}, newline))
				done[v.key] = true
			}
			continue
		}
		if b.WriteString(l); i == begin && !strings.HasSuffix(l, "\n") {
			b.WriteString(newline)
		}
	}
	if end >= len(lines) {
		if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
			b.WriteString(newline)
		}
		b.WriteString(rest(vars, done, newline))
	}
	return b.String(), proven(text, b.String(), vars)
}

// section finds [agent.env]: its heading, and the line behind its last line that is
// neither empty nor a comment.
func section(lines []string) (begin, end int) {
	begin = -1
	for i, l := range lines {
		t := strings.TrimSpace(l)
		head, _, _ := strings.Cut(t, "#")
		head = strings.ReplaceAll(strings.TrimSpace(head), " ", "")
		switch {
		case begin < 0 && (head == "[agent.env]" || head == `[agent."env"]`):
			begin, end = i, i+1
		case begin >= 0 && strings.HasPrefix(t, "["):
			return begin, end
		case begin >= 0 && t != "" && !strings.HasPrefix(t, "#"):
			end = i + 1
		}
	}
	return begin, end
}

// assigns tells whether a line sets one of the variables, in any case of its name.
func assigns(line string, vars []pair) (pair, bool) {
	key, _, ok := strings.Cut(line, "=")
	key = strings.Trim(strings.TrimSpace(key), `"'`)
	for _, v := range vars {
		if ok && strings.EqualFold(key, v.key) {
			return v, true
		}
	}
	return pair{}, false
}

func rest(vars []pair, done map[string]bool, newline string) string {
	var out []pair
	for _, v := range vars {
		if !done[v.key] {
			out = append(out, v)
		}
	}
	return assignments(out, newline)
}

func assignments(vars []pair, newline string) string {
	var b strings.Builder
	for _, v := range vars {
		fmt.Fprintf(&b, "%s = %s%s", v.key, quote(v.value), newline)
	}
	return b.String()
}

// proven reads both texts and compares them without the variables.
func proven(before, after string, vars []pair) bool {
	var x, y map[string]any
	if toml.Unmarshal([]byte(before), &x) != nil || toml.Unmarshal([]byte(after), &y) != nil {
		return false
	}
	env := agentEnv(y)
	for _, v := range vars {
		if env[v.key] != v.value {
			return false
		}
	}
	for _, m := range []map[string]any{x, y} {
		e := agentEnv(m)
		maps.DeleteFunc(e, func(k string, _ any) bool {
			_, mine := assigns(k+"=", vars)
			return mine
		})
		if a, ok := m["agent"].(map[string]any); ok && len(e) == 0 {
			delete(a, "env")
			if len(a) == 0 {
				delete(m, "agent")
			}
		}
	}
	return reflect.DeepEqual(x, y)
}

func agentEnv(m map[string]any) map[string]any {
	a, _ := m["agent"].(map[string]any)
	e, _ := a["env"].(map[string]any)
	return e
}
