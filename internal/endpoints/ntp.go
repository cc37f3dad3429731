package endpoints

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/probe"
	"edgenet/report"
)

// ntp asks for the time once (RFC 4330); an answer of any stratum will do.
func (t *tester) ntp(ctx context.Context, e Endpoint) *Outcome {
	trace := hop.NewTrace(ctx, t.base)
	addrs, fault := hop.Resolve(ctx, t.Env, trace, report.HopTarget, e.Host, e.Port)
	if fault != nil {
		return outcome(trace.Steps(), fault, 0)
	}
	o := &Outcome{At: time.Now().UTC().Format(time.RFC3339)}
	for _, a := range addrs {
		o.Addresses = append(o.Addresses, a.Addr().String())
	}
	start := time.Now()
	if err := askTime(ctx, addrs[0].String()); err != nil {
		o.Status, o.Actor = report.Failed, report.ActorFirewall
		o.Summary = fmt.Sprintf("no answer from %s (UDP): %s", addrs[0], neterr.Text(err))
		return o
	}
	o.Status, o.LatencyMs = report.OK, report.MillisOf(time.Since(start))
	return o
}

func askTime(ctx context.Context, address string) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "udp", address)
	if err != nil {
		return err
	}
	c = hop.Guard(ctx, c)
	defer func() { _ = c.Close() }()
	request := make([]byte, 48)
	request[0] = 4<<3 | 3 // version 4, client
	for range 2 {         // one packet may get lost
		if _, err = c.Write(request); err != nil {
			return err
		}
		_ = c.SetReadDeadline(halfway(ctx))
		answer := make([]byte, 512)
		n := 0
		if n, err = c.Read(answer); err == nil && n >= 48 && answer[0]&7 == 4 {
			return nil
		}
	}
	if err == nil {
		err = fmt.Errorf("what answers at port %s does not speak NTP", portOf(address))
	}
	return err
}

func halfway(ctx context.Context) time.Time {
	d, ok := ctx.Deadline()
	if !ok {
		return time.Now().Add(probe.DefaultTimeout / 2)
	}
	return time.Now().Add(time.Until(d) / 2)
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return strconv.Itoa(0)
	}
	return port
}
