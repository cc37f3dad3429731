package probe

import (
	"context"
	"net"
	"slices"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// flight is a connection on which the peer's first flight is timed. Time in which this process
// did not run is none: bytes that had come by then look late, and the link is not slow for it.
type flight struct {
	net.Conn
	b     *brake
	trip  time.Duration // of TCP's own handshake
	asked time.Time
	first time.Time
	last  time.Time
	n     int // bytes after those that came at once
	all   int
	done  bool
	// what this process had lost when it asked, at the first bytes and at the last (hop.Lost)
	lostAsked, lostFirst, lostLast time.Duration
}

// NetConn is the connection below.
func (f *flight) NetConn() net.Conn { return f.Conn }

func (f *flight) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if n > 0 && !f.done {
		now := hop.Arrived(f.Conn, time.Now())
		f.all += n
		f.lostLast = hop.Lost()
		if f.first.IsZero() {
			f.first, f.lostFirst = now, f.lostLast
		} else if now.Sub(f.first) > oneSegment {
			f.n += n
		}
		f.last = now
		f.b.came(now)
	}
	return n, err
}

// changeCipher is the size of the record that TLS 1.3 sends for the sake of middleboxes,
// as soon as the peer's first message is there (RFC 8446, appendix D.4).
const changeCipher = 6

// Write after something came is this side's second flight: the peer's first was whole.
func (f *flight) Write(p []byte) (int, error) {
	if !f.first.IsZero() && !f.done && len(p) > changeCipher {
		f.done = true
		f.b.learn(f.n, f.all, f.last.Sub(f.first)-(f.lostLast-f.lostFirst),
			f.last.Sub(f.asked)-f.trip-(f.lostLast-f.lostAsked))
	}
	if f.asked.IsZero() {
		f.asked, f.lostAsked = time.Now(), hop.Lost()
	}
	return f.Conn.Write(p)
}

// giveWay waits, where a path may, before it connects. Those that have the most round trips
// before them go first; the others have the time to wait. Where the link is slow by then
// they connect in small segments: a peer that knows a short round trip alone would send
// large ones again and again, before it can know that they arrived.
func (a *attempt) giveWay(ctx context.Context, s report.Stage) {
	if a.survey == nil || a.leave != nil || s != report.StageTCP && s != report.StageTLS || s == report.StageTCP &&
		a.yields == report.StageTLS {
		return
	}
	b, since := a.survey.brake, time.Now()
	a.leave = b.enter(ctx, a.Path, a.waited)
	a.gave += time.Since(since)
	if s == report.StageTCP && b.slow() && hop.SegmentsLimited && a.env.MaxSegment == 0 {
		a.env.MaxSegment = hop.SafeSegment
	}
}

// goOn lets others go.
func (a *attempt) goOn() {
	if a.leave != nil {
		a.leave()
	}
}

// handshake shakes hands at the target. On a slow link the path keeps its turn for a while.
func (a *attempt) handshake(ctx context.Context, conn net.Conn, o hop.TLSOptions) (*hop.Session, *hop.Fault) {
	if a.survey == nil {
		return hop.Handshake(ctx, a.env, a.trace, report.HopTarget, conn, o)
	}
	b := a.survey.brake
	s, fault := hop.Handshake(ctx, a.env, a.trace, report.HopTarget, &flight{Conn: conn, b: b, trip: a.waited.Trip()},
		o)
	if fault == nil {
		a.look()
	}
	if fault != nil || !b.slow() {
		a.goOn()
		return s, fault
	}
	time.AfterFunc(wholeShare, a.goOn)
	return s, fault
}

// tripsOf is how many round trips a protocol takes to its proof: TCP one, TLS two, a WebSocket and
// MQTT one, AMQP two, and HTTP two with the request that fills a packet. Nobody waits for goodbyes.
var tripsOf = map[report.Protocol]int{report.HTTPS: 5, report.MQTT: 4, report.MQTTWS: 5, report.AMQP: 5,
	report.AMQPWS: 6}

// firstTrips are what it takes until a peer's certificates are there.
const firstTrips = 2

// trips is how many round trips a path of the plan takes: the same for all where nothing
// is spoken.
func (p Plan) trips(proto report.Protocol) int {
	if p.Depth == DepthTCP || p.Depth == DepthTLS {
		return firstTrips
	}
	return tripsOf[proto]
}

// spare is by how many round trips a path is shorter than the longest: none where not all
// are under way at once, since the longest may be the one that waits.
func (p Plan) spare(proto report.Protocol) int {
	if p.Parallel > 0 && p.Parallel < len(p.Routes)*len(p.Protocols) {
		return 0
	}
	most := 0
	for _, o := range p.Protocols {
		most = max(most, p.trips(o))
	}
	return most - p.trips(proto)
}

// last tells whether a path has the time to wait for two first flights, one after the other.
func (p Plan) last(proto report.Protocol) bool { return p.spare(proto) > 2*firstTrips }

// yields is the stage before which a path waits for the first certificates: the run must not
// last longer for it. Who has connected already waits for one round trip. Empty is none.
func (p Plan) yields(proto report.Protocol) report.Stage {
	switch spare := p.spare(proto); {
	case spare >= firstTrips:
		return report.StageTCP
	case spare > 0:
		return report.StageTLS
	}
	return ""
}

// rankOf orders what the verdict needs: HTTPS and what is expected, then by preference;
// what the runtime would not use comes last.
func (p Plan) rankOf(proto report.Protocol, usable *bool) int {
	rank := 1 + slices.Index(p.Prefer, proto)
	switch {
	case proto == p.Expect:
		rank = 0
	case proto == report.HTTPS:
		rank = 1
	case rank == 0:
		rank = len(p.Prefer) + 1
	}
	if usable != nil && !*usable {
		rank += 100
	}
	return rank
}
