package judge

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"edgenet/report"
)

// The findings that restate the verdict for those who read findings alone.

func protocolNone(v *view) []conclusion {
	c := newChooser(v.results, v.q)
	tried := v.matching(func(r *report.Result) bool { return r.Protocol != report.HTTPS })
	if v.verdict.UpstreamProtocol != nil || v.q.provisions() || len(tried) == 0 || c.undecided() {
		return nil
	}
	if d := c.dominant(); d != nil {
		bad := v.matching(func(r *report.Result) bool { return failed(r) && r.Protocol != report.HTTPS })
		return one(conclusion{actor: d.Actor,
			summary: "no UpstreamProtocol works; most paths end with: " + d.Summary, remedy: d.Remedy, results: bad})
	}
	return one(conclusion{actor: report.ActorHost, results: tried,
		summary: "no UpstreamProtocol works by a route that the runtime can use", remedy: usableRoute})
}

// usableRoute is the remedy where the routes themselves are the fault.
const usableRoute = "Give the runtime an http:// proxy, or allow it to reach the hub directly."

func protocolMismatch(v *view) []conclusion {
	if v.verdict.UpstreamProtocol == nil || !known(v.verdict.Consistent, false) {
		return nil
	}
	p, want := *v.verdict.UpstreamProtocol, v.q.Expect
	about := v.matching(func(r *report.Result) bool { return r.Protocol == want && failed(r) })
	if len(about) == 0 {
		about = v.matching(func(r *report.Result) bool {
			return r.Protocol == want || ok(r) && r.Protocol == p && r.Route == v.verdict.Route
		})
	}
	return one(conclusion{actor: report.ActorHost,
		summary: fmt.Sprintf("%s is expected and %s; %s works", want, newChooser(v.results, v.q).whyNot(want), p),
		remedy: fmt.Sprintf("Set UpstreamProtocol to %s for edgeAgent and edgeHub, in the device's configuration "+
			"and in every deployment for it; or have the way for %s opened.", p.RuntimeName(), want),
		results: about})
}

// httpsRequired is R1.
func httpsRequired(v *view) []conclusion {
	if !known(v.verdict.HTTPSOK, false) || v.q.provisions() {
		return nil
	}
	bad := v.matching(func(r *report.Result) bool {
		return r.Protocol == report.HTTPS && failed(r) && !known(r.RuntimeUsable, false)
	})
	if len(bad) == 0 {
		bad = v.matching(func(r *report.Result) bool { return r.Protocol == report.HTTPS })
	}
	f := conclusion{actor: report.ActorHost, results: bad,
		summary: "HTTPS 443 to the hub works by no route that the runtime can use, and the IoT Edge daemon needs it " +
			"whatever the upstream protocol",
		remedy: usableRoute}
	if r := newChooser(v.results, v.q).judged(report.HTTPS); r != nil {
		f.actor, f.remedy = r.Actor, r.Remedy
		f.summary = "the IoT Edge daemon needs HTTPS 443 to the hub whatever the upstream protocol, and it fails: " +
			r.Summary
	}
	return one(f)
}

// protocolUnsetHub is R9: edgeAgent falls back to AMQPWS, edgeHub does not.
func protocolUnsetHub(v *view) []conclusion {
	if v.q.ExpectSource != "default" {
		return nil
	}
	amqp := v.matching(func(r *report.Result) bool { return r.Protocol == report.AMQP && direct(r) })
	broken := len(amqp) > 0 && failed(amqp[0])
	if len(amqp) == 0 { // not probed: what was shows what to set
		amqp = v.matching(func(r *report.Result) bool { return r.Protocol != report.HTTPS })
	}
	if len(amqp) == 0 {
		return nil
	}
	remedy := "Run this check again once a way is open, and set UpstreamProtocol to what it then names for " +
		"edgeAgent and edgeHub."
	if p := v.verdict.UpstreamProtocol; p != nil {
		remedy = fmt.Sprintf("Set UpstreamProtocol to %s for edgeAgent and edgeHub.", p.RuntimeName())
	}
	return one(conclusion{facts: report.Facts{Grave: broken},
		summary: "UpstreamProtocol is not set: edgeAgent tries AMQP and then AMQPWS, edgeHub tries AMQP over TCP alone",
		remedy:  remedy, results: amqp})
}

func serviceUnwell(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool { return failed(r) && (r.Reached() || upgradeRefusedByHub(r)) })
	if len(bad) == 0 {
		return nil
	}
	return one(conclusion{actor: report.ActorService,
		summary: "the service is reached and not well: " + bad[0].Summary, remedy: bad[0].Remedy, results: bad})
}

// upgradeRefusedByHub tells whether hubRefuses found that it is the hub that refuses a WebSocket.
func upgradeRefusedByHub(r *report.Result) bool {
	return r.Cause == report.WSStatus && (r.Actor == report.ActorService || r.Actor == report.ActorParent)
}

func lossSeen(v *view) []conclusion {
	flaky := v.matching(func(r *report.Result) bool {
		return r.Failures > r.FailureCauses[report.ConnectLimit] && r.Failures < r.Attempts && telling(r) &&
			!refusedNowAndThen(r)
	})
	again := v.resent()
	out, heavy := nodesDiffer(v), v.counted(report.Silent)
	woke, dark := v.woke()
	if len(flaky)+len(again)+len(heavy)+len(woke) == 0 {
		return out
	}
	var words []string
	if attempts, failures := 0, 0; len(flaky) > 0 {
		for _, r := range flaky {
			attempts, failures = attempts+r.Attempts, failures+r.Failures
		}
		words = append(words, fmt.Sprintf("%d of %d attempts failed on paths that work otherwise: %s", failures,
			attempts, flapping(flaky)))
	}
	remedy := "Look for loss, rate limits or a flapping link at the times in the report."
	switch {
	case woke != nil && len(flaky) == 0:
		again = woke
		words = append(words, fmt.Sprintf("nothing got through for %.2g s, and from then on everything did: so does "+
			"a link that has to wake up or to dial first", dark.Seconds()))
		remedy = fmt.Sprintf("Check again: right after this run connecting takes no time, and after minutes of "+
			"silence as long again, if it is so. Then keep the link up (power saving of the modem, dial on demand), "+
			"or see that all programs wait more than %.0f s for a connection.", math.Ceil(dark.Seconds()))
	case heavy != nil:
		words, again = append(words, heavyWords(heavy)), heavy
	case again != nil:
		words = append(words, resentWords(again))
	}
	return append(out, conclusion{actor: report.ActorNetwork, summary: strings.Join(words, "; "), remedy: remedy,
		results: append(flaky, again...)})
}

// telling tells whether another run would show the same: how often a path failed while one
// stray failure of it was confirmed is mostly chance, unless it is much.
func telling(r *report.Result) bool {
	return r.Confirmations == 0 || failed(r) || lossy(r)
}

// lossy tells whether so much of a path's attempts failed that this is no chance.
func lossy(r *report.Result) bool { return r.Attempts >= 5 && 5*r.Failures >= 2*r.Attempts }

// flapping says of each path how often which cause came.
func flapping(rs []*report.Result) string {
	var out []string
	for _, r := range rs {
		var causes []string
		for _, c := range slices.Sorted(maps.Keys(r.FailureCauses)) {
			causes = append(causes, fmt.Sprintf("%d × %s", r.FailureCauses[c], c))
		}
		out = append(out, fmt.Sprintf("%s %s %d of %d (%s)", r.Protocol, r.Route, r.Failures, r.Attempts,
			strings.Join(causes, ", ")))
	}
	return strings.Join(out, "; ")
}

// highLatencyMs is a median time to the protocol's answer beyond which a path is slow:
// some seven round trips of a geostationary satellite link. It needs three attempts,
// so that one lost packet does not raise it.
const highLatencyMs = 4000

func latencyHigh(v *view) []conclusion {
	slow := v.matching(func(r *report.Result) bool {
		return r.Attempts >= 3 && r.Latency != nil && r.Latency.MedianMs > highLatencyMs
	})
	out := slowConnects(v)
	if len(slow) == 0 {
		return out
	}
	l := slow[0].Latency
	return append(out, conclusion{actor: report.ActorNetwork,
		summary: fmt.Sprintf("%s takes %.1f s to answer (least %.1f s, most %.1f s)", slow[0].Protocol,
			float64(l.MedianMs)/1000, float64(l.MinMs)/1000, float64(l.MaxMs)/1000),
		remedy:  "Find the cause of the delay; meanwhile a larger MaxUpstreamBatchSize of edgeHub helps throughput.",
		results: slow})
}
