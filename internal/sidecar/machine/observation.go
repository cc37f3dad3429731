package machine

import (
	"strings"
	"time"

	"edgenet/internal/sorting"
	"edgenet/probe"
	"edgenet/report"
)

// OKLabel is the label of a path that works; of any other it is the cause's label.
const OKLabel = "ok"

// Observation is what a full check found, in the few words that are kept of it.
type Observation struct {
	Choice      probe.PathName  // of the verdict; zero where nothing works
	Configured  report.Protocol // what the deployment had set when it ran; zero: not said
	HTTPS       *bool           // nil: not probed
	Labels      map[probe.PathName]string
	Latency     map[probe.PathName]report.Millis
	ProxyRoute  string // the proxied route that the verdict uses, else the first; zero without a proxy
	ProxySource string // env, twin
	Findings    []report.Finding
	Skew        *time.Duration    // the hub's clock minus this host's; nil: no evidence
	Endpoints   map[string]string // by name: ok or a cause
	Refused     []string          // places that the fence keeps out after resolution
	Undecided   bool              // an upstream protocol was not finished
	Reason      string
	Because     string // the label of the failure that the reason speaks of; zero where a protocol works
	Deep        bool
}

// Distill reads a report. What was skipped has no label: not run is not failed.
func Distill(r *report.Report) Observation {
	o := Observation{Labels: map[probe.PathName]string{}, Latency: map[probe.PathName]report.Millis{},
		Configured: r.Verdict.Expected, HTTPS: r.Verdict.HTTPSOK, Findings: r.Findings, Reason: r.Verdict.Reason}
	if p := r.Verdict.UpstreamProtocol; p != nil {
		o.Choice = probe.PathName{Protocol: *p, Route: r.Verdict.Route}
	}
	for _, x := range r.Results {
		name := probe.PathName{Protocol: x.Protocol, Route: x.Route}
		switch x.Status {
		case report.OK:
			o.Labels[name] = OKLabel
		case report.Failed:
			o.Labels[name] = x.Cause.Label(x.Hop)
			if b := r.Verdict.Because; b != nil && b.Result == x.ID {
				o.Because = o.Labels[name]
			}
		default:
			o.Undecided = o.Undecided || x.Protocol != report.HTTPS
		}
		if x.Latency != nil {
			o.Latency[name] = x.Latency.MedianMs
		}
		o.skew(x)
	}
	for _, route := range r.Routes {
		if route.ID == report.RouteDirect || o.ProxyRoute != "" && route.ID != o.Choice.Route {
			continue
		}
		o.ProxyRoute, o.ProxySource = route.ID, sourceWord(route.Source)
	}
	return o
}

// skew keeps the clocks' smallest difference: a slow proxy can only make it larger.
func (o *Observation) skew(x report.Result) {
	for _, s := range x.Steps {
		d, ok := s.Detail.(*report.HTTPDetail)
		if !ok || d.SkewMs == nil || s.Status != report.OK {
			continue
		}
		if v := d.SkewMs.Duration(); o.Skew == nil || v.Abs() < o.Skew.Abs() {
			o.Skew = &v
		}
	}
}

// sourceWord: "env:https_proxy" is "env".
func sourceWord(source string) string {
	word, _, _ := strings.Cut(source, ":")
	return word
}

// works tells what is known of a path: whether it works, and whether anything is known.
func (o *Observation) works(p probe.PathName) (yes, known bool) {
	label, known := o.Labels[p]
	return label == OKLabel, known
}

// paths lists the observed paths in a fixed order.
func (o *Observation) paths() []probe.PathName {
	return sorting.Keys(o.Labels, func(a, b probe.PathName) int {
		return strings.Compare(a.String(), b.String())
	})
}
