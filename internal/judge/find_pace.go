package judge

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"edgenet/report"
)

// The pace from which on a network is called slow: longer round trips than by one geostationary
// satellite, and a rate at which one handshake takes a quarter of a second. Several
// paths have to agree on a rate, since one late packet makes one path look slow.
const (
	slowTripMs   = 1000
	slowKbit     = 128
	agreeingPace = 2
	manyPaces    = 4 // of so many one may be wrong
)

// networkSlow concludes from what every path measured.
func networkSlow(v *view) []conclusion {
	slow := v.matching(func(r *report.Result) bool { return r.Cause == report.PathSlow })
	trip, rate, told := v.pace()
	full := ""
	if v.counted(report.Silent) != nil { // what is lost comes late
		slow, rate = nil, 0
		if trip < slowTripMs {
			return nil
		}
	}
	if rate == 0 && trip < slowTripMs {
		full = v.queued()
	}
	if len(slow) == 0 && trip < slowTripMs && rate == 0 && full == "" {
		return nil
	}
	var words []string
	if full != "" {
		words, trip = append(words, full), 0
	}
	if trip > 0 {
		words = append(words, "a round trip takes "+tripWords(trip))
	}
	if rate > 0 {
		words = append(words, fmt.Sprintf("answers come at %.3g kbit/s", rate))
	}
	if len(words) == 0 {
		words = append(words, "answers come too late")
	}
	c := conclusion{summary: "the network is slow: " + strings.Join(words, ", "), results: told,
		remedy: "No rule has to change: the network is slow and blocks nothing. Keep-alives and timeouts have to " +
			"allow for it; AMQP with its one connection does best."}
	if len(slow) > 0 {
		c.facts.Grave = slices.ContainsFunc(slow, v.wanted)
		c.summary += fmt.Sprintf("; not enough time for %s, though answers came all the time", slow[0].Protocol)
		c.remedy, c.results = "Check again with a longer --timeout: "+slow[0].Remedy, slow
	}
	return one(c)
}

// tripWords says a round trip with two digits that count.
func tripWords(trip report.Millis) string {
	switch {
	case trip < 1:
		return "less than 1 ms"
	case trip < 1000:
		return fmt.Sprintf("%.0f ms", float64(trip))
	}
	return fmt.Sprintf("%.2g s", float64(trip)/1000)
}

// pace is the shortest round trip of all paths, and the largest rate where all that tell one
// are slow, but for one of many; the results that tell.
func (v *view) pace() (trip report.Millis, rate float64, told []*report.Result) {
	var rates []float64
	busy := 0
	for _, r := range v.matching(func(r *report.Result) bool { return r.Pace != nil && r.Pace.ReceivedBytes > 0 }) {
		told = append(told, r)
		if p := r.Pace; trip == 0 || p.RoundTripMs < trip {
			trip = p.RoundTripMs
		}
		if k := r.Pace.KbitPerSec; k > 0 {
			rates = append(rates, k)
		} else if r.Pace.LateMs > 0 {
			busy++
		}
	}
	n := len(rates)
	if n < agreeingPace || n+busy < len(told) || 2*n <= len(told) {
		return trip, 0, told
	}
	sort.Slice(rates, func(i, j int) bool { return rates[i] < rates[j] }) // package sorting says why
	if n >= manyPaces {
		rates = rates[:n-1]
	}
	if rate = rates[len(rates)-1]; rate >= slowKbit {
		rate = 0
	}
	return trip, rate, told
}

// What is sent over a slow link queues there. A path of a link is slow for it whose packets are acknowledged
// so much later than the quickest of the run was, and no earlier than that: 64 kbit/s give 160 ms and more, 128
// kbit/s some 90 ms, and a peer's system that delays acknowledgements 40 ms (RFC 1122 allows 500 ms, and
// systems use a tenth). Its longest wait has to be as long as something that fits the rate. How busy this host
// is does not matter: the kernel measures.
const (
	queuedAckMs  = 110
	queuedTimes  = 3
	queuedWaitMs = 200
)

// queued says of a link that it is slow or full, where its answers are too small to show a rate: nearly all
// paths have to show it. Empty where they do not.
func (v *view) queued() string {
	told := v.matching(func(r *report.Result) bool { return r.Pace != nil && r.Pace.ReceivedBytes > 0 })
	var least, all report.Millis
	var bytes int64
	for _, r := range told {
		if p := r.Pace; p.AckMs > 0 && (least == 0 || p.LeastAckMs < least) {
			least = max(p.LeastAckMs, 0.01)
		}
		bytes += r.Pace.ReceivedBytes
		all = max(all, r.DurationMs)
	}
	var acks []report.Millis
	for _, r := range told {
		if p := r.Pace; p.AckMs >= max(queuedAckMs, queuedTimes*least) && p.LongestWaitMs >= queuedWaitMs {
			acks = append(acks, p.AckMs)
		}
	}
	if len(acks) < agreeingPace || 5*len(acks) < 4*len(told) {
		return ""
	}
	return fmt.Sprintf("what is sent is acknowledged after %s, and after %s where the link was free: it is slow or "+
		"full; all paths together got %.2g kbit/s", tripWords(slices.Max(acks)), tripWords(least),
		float64(bytes)*8/float64(all))
}

// hostBusy: results that say nothing about the network.
func hostBusy(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool { return r.Cause == report.HostLimit })
	if len(bad) == 0 {
		return nil
	}
	return one(conclusion{summary: "this host cut the check short, which says nothing about the network: " +
		bad[0].Summary, remedy: bad[0].Remedy, results: bad})
}

// limitConnections: refused side by side, or left without an answer, and allowed one at a time.
func limitConnections(v *view) []conclusion {
	var out []conclusion
	const holds = "IoT Edge holds one for edgeAgent, one or more for edgeHub, and the daemon's now and then."
	for _, r := range v.counted(report.Blocked) {
		e, _ := r.Experiment(report.LostPackets)
		c := conclusion{results: []*report.Result{r}, actor: report.ActorFirewall,
			summary: e.Summary + ": something on the way lets this device have no more at a time",
			remedy: "Allow this device more connections at a time (a limit per source in a firewall or a NAT), to " +
				"all ports of " + r.Host + ": " + holds}
		switch {
		case e.LocalDrops:
			c.actor, c.summary = report.ActorHost, e.Summary+": this host itself sends no more at a time"
			c.remedy = "Find the rule of this host's own firewall (nft list ruleset, iptables -S: ct count, " +
				"connlimit) that limits connections, and leave room: " + holds
		case !direct(r):
			c.actor = report.ActorProxy
			c.remedy = "Allow this device more connections at a time to the proxy, there or in a firewall before it: " +
				holds
		}
		out = append(out, c)
	}
	for _, route := range v.q.Routes {
		some := v.matching(func(r *report.Result) bool {
			return r.Route == route.ID &&
				r.FailureCauses[report.ConnectLimit] > 0
		})
		if len(some) == 0 {
			continue
		}
		out = append(out, conclusion{results: some,
			summary: fmt.Sprintf("the proxy %s refuses tunnels while others are open, and allows the same ones on "+
				"their own", route.Address),
			remedy: fmt.Sprintf("Allow this device more connections at a time through %s: IoT Edge holds one for "+
				"edgeAgent, one or more for edgeHub, and the daemon's now and then.", route.Address)})
	}
	return out
}

// notAsRuntime: another client gets through where the runtime does not.
func notAsRuntime(v *view) []conclusion {
	var out []conclusion
	for _, kind := range []struct {
		name report.ExperimentName
		what string
		do   string
	}{
		{report.WithUserAgent, "with a User-Agent, which neither the daemon nor edgeAgent and edgeHub send",
			"Let CONNECT in from this device without a User-Agent."},
		{report.CredentialsAtOnce, "with credentials that nobody has asked for, and edgeAgent and edgeHub send them " +
			"only after a 407", "Answer a CONNECT without credentials with 407 and Proxy-Authenticate: Basic, in " +
			"place of a refusal."},
	} {
		some := v.matching(func(r *report.Result) bool {
			e, ok := r.Experiment(kind.name)
			return failed(r) && r.Hop == report.HopProxy && ok && e.Outcome == report.Answered
		})
		if len(some) > 0 {
			out = append(out, conclusion{results: some, facts: v.matter(some),
				summary: "the proxy lets the same CONNECT in " + kind.what, remedy: kind.do})
		}
	}
	return out
}
