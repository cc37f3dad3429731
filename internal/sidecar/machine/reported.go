package machine

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

// Schema of the reported properties; Section is the key that they stand under.
const (
	Schema  = "edgenet.twin/1"
	Section = "edgenet"
)

// maxDocument is for how many bytes of JSON the section is made to fit, so that a patch
// with its nulls and its envelope stays under the contract's 2 KB.
const maxDocument = 1800

// quiet are the keys whose change alone is no reason to write.
var quiet = []string{"checkedAt", "latencyMs", "outages24h", "worstOutageSec"}

// Document is the section as the twin should have it. A missing key is one that the twin
// should not have; every value is of a type that JSON decodes to.
func (s *State) Document(wall time.Time) map[string]any {
	if s.Seen == nil {
		return nil
	}
	complaints := slices.Concat(s.Complaints, s.Seen.Refused)
	if s.DiskError != "" {
		complaints = append(complaints, "state: "+s.DiskError)
	}
	findings := s.findings()
	for {
		d := s.document(wall, findings, complaints)
		switch {
		case size(d) <= maxDocument:
			return d
		case len(complaints) > 2:
			complaints = append(slices.Clone(complaints[:len(complaints)-2]), "and more")
		case len(complaints) > 0:
			complaints = nil
		case len(findings) > 1:
			findings = findings[:len(findings)-1]
		default:
			return d
		}
	}
}

// document is the contract's section, of the types that JSON decodes to, so that it
// compares with what a twin holds. Nil values are left out.
func (s *State) document(wall time.Time, findings, complaints []string) map[string]any {
	d := map[string]any{
		"schema": Schema, "version": s.Version, "checkedAt": stamp(s.CheckedAt), "changedAt": stamp(s.ChangedAt),
		"status": string(s.Status), "seq": float64(s.Seq), "clockSuspect": s.ClockSuspect, "edgeHub": string(s.EdgeHub),
		"direct": s.labels(report.RouteDirect), "findings": list(findings), "flapping": list(s.Flapping),
		"configErrors": list(complaints),
	}
	n, worst := s.RecentOutages(wall)
	d["outages24h"], d["worstOutageSec"] = float64(n), float64(worst)
	d["recommended"], d["route"] = text(string(s.Recommended)), text(s.Route)
	d["configured"], d["cause"], d["hubTransport"] = text(string(s.configured())), text(s.cause()), text(s.Transport)
	d["upSince"] = stamp(s.UpSince)
	if s.Seen.HTTPS != nil {
		d["https"] = *s.Seen.HTTPS
	}
	if c := s.Consistent(); c != nil {
		d["consistent"] = *c
	}
	if codes := s.findings(); len(codes) > 0 {
		d["finding"] = codes[0]
	}
	if r := s.Seen.ProxyRoute; r != "" {
		d["proxy"], d["proxySource"] = s.labels(r), text(s.Seen.ProxySource)
	}
	if ms, ok := s.Seen.Latency[s.Current()]; ok && s.Recommended != "" {
		d["latencyMs"] = map[string]any{string(s.Recommended): math.Round(float64(ms))}
	}
	if len(s.Seen.Endpoints) > 0 {
		endpoints := map[string]any{}
		for name, label := range s.Seen.Endpoints {
			endpoints[name] = label
		}
		d["endpoints"] = endpoints
	}
	for key, value := range d {
		if value == nil {
			delete(d, key)
		}
	}
	return d
}

// size is how many bytes of JSON a value takes, at most.
func size(v any) int {
	switch v := v.(type) {
	case string:
		n := 2 + len(v)
		for i := range len(v) {
			if c := v[i]; c < 0x20 || strings.IndexByte(`"\<>&`, c) >= 0 {
				n += 5 // \u00XX
			}
		}
		return n
	case map[string]any:
		n := 2
		for key, value := range v {
			n += size(key) + 2 + size(value)
		}
		return n
	case []any:
		n := 2
		for _, value := range v {
			n += size(value) + 1
		}
		return n
	}
	return 20 // a number or a truth value
}

// labels are the protocols of a route with ok or their cause.
func (s *State) labels(route string) any {
	out := map[string]any{}
	for _, p := range report.Protocols() {
		if label, ok := s.Seen.Labels[probe.PathName{Protocol: p, Route: route}]; ok {
			out[string(p)] = label
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// findings are the codes, the most severe first, each once.
func (s *State) findings() []string {
	out := []string{}
	for _, severity := range []report.Severity{report.SeverityError, report.SeverityWarning, report.SeverityInfo} {
		for _, f := range s.conclusions() {
			if f.Severity == severity && !slices.Contains(out, string(f.Code)) {
				out = append(out, string(f.Code))
			}
		}
	}
	return out
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func list(s []string) []any {
	out := make([]any, len(s))
	for i, x := range s {
		out[i] = x
	}
	return out
}

// diff is the merge patch that makes a twin's section what it should be: what differs,
// null for what has to go, nil where nothing does. Lists are replaced as a whole.
func diff(have, want map[string]any) map[string]any {
	var out map[string]any
	set := func(key string, value any) {
		if out == nil {
			out = map[string]any{}
		}
		out[key] = value
	}
	for key, w := range want {
		h, ok := have[key]
		below, isMap := w.(map[string]any)
		above, wasMap := h.(map[string]any)
		switch {
		case isMap && wasMap:
			if d := diff(above, below); d != nil {
				set(key, d)
			}
		case !ok || !reflect.DeepEqual(h, w):
			set(key, w)
		}
	}
	for key := range have {
		if _, ok := want[key]; !ok {
			set(key, nil)
		}
	}
	return out
}

// merge is what a section is after a patch (RFC 7396).
func merge(have, patch map[string]any) map[string]any {
	out := make(map[string]any, len(have)+len(patch))
	for key, value := range have {
		out[key] = value
	}
	for key, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(out, key)
		case map[string]any:
			below, _ := out[key].(map[string]any)
			out[key] = merge(below, value)
		default:
			out[key] = value
		}
	}
	return out
}

// telling tells whether a patch says more than what changes all the time.
func telling(patch map[string]any) bool {
	for key := range patch {
		if !slices.Contains(quiet, key) {
			return true
		}
	}
	return false
}
