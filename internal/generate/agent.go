package generate

import (
	"strings"

	"github.com/pelletier/go-toml/v2"

	"edgenet/internal/lazyregexp"
)

// defaultImage is edgeAgent's where the file names none, not even in a comment: the one of the
// long-term release.
const defaultImage = "mcr.microsoft.com/azureiotedge-agent:1.5"

// commented is the image that the template of this device's own version has in a comment.
var commented = lazyregexp.New(`(?m)^\s*#\s*image\s*=\s*"(mcr\.microsoft\.com/azureiotedge-agent:[\w.-]{1,100})"`)

// agentTable is what has to stand beside [agent.env]: where anything of [agent] is there, the
// runtime takes no defaults for the rest, and `iotedge config apply` refuses the file ("missing
// field `name`"). It is empty where the file has it, or a part of it, which is told by
// device.FaultRefused. ok is false for what cannot be read.
func agentTable(text string) (table string, ok bool) {
	var all struct {
		Agent map[string]any `toml:"agent"`
	}
	if toml.Unmarshal([]byte(text), &all) != nil {
		return "", false
	}
	config, _ := all.Agent["config"].(map[string]any)
	if all.Agent["name"] != nil || all.Agent["type"] != nil || config != nil {
		return "", true
	}
	image := defaultImage
	if m := commented().FindStringSubmatch(text); m != nil {
		image = m[1]
	}
	return "[agent]\nname = \"edgeAgent\"\ntype = \"docker\"\n\n[agent.config]\nimage = " + quote(image) + "\n\n", true
}

// withAgent puts the table before the heading of [agent.env], or at the end.
func withAgent(text, table string) string {
	if table == "" {
		return text
	}
	newline := "\n"
	if strings.Contains(text, "\r\n") {
		newline = "\r\n"
	}
	table = strings.ReplaceAll(table, "\n", newline)
	lines := strings.SplitAfter(text, "\n")
	begin, _ := section(lines)
	if begin < 0 {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += newline
		}
		return text + newline + strings.TrimSuffix(table, newline)
	}
	return strings.Join(lines[:begin], "") + table + strings.Join(lines[begin:], "")
}
