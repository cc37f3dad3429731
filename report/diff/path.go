package diff

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"edgenet/report"
)

// A time counts as different from three times and half a second on: everything below
// happens between any two runs.
const (
	slowerTimes = 3
	slowerBy    = 500 // milliseconds
)

// Name is what a path is called in both reports. The hub itself is not named, so that
// the same path to two hubs is the same.
func Name(r *report.Report, res report.Result) string {
	host := ""
	if res.Host != r.Target.Hub {
		host = res.Host + " "
	}
	return fmt.Sprintf("%s%s %d %s", host, res.Protocol, res.Port, res.Route)
}

func (d *Diff) paths(a, b *report.Report) {
	named := func(r *report.Report) (order []string, of map[string]report.Result) {
		of = make(map[string]report.Result, len(r.Results))
		for _, res := range r.Results {
			n := Name(r, res)
			if _, there := of[n]; !there { // the first of a name is the one
				of[n] = res
				order = append(order, n)
			}
		}
		return order, of
	}
	inOrderA, ofA := named(a)
	inOrderB, ofB := named(b)
	for _, path := range union(inOrderA, inOrderB, func(n string) string { return n }) {
		from, inA := ofA[path]
		to, inB := ofB[path]
		switch {
		case !inB:
			d.change(Change{Kind: KindPath, Path: path, Field: "status", From: Outcome(from), To: "not probed"})
		case !inA:
			d.change(Change{Kind: KindPath, Path: path, Field: "status", From: "not probed", To: Outcome(to)})
		default:
			d.path(path, from, to)
		}
	}
}

// Outcome is a result's in a word: ok, where and why it failed, skipped.
func Outcome(res report.Result) string {
	if res.Status != report.Failed {
		return string(res.Status)
	}
	return fmt.Sprintf("%s/%s %s", res.Hop, res.Stage, res.Cause)
}

func (d *Diff) path(path string, a, b report.Result) {
	add := func(field, from, to string) {
		d.change(Change{Kind: KindPath, Path: path, Field: field, From: from, To: to})
	}
	note := func(field, from, to string) {
		if from == "" || to == "" { // not got so far: the status says it
			return
		}
		d.note(Change{Kind: KindPath, Path: path, Field: field, From: from, To: to})
	}
	d.change(Change{Kind: KindPath, Path: path, Field: "status", From: Outcome(a), To: Outcome(b),
		Better: b.Status == report.OK, Worse: a.Status == report.OK && b.Status == report.Failed})
	for _, hop := range []report.Hop{report.HopProxy, report.HopTarget} {
		at := ""
		if hop == report.HopProxy {
			at = " of the proxy"
		}
		from, to := addresses(a, hop), addresses(b, hop)
		if from != "" && to != "" { // else the status says it
			add("address"+at, from, to)
		}
		d.certificate(path, at, a, b, hop)
		note("resolver"+at, resolver(a, hop), resolver(b, hop))
		note("local address", local(a, hop), local(b, hop))
	}
	if a.Latency != nil && b.Latency != nil {
		d.latency(path, a.Latency.MedianMs, b.Latency.MedianMs)
	}
}

func (d *Diff) latency(path string, a, b report.Millis) {
	if low, high := min(a, b), max(a, b); high-low < slowerBy || high < slowerTimes*low {
		return
	}
	d.change(Change{Kind: KindPath, Path: path, Field: "time", From: milliseconds(a), To: milliseconds(b),
		Better: b < a, Worse: b > a})
}

func milliseconds(m report.Millis) string {
	return m.Duration().Round(time.Millisecond).String()
}

// addresses are what the name resolved to, else where the connection went; without
// ports, in order, since resolvers turn their answers round.
func addresses(res report.Result, hop report.Hop) string {
	if s, ok := res.Step(hop, report.StageDNS); ok {
		if d, ok := s.Detail.(*report.DNSDetail); ok && len(d.Addresses) > 0 {
			return strings.Join(slices.Sorted(slices.Values(d.Addresses)), ", ")
		}
	}
	if s, ok := res.Step(hop, report.StageTCP); ok {
		if d, ok := s.Detail.(*report.TCPDetail); ok {
			return host(d.Remote)
		}
	}
	return ""
}

func resolver(res report.Result, hop report.Hop) string {
	if s, ok := res.Step(hop, report.StageDNS); ok {
		if d, ok := s.Detail.(*report.DNSDetail); ok {
			return host(d.Resolver)
		}
	}
	return ""
}

func local(res report.Result, hop report.Hop) string {
	if s, ok := res.Step(hop, report.StageTCP); ok {
		if d, ok := s.Detail.(*report.TCPDetail); ok {
			return host(d.Local)
		}
	}
	return ""
}

func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return address
}

// certificate compares what was shown and who trusts it. Another serial of the same
// issuer is a renewal: a note.
func (d *Diff) certificate(path, at string, a, b report.Result, hop report.Hop) {
	from, to := handshake(a, hop), handshake(b, hop)
	if from == nil || to == nil || len(from.Chain) == 0 || len(to.Chain) == 0 {
		return
	}
	x, y := from.Chain[0], to.Chain[0]
	changed := x.Issuer != y.Issuer || x.Subject != y.Subject
	d.change(Change{Kind: KindPath, Path: path, Field: "certificate" + at, From: holder(x), To: holder(y)})
	d.change(Change{Kind: KindPath, Path: path, Field: "trusted" + at, From: trusted(from), To: trusted(to)})
	if !changed && x.SHA256 != y.SHA256 {
		d.note(Change{Kind: KindPath, Path: path, Field: "certificate" + at, From: "until " + day(x.NotAfter) + ", " +
			fingerprint(x), To: "until " + day(y.NotAfter) + ", " + fingerprint(y)})
	}
}

func handshake(res report.Result, hop report.Hop) *report.TLSDetail {
	s, _ := res.Step(hop, report.StageTLS)
	d, _ := s.Detail.(*report.TLSDetail)
	return d
}

func holder(c report.Certificate) string { return c.Subject + ", issued by " + c.Issuer }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// fingerprint is enough of one to tell two apart.
func fingerprint(c report.Certificate) string { return "SHA-256 " + c.SHA256[:min(12, len(c.SHA256))] }

func trusted(d *report.TLSDetail) string {
	var out []string
	for pool, t := range d.Trust {
		if t.OK {
			out = append(out, pool)
		}
	}
	slices.Sort(out)
	if len(out) == 0 {
		return "by none"
	}
	return "by " + strings.Join(out, ", ")
}
