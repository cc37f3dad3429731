package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Waves divides moves: canary devices first, of every class some, then waves of at most
// size devices, in the plan's order. Zero of either means none, or all at once.
func Waves(moves []PlannedMove, canary, size int) [][]PlannedMove {
	var out [][]PlannedMove
	rest := slices.Clone(moves)
	if canary > 0 && canary < len(rest) {
		first, left := spread(rest, canary)
		out, rest = append(out, first), left
	}
	if size <= 0 {
		size = len(rest)
	}
	for len(rest) > 0 {
		n := min(size, len(rest))
		out, rest = append(out, rest[:n]), rest[n:]
	}
	return out
}

// spread takes n moves in turn from each class.
func spread(moves []PlannedMove, n int) (first, rest []PlannedMove) {
	byClass := map[string][]int{}
	for i, m := range moves {
		byClass[m.To] = append(byClass[m.To], i)
	}
	classes, taken := sortedKeys(byClass), map[int]bool{}
	for round := 0; len(taken) < n; round++ {
		for _, c := range classes {
			if round < len(byClass[c]) && len(taken) < n {
				taken[byClass[c][round]] = true
			}
		}
	}
	for i, m := range moves {
		if taken[i] {
			first = append(first, m)
		} else {
			rest = append(rest, m)
		}
	}
	return first, rest
}

// StillProven says why a planned move no longer rests on evidence; empty where it does.
func StillProven(r *Report, proxied bool, p report.Protocol, now time.Time, fresh, steady time.Duration) string {
	if r == nil {
		return "its module reports no longer"
	}
	route := r.Direct
	if proxied {
		route = r.Proxy
	}
	at := r.Checked()
	switch {
	case r.Odd:
		return "its report cannot be read"
	case at.Sub(now) > ahead || r.ClockSuspect:
		return "its clock is off"
	case now.Sub(at) >= fresh:
		return fmt.Sprintf("silent: checked %s ago", roughly(now.Sub(at)))
	case len(r.Flapping) > 0:
		return "flapping"
	case now.Sub(r.Changed()) < steady:
		return fmt.Sprintf("changed %s ago", roughly(now.Sub(r.Changed())))
	case route[string(p)] != LabelOK:
		return fmt.Sprintf("%s no longer works: %s", p, secret.Name(orNone(route[string(p)]), 60))
	}
	return ""
}

// WayBack tells whether a device's report says that the way it came from works: without
// that, to take its move back would cut it off.
func WayBack(r *Report, from string) bool {
	if r == nil {
		return false
	}
	for _, p := range report.UpstreamProtocols() {
		switch class := (Class{Protocol: p}).Name(); {
		case from == class:
			return r.Direct[string(p)] == LabelOK
		case len(from) > len(class) && from[:len(class)+1] == class+"-":
			return r.Proxy[string(p)] == LabelOK
		}
	}
	return false
}

// Landed says whether a device came back as it was meant to (F8).
type Landed struct {
	OK   bool
	Lost bool   // it cannot come any more: what it was given is refused
	Why  string // what is still missing
}

// statusOK is edgeAgent's code for a deployment that it carried out.
const statusOK = 200

// Land judges by the two twins, read fresh. changed is when the tag was written.
func Land(deployment, applied string, run *Running, r *Report, p report.Protocol, changed time.Time) Landed {
	switch {
	case applied == "":
		return Landed{Why: "the hub has not yet targeted it with " + deployment}
	case applied != "Applied":
		return Landed{Why: "the deployment is targeted, and another one of higher priority rules the device, or " +
			"the hub is not through yet"}
	case run.Current && (run.Code == 400 || run.Code == 412 || run.Code == 417):
		return Landed{Lost: true, Why: fmt.Sprintf("edgeAgent refuses the deployment: %d %s", run.Code, run.Says)}
	case !run.Current:
		return Landed{Why: "edgeAgent has not answered: offline, or still pulling images"}
	case run.Code != statusOK:
		return Landed{Why: fmt.Sprintf("edgeAgent has not carried the deployment out: %d %s", run.Code, run.Says)}
	case r == nil || r.Odd:
		return Landed{Why: "its module edgenet says nothing"}
	case !r.Checked().After(changed):
		return Landed{Why: "edgeAgent carried the deployment out, and edgenet has not checked since"}
	case r.Status != "ok":
		return Landed{Why: "edgenet says " + secret.Name(orNone(r.Status), 40) + ": " +
			secret.Name(orNone(r.Cause), 60)}
	case !sameProtocol(r.Configured, p):
		return Landed{Why: fmt.Sprintf("edgenet finds %s configured, and %s is meant",
			secret.Name(orNone(r.Configured),
				40), p)}
	}
	return Landed{OK: true}
}

func sameProtocol(text string, p report.Protocol) bool {
	q, err := report.ParseProtocol(text)
	return err == nil && q == p
}

// SameJSON tells whether two values are the same, whatever the order of keys; absent and
// null are one.
func SameJSON(a, b json.RawMessage) bool { return bytes.Equal(canonical(a), canonical(b)) }

func canonical(raw json.RawMessage) []byte {
	if len(bytes.TrimSpace(raw)) == 0 {
		return []byte("null")
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return raw
	}
	out, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return out
}

// TagValue is tags.edgenet of a device that was moved: its class, and what it was before.
func TagValue(m PlannedMove, hash string, at time.Time) json.RawMessage {
	var old struct {
		Class string `json:"class"`
	}
	_ = json.Unmarshal(m.Tags, &old) // absent: it had none
	v := map[string]any{"class": m.To, "base": hash, "at": at.UTC().Format(time.RFC3339)}
	if old.Class != "" {
		v["was"] = old.Class
	}
	out, _ := json.Marshal(v) // strings always encode
	return out
}

// TagPatch is the merge patch that makes tags.edgenet what it should be: null for what has
// to go.
func TagPatch(have, want json.RawMessage) map[string]any {
	var h, w map[string]any
	_ = json.Unmarshal(have, &h) // absent: nothing to take away
	_ = json.Unmarshal(want, &w)
	if w == nil {
		return map[string]any{"edgenet": nil}
	}
	out := map[string]any{}
	for k, v := range w {
		out[k] = v
	}
	for k := range h {
		if _, ok := w[k]; !ok {
			out[k] = nil
		}
	}
	return map[string]any{"edgenet": out}
}
