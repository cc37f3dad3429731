package render

import (
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// Inside is the check from a container put in order for people, as Reading is the
// host's. Every text in it is cleaned; escaping is left to the encoder.
type Inside struct {
	Title   string // names the network
	Facts   []Fact // about the network
	Error   string // why nothing came from there; what follows is empty then
	Paths   []Beside
	Places  []Beside // name servers, routes, addresses; each a text without a tone
	Reasons []Reason
}

// Beside is one row: the same thing on the host and in the container.
type Beside struct {
	Name            string
	Host, Container Side
}

// Side is what one place has to say of it.
type Side struct {
	Tone Tone
	Mark string // a glyph
	Word string
	Code string // of the cause, with proxy/ where it was there; empty unless it failed
	Time string // median latency, where it works
}

// Reason is why some paths go otherwise in the container, told once.
type Reason struct {
	Paths string
	Why   string
	Who   string
	What  string // to do; may be empty
}

// ReadInside puts the container's part of the report in order; nil where there is none.
func ReadInside(r *report.Report) *Inside {
	c := r.Container
	if c == nil {
		return nil
	}
	out := &Inside{Title: "From a container on " + Clean(c.Network), Facts: networkFacts(c)}
	if c.Report == nil {
		out.Error = Clean(c.Error)
		return out
	}
	for _, d := range c.Differences {
		out.Paths = append(out.Paths, Beside{Clean(string(d.Protocol) + " " + d.Route),
			side(r.Results, d.Result, d.Host), side(c.Report.Results, d.Result, d.Container)})
	}
	for _, s := range settings(r.Vantage, c.Report.Vantage) {
		out.Places = append(out.Places, Beside{s.name, Side{Tone: Neutral, Word: values(s.host)},
			Side{Tone: Neutral, Word: values(s.inside)}})
	}
	for _, b := range reasons(c.Differences) {
		out.Reasons = append(out.Reasons, Reason{Clean(strings.Join(b.paths, ", ")), Clean(b.Why), ActorLabel(b.Actor),
			Clean(b.Remedy)})
	}
	return out
}

// FromWhere tells the report's own paths from the container's, in words to put after
// "paths"; empty where there is nothing to tell them from.
func FromWhere(r *report.Report) string {
	if r.Container == nil {
		return ""
	}
	return " from the host"
}

func networkFacts(c *report.Container) []Fact {
	out := []Fact{{"Network", Clean(networkWords(c))}}
	if c.Internal {
		out = append(out, Fact{"Internal", "the engine lets nothing out of it"})
	}
	if len(c.Subnets) > 0 {
		out = append(out, Fact{"Subnets", values(c.Subnets)})
	}
	if c.Engine != "" {
		out = append(out, Fact{"Engine", Clean(c.Engine)})
	}
	return out
}

func networkWords(c *report.Container) string {
	switch c.NetworkSource {
	case "default":
		return "the runtime's network"
	case "fallback":
		return "the engine's default network: the runtime's own is not there"
	}
	return "the runtime's network by " + c.NetworkSource
}

// side words an outcome (ok, or a cause) of the result with the id, which adds the
// time and the proxy's part.
func side(results []report.Result, id, outcome string) Side {
	out := Side{Tone: Bad, Mark: "✗", Word: "fails", Code: Clean(outcome)}
	if outcome == string(report.OK) {
		out = Side{Tone: Good, Mark: "✓", Word: "works"}
	}
	i := slices.IndexFunc(results, func(r report.Result) bool { return r.ID == id })
	switch {
	case i < 0:
	case out.Tone == Good && results[i].Latency != nil:
		out.Time = duration(results[i].Latency.MedianMs)
	case out.Tone == Bad && results[i].Cause != "":
		out.Code = Clean(results[i].Cause.Label(results[i].Hop))
	}
	return out
}

func values(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return Clean(strings.Join(list, ", "))
}

// setting is one thing that decides what a place can reach, as the two have it.
type setting struct {
	name         string
	host, inside []string
}

// settings tell where the two stand; none where one of them is not known.
func settings(host, inside *report.Vantage) []setting {
	if host == nil || inside == nil {
		return nil
	}
	addresses := func(v *report.Vantage) (out []string) {
		for _, i := range v.Interfaces {
			for _, a := range i.Addresses {
				out = append(out, a+" "+i.Name+" "+strconv.Itoa(i.MTU))
			}
		}
		return out
	}
	return []setting{
		{"name servers", host.Resolvers, inside.Resolvers},
		{"default route", host.Gateways, inside.Gateways},
		{"address, MTU", addresses(host), addresses(inside)},
	}
}

// sameReason is what makes two reasons one.
type sameReason struct {
	why, remedy string
	actor       report.Actor
}

// because is a reason with the paths that it explains.
type because struct {
	report.Difference
	paths []string
}

// reasons gives each reason once, in the order in which they come.
func reasons(all []report.Difference) []because {
	var out []because
	told := map[sameReason]int{}
	for _, d := range all {
		key := sameReason{d.Why, d.Remedy, d.Actor}
		i, old := told[key]
		if !old {
			i, out = len(out), append(out, because{Difference: d})
			told[key] = i
		}
		out[i].paths = append(out[i].paths, string(d.Protocol)+" "+d.Route)
	}
	return out
}
