package show

import (
	"fmt"
	"strings"
	"time"

	"edgenet/internal/practice"
	"edgenet/internal/ready"
)

// RulesMarkdown is docs/ready.md: what every row looks at, when it is fine, and what to do.
func RulesMarkdown() string {
	var b strings.Builder
	b.WriteString(`# The rows of edgenet ready

    sudo edgenet ready
    edgenet ready --offline --manifest deployment.json
    edgenet ready --root /mnt/image -f json

This page is made from the rule table; ` + "`edgenet explain ROW`" + ` says the same offline. A row that could not be
seen is ` + "`unknown`" + ` and says what it needs. One that cannot apply here, or was left out on purpose, is ` + "`skipped`" + `.
What nothing on the device can show is a ` + "`question`" + `. Of two errors, the one whose row stands earlier in the rule
book is the one to act on first.

`)
	for _, g := range ready.Groups() {
		fmt.Fprintf(&b, "## %s\n\n", strings.ToUpper(string(g[:1]))+string(g[1:]))
		for _, r := range ready.Rules() {
			if r.Group == g {
				rule(&b, r)
			}
		}
	}
	fmt.Fprintf(
		&b,
		"## Dated tables\n\nLast compared with their sources on %s. A row that rests on them says so once they are "+
			"older than a year.\n\n",
		ready.DataDate.Format(time.DateOnly),
	)
	b.WriteString("| what | ends | source |\n|---|---|---|\n")
	for _, d := range ready.Dates() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", d.What, d.Ends.Format(time.DateOnly), d.Source)
	}
	b.WriteString("\n| runtime is built for | architectures | source |\n|---|---|---|\n")
	for _, p := range ready.Platforms() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", p.What, strings.Join(p.Arch, ", "), p.Source)
	}
	more(&b)
	return b.String()
}

// more are the tables without an end: tiers of systems, demo certificates, debuggers' ports.
func more(b *strings.Builder) {
	b.WriteString("\n| system | architectures | source |\n|---|---|---|\n")
	for _, p := range ready.Tiers() {
		fmt.Fprintf(b, "| %s | %s | %s |\n", p.What, strings.Join(p.Arch, ", "), p.Source)
	}
	b.WriteString("\n| a certificate of this name is a test script's | source |\n|---|---|\n")
	for _, d := range ready.Demos() {
		fmt.Fprintf(b, "| `%s` | %s |\n", d.Name, d.Source)
	}
	b.WriteString("\n| a debugger's port | debugger | source |\n|---|---|---|\n")
	for _, p := range practice.DebugPorts() {
		fmt.Fprintf(b, "| %d | %s | %s |\n", p.Number, p.Debugger, p.Source)
	}
}

func rule(b *strings.Builder, r ready.Rule) {
	fmt.Fprintf(
		b,
		"### `%s`\n\n- **Looks at:** %s.\n- **Fine when:** %s.\n- **Severity:** %s.\n",
		r.ID,
		r.Looks,
		r.Holds,
		r.Severity,
	)
	if r.Remedy != "" {
		fmt.Fprintf(b, "- **What to do:** %s\n", r.Remedy)
	}
	if len(r.Replaces) > 0 {
		fmt.Fprintf(b, "- **Replaces:** `%s`.\n", strings.Join(r.Replaces, "`, `"))
	}
	fmt.Fprintf(b, "- **Rests on:** %s.\n\n", strings.TrimSuffix(r.Source, "."))
}
