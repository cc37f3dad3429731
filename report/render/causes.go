package render

import (
	"fmt"
	"strings"

	"edgenet/report"
)

const causesIntro = `# Causes and findings

<!-- Made from the tables of package report by: go test ./report/render -run CausesMarkdown -update -->

` + "```\nedgenet explain tcp.timeout\n```" + `

Every step that does not succeed has exactly one **cause**, a stable code such as ` + "`tcp.timeout`" + `. A failure is told by three things:
the **hop** where it happened (` + "`proxy`" + `: reaching and persuading the proxy; ` + "`target`" + `: the hub or parent gateway, also when it is talked to
through the proxy), the **stage**, and the **cause**. The same cause at the proxy and at the target is often two different people's problem: at
the proxy it is written ` + "`proxy/tcp.refused`" + `. Causes that begin with ` + "`connect.`" + ` are always the proxy's.

A **finding** is a conclusion drawn from several results.

HOST, PORT and PROXY stand for the values of the report. *Reproduced* says what has been made to show the cause:

- **foreign**: a server that was written by others.
- **lab only**: edgenet's own lab, and nothing else so far.
- **network**: real packet loss, filters or routes, not only sockets.

`

// section is the heading of the causes of one prefix.
var sections = map[string]string{
	"dns": "dns: looking up the name", "tcp": "tcp: connecting", "connect": "connect: asking the proxy for a tunnel",
	"tls": "tls: the handshake",
	"ws":  "ws: the WebSocket upgrade", "amqp": "amqp: the AMQP 1.0 greeting", "mqtt": "mqtt: CONNECT and CONNACK",
	"http": "http: one HTTPS request",
	"auth": "auth: with credentials", "hold": "hold: keeping a connection idle",
	"path": "path: the time that was given", "host": "host: this host itself", "unknown": "unknown",
}

// CausesMarkdown is the reference of all causes and findings, docs/causes.md.
func CausesMarkdown() string {
	var b strings.Builder
	b.WriteString(causesIntro)
	prefix := ""
	for _, c := range report.Causes() {
		if p, _, _ := strings.Cut(string(c.Code), "."); p != prefix {
			prefix = p
			fmt.Fprintf(&b, "## %s\n\n", sections[p])
		}
		causeMarkdown(&b, c, prefix)
	}
	b.WriteString("## Findings\n\nErrors make lints fail; for `check` the verdict alone decides.\n\n")
	for _, f := range report.FindingTable() {
		fmt.Fprintf(&b, "### `%s`\n\n- **Concluded when:** %s.\n- **Severity:** %s.\n- **Means:** %s.\n- **Who "+
			"acts:** %s.\n- **What to do:** %s\n- **Reproduced:** %s.\n\n",
			f.Code, sentence(f.Rule), f.SeverityWords(), sentence(f.Means), sentence(f.Actor.Words()),
			f.Remedy+report.InsteadWords(string(f.Code)),
			f.Code.How())
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func causeMarkdown(b *strings.Builder, c report.CauseInfo, prefix string) {
	fmt.Fprintf(b, "### `%s`\n\n%s.\n\n", c.Code, sentence(c.Title))
	point := func(name, text string) { fmt.Fprintf(b, "- **%s:** %s\n", name, placeholders.Replace(text)) }
	point("Seen", sentence(c.Seen)+".")
	point("Means", sentence(c.Means)+".")
	who, atProxy := c.Actor.Words(), c.Code.ActorAt(report.HopProxy).Words()
	switch {
	case prefix == "connect" || !reachesProxy(prefix):
		point("Who acts", sentence(who)+".")
	case who == atProxy:
		point("Who acts", sentence(who)+", at the target and at the proxy.")
	default:
		point("Who acts", "at the target "+who+"; at the proxy "+atProxy+".")
	}
	point("What to do", c.Remedy+report.InsteadWords(string(c.Code)))
	if c.ProxyRemedy != "" {
		point("At the proxy", c.ProxyRemedy+report.InsteadWords(c.Code.Label(report.HopProxy)))
	}
	point("What to send", sendWords(prefix))
	point("Reproduced", map[string]string{"foreign": "foreign", "lab": "lab only", "network": "network"}[c.Reproduced]+
		": "+c.Code.How()+".")
	b.WriteString("\n")
}

// sendWords say which part of the report whoever acts needs, to find it at their end.
func sendWords(prefix string) string {
	switch prefix {
	case "dns":
		return "the resolvers asked and what each said (the step's resolvers in the JSON, or -v), with the time."
	case "tcp":
		return "local and remote address with both ports and the UTC time, as the row shows them: they are one line " +
			"in the firewall's log; and how far the SYNs travel (firewall.where)."
	case "connect":
		return "the proxy's status line and error header, the target asked for, this host's address and the UTC " +
			"time: they are one line in the proxy's log."
	case "tls":
		return "subject and issuer of the certificate shown, or local and remote address and the UTC time where none " +
			"came; and what was asked beside (the result's experiments)."
	case "hold":
		return "the idle time that was outlived and the one that was not, with addresses and the UTC time."
	case "auth":
		return "the identity, what the hub said, and the UTC time; never the key."
	}
	return "what came in place of the answer (first bytes, status, page title), addresses and the UTC time."
}

// reachesProxy tells whether causes of the prefix are met at the proxy as well.
func reachesProxy(prefix string) bool {
	switch prefix {
	case "dns", "tcp", "tls", "unknown":
		return true
	}
	return false
}

var placeholders = strings.NewReplacer("{host}", "HOST", "{port}", "PORT", "{proxy}", "PROXY", "<", "&lt;", "*", "\\*")

// sentence begins with a capital letter, unless the first word is a code's or a
// product's own spelling.
func sentence(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' || startsWithCode(s) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// startsWithCode tells whether the first word is spelled as in code: notAfter,
// http.status, no_proxy.
func startsWithCode(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	return strings.ContainsAny(first, "._/") || strings.ToLower(first) != first
}
