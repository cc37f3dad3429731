package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// A padded request fills a packet of 1,500 bytes, which carries 1,448 of TCP where segments have
// timestamps (RFC 879, RFC 7323), and is no longer: TLS adds at most recordCost to it (RFC 5246,
// section 6.2.3.3, and RFC 5288: with the nonce; RFC 8446, section 5.2, is less). A path sends
// nothing else as large, and messages of the runtime are.
const (
	fullSegment = 1460 - 12
	recordCost  = 5 + 8 + 16
	paddedSize  = fullSegment - recordCost
)

// How long the answer to a padded request is waited for: longer than packets that get lost
// by chance are sent again, and ten round trips.
const (
	paddedWait  = 3 * time.Second
	paddedTrips = 10
)

// answer is what came of a request.
type answer struct {
	x    *exchanger // by which it came
	resp *http.Response
	body []byte
	err  error
}

// ask puts the path's question to a service. Once a route, and on no slow link, it is padded: that
// costs a run fewer bytes than asking twice. Where it gets no answer, is cut, or gets one that servers give which
// take no large header, the plain question decides, on a connection of its own.
func (a *attempt) ask(ctx context.Context, x *exchanger, question string, d *report.HTTPDetail) answer {
	if a.sparing || a.alone || a.Depth == DepthAuth || a.survey == nil || !a.survey.pads(a.Route.ID) {
		resp, body, err := x.get(question, "", d)
		return answer{x, resp, body, err}
	}
	left := a.Timeout
	if l, ok := hop.Until(ctx); ok {
		left = l
	}
	start := time.Now()
	x.padded = min(max(paddedWait, paddedTrips*a.waited.Trip()), left/2)
	resp, body, err := x.get(question, "", d)
	x.padded = 0
	said := answer{x, resp, body, err}
	silent := err != nil && (neterr.Of(err) == neterr.Timeout || isCut(err)) && x.br.Buffered() == 0 &&
		time.Since(start) < left
	if silent || err == nil && tooLarge[resp.StatusCode] && len(d.HubHeaders) == 0 {
		own, cancel := context.WithDeadline(ctx, start.Add(left))
		a.after(cancel)
		return a.askPlainly(own, said, question, d, start, silent)
	}
	if err == nil {
		d.PaddedBytes = paddedSize
	}
	return said
}

// isCut tells whether a connection ended in place of an answer.
func isCut(err error) bool { return neterr.Of(err) == neterr.Reset || neterr.Of(err) == neterr.EOF }

// tooLarge are the answers of servers that take no large header.
var tooLarge = map[int]bool{http.StatusBadRequest: true, http.StatusRequestEntityTooLarge: true,
	http.StatusRequestURITooLong: true, http.StatusRequestHeaderFieldsTooLarge: true}

// askPlainly asks without the padding on a new connection, and with it beside that where it stayed
// without an answer, until the silence of the first one would have ended. Where nothing is reached
// any more the first word stands.
func (a *attempt) askPlainly(ctx context.Context, first answer, question string, d *report.HTTPDetail, start time.Time,
	silent bool) answer {
	var again *report.Experiment
	var wg sync.WaitGroup
	if silent {
		beside, local := *a, first.x.session.LocalAddr().String()
		wg.Go(func() { again = beside.paddedTwice(ctx, start, local) })
	}
	x, conn, err := a.anew(ctx, 0)
	if err != nil {
		wg.Wait()
		return first
	}
	a.after(func() { hop.Reset(conn) })
	*d = report.HTTPDetail{Request: d.Request}
	lost := time.Since(start)
	resp, body, err := x.get(question, "", d)
	proof := time.Since(a.start) - a.gave - lost
	wg.Wait()
	if err == nil {
		a.padding, a.proof = again, proof
	}
	return answer{x, resp, body, err}
}

// paddedTwice asks padded on two new connections side by side, one of them in small segments.
func (a *attempt) paddedTwice(ctx context.Context, start time.Time, local string) *report.Experiment {
	e := &report.Experiment{Name: report.FullSize, Outcome: report.Unavailable,
		StartMs: report.MillisOf(start.Sub(a.survey.base)),
		Sent: fmt.Sprintf("a request of %d bytes to %s from %s, and the same again on new connections",
			paddedSize,
			net.JoinHostPort(a.Host, fmt.Sprint(a.Protocol.Port())), local)}
	at := a.env.Clock().Add(-time.Since(start)).UTC().Truncate(time.Millisecond)
	e.At = &at
	var full, small error
	var wg sync.WaitGroup
	wg.Go(func() { full = a.paddedAnew(ctx, 0) })
	wg.Go(func() { small = a.paddedAnew(ctx, hop.SafeSegment) })
	wg.Wait()
	e.DurationMs = report.MillisOf(time.Since(start))
	switch {
	case !hop.SegmentsLimited:
		e.Summary = "a request that fills a packet gets no answer, and this system does not let a program limit its " +
			"segments, which would tell why"
	case full == nil:
		e.Summary = "a request that fills a packet got no answer once and then one: it comes and goes"
	case isCut(full):
		e.Outcome = report.Killed
		e.Summary = fmt.Sprintf("a request of %d bytes is cut twice, and a small one is answered", paddedSize)
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

// padElsewhere sends the padded request by the other addresses of a name as well, where the one by which the
// path went has answered it: each has a way of its own. Where no upstream path works they are not spoken to.
func padElsewhere(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	if decisive(paths, results) < 0 {
		return
	}
	for i, p := range paths {
		r := &results[i]
		st, _ := r.Step(report.HopTarget, report.StageHTTP)
		d, is := st.Detail.(*report.HTTPDetail)
		tried := triedAt(r)
		if !is || d.PaddedBytes == 0 || r.Status != report.OK || p.Route.Proxy != nil || len(tried) < 2 ||
			p.survey.brake.slow() {
			continue
		}
		lost := make([]*report.Experiment, min(len(tried), 1+mostAddresses))
		var wg sync.WaitGroup
		for j := range lost {
			if ip := addrOf(tried[j].Remote); tried[j].Status == report.OK && ip != addrOf(tcpOf(r.Steps).Remote) {
				wg.Go(func() { lost[j] = p.paddedBy(round, env, base, ip) })
			}
		}
		wg.Wait()
		if j := slices.IndexFunc(lost, func(e *report.Experiment) bool { return e != nil }); j >= 0 {
			r.Experiments = append(r.Experiments, *lost[j])
		}
	}
}

// paddedBy is what came of padded requests by one address of a name, nil where they are not lost for their
// size.
func (p *Path) paddedBy(round context.Context, env *hop.Env, base time.Time, ip netip.Addr) *report.Experiment {
	own, here := *p, *env
	own.Timeout, here.Only = min(p.Timeout, paddedWait), ip
	ask := func() *attempt {
		return &attempt{Path: &own, env: &here, trace: hop.NewTrace(round, base), start: time.Now()}
	}
	ctx, cancel := hop.WithPatience(round, own.Timeout)
	defer cancel()
	a := ask()
	if err := a.paddedAnew(ctx, 0); err == nil || neterr.Of(err) != neterr.Timeout || hop.Ended(round) {
		return nil
	}
	again, done := hop.WithPatience(round, own.Timeout)
	defer done()
	e := ask().paddedTwice(again, a.start, "another connection")
	if e.Outcome != report.Silent {
		return nil
	}
	e.Addresses = []string{ip.String()}
	return e
}

// paddedAnew asks padded on a connection of its own, which is reset.
func (a *attempt) paddedAnew(ctx context.Context, segment int) error {
	x, conn, err := a.anew(ctx, segment)
	if err != nil {
		return err
	}
	defer hop.Reset(conn)
	x.padded = a.Timeout
	path, version := a.question()
	_, _, err = x.get(path+"?api-version="+version, "", &report.HTTPDetail{})
	return err
}

// anew reaches the service on a connection of its own.
func (a *attempt) anew(ctx context.Context, segment int) (*exchanger, net.Conn, error) {
	own, env := *a, *a.env
	env.MaxSegment = segment
	own.env, own.trace = &env, a.trace.Aside()
	conn, fault := own.reach(ctx)
	if fault != nil {
		return nil, nil, errors.New(fault.Summary)
	}
	session, fault := hop.Handshake(ctx, &env, own.trace, report.HopTarget, conn, own.tlsOptions())
	if fault != nil {
		hop.Reset(conn)
		return nil, nil, errors.New(fault.Summary)
	}
	return own.exchanger(ctx, session), conn, nil
}

// fill makes a request as long as what fills a packet.
func fill(wire []byte) []byte {
	const name, end = "X-Padding: ", "\r\n"
	room := paddedSize - len(wire) - len(name) - len(end)
	if room < 0 {
		return wire
	}
	return slices.Concat(wire[:len(wire)-len(end)], []byte(name+strings.Repeat("x", room)+end), []byte(end))
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
