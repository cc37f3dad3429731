package render

import (
	"fmt"

	"edgenet/report"
)

// Fact is a label and its value, both cleaned.
type Fact struct{ Name, Value string }

// Made says what made the report.
func Made(r *report.Report) string {
	return Clean(fmt.Sprintf("%s %s on %s/%s", r.Tool.Name, r.Tool.Version, r.Tool.OS, r.Tool.Arch))
}

// RunFacts are about the run: when, how long, from where the names came.
func RunFacts(r *report.Report) []Fact {
	out := []Fact{}
	if !r.StartedAt.IsZero() {
		out = append(out, Fact{"Checked", r.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if r.DurationMs > 0 {
		out = append(out, Fact{"Took", Duration(r.DurationMs)})
	}
	if r.Target.Source != "" {
		out = append(out, Fact{"Hub's name from", SourceWords(r.Target.Source)})
	}
	if device := DeviceWords(r.Device); device != "" {
		out = append(out, Fact{"Device", device})
	}
	for _, route := range r.Routes {
		if route.URL == "" {
			continue
		}
		value := Clean(route.URL)
		if route.Source != "" {
			value += ", from " + Clean(route.Source)
		}
		out = append(out, Fact{"Route " + Clean(route.ID), value})
	}
	return out
}

// Answers are the verdict's facts, which stand below its sentence.
func Answers(v report.Verdict) []Fact {
	up := Fact{"UpstreamProtocol", "none works"}
	if v.UpstreamProtocol != nil {
		up.Value = Clean(v.UpstreamProtocol.RuntimeName()) + By(v.Route)
	}
	out := []Fact{up}
	if v.Expected != "" {
		value := Clean(v.Expected.RuntimeName())
		switch v.ExpectedSource {
		case "":
		case "flag":
			value += ", from --expect"
		case "default":
			value += ", edgeHub's own default"
		default:
			value += ", from " + SourceWords(v.ExpectedSource)
		}
		out = append(out, Fact{"Expected", value})
	}
	https := Fact{"HTTPS 443", "not probed"}
	if v.HTTPSOK != nil && *v.HTTPSOK {
		https.Value = "works" + By(v.HTTPSRoute)
	} else if v.HTTPSOK != nil {
		https.Value = "does not work"
	}
	return append(out, https)
}

// By says a route in words.
func By(route string) string {
	switch route {
	case "":
		return ""
	case report.RouteDirect:
		return ", directly"
	}
	return ", by " + Clean(route)
}
