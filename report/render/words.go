package render

import (
	"fmt"
	"strings"
	"time"

	"edgenet/report"
)

// duration gives three digits at most and the unit.
func duration(m report.Millis) string {
	switch {
	case m < 0:
		return ""
	case m < 9.95:
		return fmt.Sprintf("%.1f ms", float64(m))
	case m < 999.5:
		return fmt.Sprintf("%.0f ms", float64(m))
	case m < 99_950:
		return fmt.Sprintf("%.1f s", float64(m)/1000)
	}
	return fmt.Sprintf("%.0f s", float64(m)/1000)
}

// Span says a long time in its two largest units: 3 d 4 h, 1 h 24 min, 84 s.
func Span(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	const minute, hour, day = 60, 3600, 86400
	two := func(large, small int64, a, b string) string {
		out := fmt.Sprintf("%d %s", s/large, a)
		if rest := s % large / small; rest > 0 {
			out += fmt.Sprintf(" %d %s", rest, b)
		}
		return out
	}
	switch {
	case s < 2*minute:
		return fmt.Sprintf("%d s", s)
	case s < hour:
		return two(minute, 1, "min", "s")
	case s < day:
		return two(hour, minute, "h", "min")
	}
	return two(day, hour, "d", "h")
}

// stageWords say what was going on, up to whom with.
var stageWords = map[report.Stage]string{
	report.StageDNS: "DNS for ", report.StageTCP: "TCP to ", report.StageTLS: "TLS to ",
	report.StageConnect: "CONNECT at ", report.StageWebSocket: "WebSocket to ",
	report.StageAMQP: "AMQP to ", report.StageMQTT: "MQTT to ", report.StageHTTP: "HTTPS to ",
	report.StageAuth: "login at ", report.StageHold: "idle to ",
}

// place says the stage and whom it was with; not who is to blame, since a handshake
// with the hub can be stopped by whatever stands in between.
func (p pen) place(e report.Endpoint, h report.Hop, s report.Stage) string {
	words, known := stageWords[s]
	if !known {
		words = p.clean(string(s)) + " at "
	}
	return words + peer(e, h)
}

// peer is the hop in a reader's word.
func peer(e report.Endpoint, h report.Hop) string {
	switch {
	case h == report.HopProxy:
		return "proxy"
	case e == report.EndpointIoTHub || e == "":
		return "hub"
	case e == report.EndpointParent:
		return "gateway"
	}
	return "host"
}

var actorLabels = map[report.Actor]string{
	report.ActorHost: "this host", report.ActorDNS: "DNS admin", report.ActorFirewall: "firewall admin",
	report.ActorProxy:   "proxy admin",
	report.ActorNetwork: "network team", report.ActorService: "hub admin",
	report.ActorCredentials: "whoever issues the credentials", report.ActorUnknown: "unclear",
	report.ActorUser: "you", report.ActorParent: "parent admin",
}

// actorLabel is whom to call, in a word or two.
func (p pen) actorLabel(a report.Actor) string {
	if l, ok := actorLabels[a]; ok {
		return l
	}
	return p.fit(line{{p.clean(string(a)), plain}}, 16).text()
}

// flow joins the facts with dots and starts a new line before a fact that would
// not fit whole.
func (p pen) flow(facts []string, columns int) []string {
	var out []string
	current := ""
	for _, f := range facts {
		switch {
		case f == "":
		case current == "":
			current = f
		case displayWidth(current+p.dot()+f) <= columns:
			current += p.dot() + f
		default:
			out = append(out, wrap(current, columns)...)
			current = f
		}
	}
	return append(out, wrap(current, columns)...)
}

// list joins with commas and an "and".
func list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}
