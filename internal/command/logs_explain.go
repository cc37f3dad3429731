//go:build !device

package command

import (
	"fmt"
	"io"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/logs/pattern"
)

// maxSayings is how many lines of logs explain names.
const maxSayings = 6

// sayLogs prints that.
func sayLogs(con *console.Console, code string) error {
	_, err := io.WriteString(con.Stdout, logsSay(code))
	return err
}

// logsSay tells how a cause or a finding looks in the runtime's own logs; empty where it never
// shows there.
func logsSay(code string) string {
	if _, plain, ok := strings.Cut(code, "/"); ok {
		code = plain
	}
	list := pattern.Says(strings.ToLower(strings.TrimSpace(code)))
	if len(list) == 0 {
		return ""
	}
	words := map[pattern.Certainty]string{pattern.Proves: "proves it", pattern.Suggests: "suggests it",
		pattern.Narrows: "fits, as other causes do"}
	var b strings.Builder
	b.WriteString("\nWhat the runtime's log says then (edgenet logs reads it)\n")
	for i, s := range list {
		if i == maxSayings {
			fmt.Fprintf(&b, "  and %d more\n", len(list)-i)
			break
		}
		fmt.Fprintf(&b, "  %s: %q %s\n", s.By, s.Text, words[s.Certainty])
	}
	return b.String()
}
