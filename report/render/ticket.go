package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// Ticket is one page for whoever has to act and does not see the screen: what is asked of
// them and of nobody else, which connections it is about, what was seen, and how to tell
// that it is done. Its sheet is drawn as text, Markdown or a page.
func Ticket(r *report.Report, who report.Actor) *Sheet {
	hub := r.Target.Hub
	read := Read(r)
	s := &Sheet{Title: "request to " + who.Words() + ": " + hub, Facts: ticketFacts(r)}
	var asks []Advice
	for _, a := range read.ToDo {
		if a.Actor == who {
			asks = append(asks, a)
		}
	}
	if len(asks) == 0 {
		s.Notes = []string{"Nothing is asked of " + who.Words() + ". " + othersWords(read, who)}
		return s
	}
	s.Blocks = append(s.Blocks, askedBlock(asks))
	about := aboutAsks(r, who)
	s.Blocks = append(s.Blocks, connections(r, about), seenBlock(r, read, about))
	if words := waysWords(read, who); words != "" {
		rows := s.Blocks[0].Rows
		rows[len(rows)-1].Notes = append(rows[len(rows)-1].Notes, words)
	}
	return doneBy(s, r, hub)
}

// doneBy says how everybody sees that it is done.
func doneBy(s *Sheet, r *report.Report, hub string) *Sheet {
	command := "edgenet check " + Clean(hub)
	for _, route := range r.Routes {
		if route.URL != "" {
			command += " --proxy " + Clean(route.URL)
		}
	}
	s.Notes = append(s.Notes, "To try it from the device while the change is made: "+command+" --wait 30m")
	return s
}

// ticketFacts are what the reader needs to find the device in a log.
func ticketFacts(r *report.Report) []string {
	what := "its cloud service "
	if len(r.Results) > 0 && r.Results[0].Endpoint == report.EndpointParent {
		what = "its parent gateway "
	}
	out := []string{"an Azure IoT Edge device has to reach " + what + Clean(r.Target.Hub) +
		"; state: " + strings.ToLower(headline(r))}
	if !r.StartedAt.IsZero() {
		out = append(out, "checked "+r.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if device := DeviceWords(r.Device); device != "" {
		out = append(out, "device "+device)
	}
	if from := sources(r, nil); len(from) > 0 {
		out = append(out, "its address "+strings.Join(from, ", "))
	}
	return append(out, "made by "+Made(r))
}

// sources are this device's own addresses, as far as connections show them.
func sources(r *report.Report, ids []string) []string {
	var out []string
	for _, res := range r.Results {
		if ids != nil && !slices.Contains(ids, res.ID) {
			continue
		}
		for _, st := range res.Steps {
			host, _ := split(flowOf(st.Detail).local)
			if host = Clean(host); host != "" && !slices.Contains(out, host) && len(out) < 4 {
				out = append(out, host)
			}
		}
	}
	return out
}

func askedBlock(asks []Advice) Block {
	b := Block{Plain: true, Heading: "What is asked", Columns: []string{"No.", "Please"}}
	for i, a := range asks {
		row := SheetRow{Cells: []string{strconv.Itoa(i + 1), a.Text}}
		for _, why := range a.Whys {
			row.Notes = append(row.Notes, strings.Join(why, " · "))
		}
		if a.Way != "" {
			row.Cells[0] += " (way " + a.Way + ")"
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

// aboutAsks are the results that an actor's advice is about.
func aboutAsks(r *report.Report, who report.Actor) []string {
	out := []string{}
	for _, a := range r.Advice {
		if a.Actor == who {
			out = append(out, a.Results...)
		}
	}
	return out
}

// connections are the rules that it takes, in the words of a firewall.
func connections(r *report.Report, about []string) Block {
	b := Block{Plain: true, Heading: "Connections that it is about",
		Columns: []string{"From", "To", "Port", "Protocol inside"}}
	for _, res := range r.Results {
		if !slices.Contains(about, res.ID) {
			continue
		}
		from := strings.Join(sources(r, []string{res.ID}), ", ")
		if from == "" {
			from = "the device"
		}
		to := Clean(res.Host)
		if res.Route != report.RouteDirect {
			to += ", through " + Clean(proxyOf(r, res.Route))
		} else if host, _ := split(endpoints(r, res).remote); host != "" && host != res.Host {
			to += " (" + Clean(host) + ")"
		}
		row := SheetRow{Cells: []string{from, to, "TCP " + strconv.Itoa(res.Port), protocolInside(res.Protocol)}}
		if !slices.ContainsFunc(b.Rows, func(o SheetRow) bool { return slices.Equal(o.Cells, row.Cells) }) {
			b.Rows = append(b.Rows, row)
		}
	}
	return b
}

// protocolInside is what an application firewall has to let through.
func protocolInside(p report.Protocol) string {
	switch p {
	case report.AMQP:
		return "TLS, inside it AMQP 1.0 (AMQP)"
	case report.MQTT:
		return "TLS, inside it MQTT 3.1.1 (MQTT)"
	case report.AMQPWS:
		return "HTTPS with WebSocket, inside it AMQP 1.0 (AMQPWS)"
	case report.MQTTWS:
		return "HTTPS with WebSocket, inside it MQTT 3.1.1 (MQTTWS)"
	case report.HTTPS:
		return "HTTPS"
	}
	return Clean(string(p))
}

func proxyOf(r *report.Report, id string) string {
	for _, route := range r.Routes {
		if route.ID == id && route.URL != "" {
			return route.URL
		}
	}
	return id
}

// seenBlock is what the reader compares with a log.
func seenBlock(r *report.Report, read Reading, about []string) Block {
	b := Block{Plain: true, Heading: "What was seen", Columns: []string{"UTC", "From and to", "Path", "What came"}}
	for _, p := range read.Paths {
		if p.Result.Status != report.Failed || !slices.Contains(about, p.Result.ID) {
			continue
		}
		f, at := endpoints(r, p.Result), "not known"
		if !f.at.IsZero() {
			at = f.at.UTC().Format(time.DateTime)
		}
		seen := p.Result.Summary
		if seen == "" {
			seen = p.Title
		}
		b.Rows = append(b.Rows, SheetRow{Cells: []string{at, f.words(),
			fmt.Sprintf("%s %d %s", Clean(string(p.Result.Protocol)), p.Result.Port, Clean(p.Result.Route)),
			Clean(seen) + " (" + p.Code + ")"}})
	}
	return b
}

// waysWords say that this is one of several ways, and who is asked for the others.
func waysWords(read Reading, who report.Actor) string {
	ways, mine := map[string][]string{}, []string{}
	var order []string
	for _, a := range read.ToDo {
		if a.Way == "" {
			continue
		}
		if !slices.Contains(order, a.Way) {
			order = append(order, a.Way)
		}
		if a.Actor == who {
			if !slices.Contains(mine, a.Way) {
				mine = append(mine, a.Way)
			}
		} else if w := a.Actor.Words(); !slices.Contains(ways[a.Way], w) {
			ways[a.Way] = append(ways[a.Way], w)
		}
	}
	if len(order) < 2 || len(mine) == 0 {
		return ""
	}
	out := "One of the ways is enough. This page is about way " + list(mine) + "."
	for _, way := range order {
		switch others := list(ways[way]); {
		case others == "":
		case slices.Contains(mine, way):
			out += " Way " + way + " also needs " + others + "."
		default:
			out += " Way " + way + ", in its place, is asked of " + others + "."
		}
	}
	return out
}

// othersWords say who has something to do instead.
func othersWords(read Reading, who report.Actor) string {
	var out []string
	for _, a := range read.ToDo {
		if w := a.Actor.Words() + " (" + string(a.Actor) + ")"; a.Actor != who && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return "Nobody has to act."
	}
	return "Asked is: " + list(out) + "."
}
