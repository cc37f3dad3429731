package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// A padded request fills a packet of 1,500 bytes, which carries 1,460 of TCP (RFC 879), and
// is no longer: TLS adds at least recordCost to it (RFC 5246, section 6.2.3.3, and RFC 8446,
// section 5.2). A path sends nothing else as large, and messages of the runtime are.
const (
	fullSegment = 1460
	recordCost  = 5 + 16
	paddedSize  = fullSegment - recordCost
)

// How long the answer to a padded request is waited for: longer than packets that get lost
// by chance are sent again, and ten times what the same answer took without the padding.
const (
	paddedWait  = 3 * time.Second
	paddedTrips = 10
)

// fillPacket asks a service that has answered the same once more, padded, on the same
// connection; once a route, and on no slow link. Where that stays silent and the same is
// answered in small segments, large packets get lost on the way up.
func (a *attempt) fillPacket(ctx context.Context, x *exchanger, d *report.HTTPDetail, took time.Duration) {
	if a.sparing || a.survey == nil || !x.whole || !a.survey.pads(a.Route.ID) {
		return
	}
	wait := max(paddedWait, paddedTrips*took)
	if left, ok := hop.Until(ctx); ok {
		wait = min(wait, left*3/4)
	}
	start := time.Now()
	err := x.padded(wait)
	if err == nil {
		d.PaddedBytes = paddedSize
		return
	}
	if k := neterr.Of(err); k != neterr.Timeout || hop.Ended(ctx) {
		return // an end that speaks is no lost packet
	}
	a.padding = a.paddedTwice(ctx, wait, start, x.session.LocalAddr().String())
}

// paddedTwice asks padded on two new connections side by side, one of them in small segments.
func (a *attempt) paddedTwice(ctx context.Context, wait time.Duration, start time.Time,
	local string) *report.Experiment {
	e := &report.Experiment{Name: report.FullSize, Outcome: report.Unavailable,
		StartMs: report.MillisOf(start.Sub(a.survey.base)),
		Sent: fmt.Sprintf("a request of %d bytes to %s from %s, and the same again on new connections",
			paddedSize,
			net.JoinHostPort(a.Host, fmt.Sprint(a.Protocol.Port())), local)}
	at := a.env.Clock().Add(-time.Since(start)).UTC().Truncate(time.Millisecond)
	e.At = &at
	var full, small error
	var wg sync.WaitGroup
	wg.Go(func() { full = a.paddedAnew(ctx, 0, wait) })
	wg.Go(func() { small = a.paddedAnew(ctx, hop.SafeSegment, wait) })
	wg.Wait()
	e.DurationMs = report.MillisOf(time.Since(start))
	switch {
	case !hop.SegmentsLimited:
		e.Summary = "a request that fills a packet gets no answer, and this system does not let a program limit its " +
			"segments, which would tell why"
	case full == nil:
		e.Summary = "a request that fills a packet got no answer once and then one: it comes and goes"
	case neterr.Of(full) == neterr.Timeout && small == nil:
		e.Outcome = report.Silent
		e.Summary = fmt.Sprintf("a request of %d bytes gets no answer twice, and the same in segments of %d "+
			"bytes gets one", paddedSize, hop.SafeSegment)
	default:
		e.Summary = "a request that fills a packet gets no answer, and neither does the same in small segments: size " +
			"is not the reason"
	}
	return e
}

// paddedAnew reaches the service on a connection of its own and asks padded.
func (a *attempt) paddedAnew(ctx context.Context, segment int, wait time.Duration) error {
	own := *a
	env := *a.env
	env.MaxSegment = segment
	own.env, own.trace = &env, a.trace.Aside()
	conn, fault := own.reach(ctx)
	if fault != nil {
		return errors.New(fault.Summary)
	}
	defer hop.Reset(conn)
	session, fault := hop.Handshake(ctx, &env, own.trace, report.HopTarget, conn, own.tlsOptions())
	if fault != nil {
		return errors.New(fault.Summary)
	}
	return own.exchanger(ctx, session).padded(wait)
}

// padded sends the request with a header that fills a packet, and waits for any answer.
func (x *exchanger) padded(wait time.Duration) error {
	path, version := x.a.question()
	ask := fmt.Sprintf("GET %s?api-version=%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: edgenet\r\nX-Padding: ",
		path, version, bracket(x.a.Host))
	const end = "\r\n\r\n"
	ask += strings.Repeat("x", max(paddedSize-len(ask)-len(end), 0)) + end
	x.limited.N = maxAnswer + maxPage
	if _, err := x.session.Write([]byte(ask)); err != nil {
		return err
	}
	_ = x.session.SetReadDeadline(time.Now().Add(wait))
	_, err := x.br.ReadByte()
	return err
}

// pads tells whether a padded request may be sent by a route: once, and on no slow link.
func (s *survey) pads(route string) bool {
	s.brake.mu.Lock()
	slow := s.brake.rate > 0
	s.brake.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if slow || s.padded[route] {
		return false
	}
	s.padded[route] = true
	return true
}
