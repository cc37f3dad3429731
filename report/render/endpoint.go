package render

import (
	"net"
	"strings"
	"time"

	"edgenet/report"
)

// flow is who talked to whom, and when: what stands in a firewall's log.
type flow struct {
	local, remote string
	at            time.Time // zero: unknown
}

func (f flow) words() string {
	if f.local == "" && f.remote == "" {
		return ""
	}
	return strings.TrimSpace(f.local + " → " + f.remote)
}

// endpoints finds the connection that a failed result failed on: that of its own step,
// else the one that its stage ran over. The time is that of the evidence, else of the
// step's start.
func endpoints(r *report.Report, res report.Result) flow {
	var out flow
	for _, s := range res.Steps {
		f := flowOf(s.Detail)
		if f.remote != "" {
			out.local, out.remote = f.local, f.remote
		}
		if s.Status == report.Failed && s.Hop == res.Hop && s.Stage == res.Stage {
			out.at = f.at
			if out.at.IsZero() && !r.StartedAt.IsZero() {
				out.at = r.StartedAt.Add(s.StartMs.Duration())
			}
			break
		}
	}
	return out
}

// flowOf reads a step's evidence.
func flowOf(d report.Detail) flow {
	switch d := d.(type) {
	case *report.TCPDetail:
		return flow{d.Local, d.Remote, d.At}
	case *report.TLSDetail:
		return flow{d.Local, d.Remote, when(d.At)}
	case *report.ConnectDetail:
		return flow{d.Local, d.Remote, when(d.At)}
	case *report.DNSDetail:
		return flow{at: when(d.At)}
	case *report.WebSocketDetail:
		return flow{at: when(d.At)}
	case *report.AMQPDetail:
		return flow{at: when(d.At)}
	case *report.MQTTDetail:
		return flow{at: when(d.At)}
	case *report.HTTPDetail:
		return flow{at: when(d.At)}
	case *report.AuthDetail:
		return flow{at: when(d.At)}
	case *report.HoldDetail:
		return flow{at: when(d.At)}
	}
	return flow{}
}

func when(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// split parts an address; what has no port is all host.
func split(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, ""
	}
	return host, port
}
