package show

import (
	"fmt"
	"strings"

	"edgenet/internal/fleet"
	"edgenet/report"
	"edgenet/report/render"
)

// Sum is the sum of report files.
func Sum(s *fleet.Summary) *render.Sheet {
	sheet := Status(s)
	sheet.Title = "fleet sum"
	if s.Hub != "" {
		sheet.Title += " of " + s.Hub
	}
	sheet.Verdict, sheet.Failed = SumSentence(s), s.By.Status["down"] > 0
	return sheet
}

// SumSentence adds up in one sentence: 4,812 Amqp; 141 AmqpWs by proxy; 47 none (31
// tcp.timeout firewall, 16 connect.forbidden proxy).
func SumSentence(s *fleet.Summary) string {
	var parts []string
	for _, name := range sorted(s.By.Ways) {
		if name != fleet.None {
			parts = append(parts, Number(s.By.Ways[name])+" "+wayWords(name))
		}
	}
	if n := s.By.Ways[fleet.None]; n > 0 {
		parts = append(parts, Number(n)+" none"+reasons(s))
	}
	if len(parts) == 0 {
		return "No report was found."
	}
	return strings.Join(parts, "; ")
}

// wayWords: AMQPWS@proxy is AmqpWs by proxy.
func wayWords(name string) string {
	p, route, _ := strings.Cut(name, "@")
	if route == "direct" || route == "" {
		if x, err := report.ParseProtocol(p); err == nil && !x.WebSocket() {
			return string(x) // as people say it: AMQP, and AmqpWs
		}
		return Protocol(p)
	}
	return Protocol(p) + " by " + route
}

// reasons are why nothing works, the most frequent first.
func reasons(s *fleet.Summary) string {
	var down []fleet.Cause // the trouble is sorted
	for _, c := range s.Trouble {
		if c.Status == "down" {
			down = append(down, c)
		}
	}
	var out []string
	for _, c := range down {
		out = append(out, fmt.Sprintf("%s %s %s", Number(c.Devices), c.Cause, short(c.Actor)))
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + ")"
}
