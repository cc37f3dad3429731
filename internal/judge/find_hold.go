package judge

import (
	"fmt"
	"math"

	"edgenet/report"
)

// heartbeats of the runtime: edgeAgent and edgeHub send one every 60 s by AMQP; the
// .NET client pings every 75 s by MQTT (a quarter of its keep-alive of 300 s).
const (
	HeartbeatAMQP = 60
	HeartbeatMQTT = 75
)

// heartbeat is how often the runtime says something on such a connection, in seconds. The
// daemon's HTTPS has none: what it shows of the way is held against the WebSocket
// protocols on the same port, of which AMQP's is the smaller.
func heartbeat(p report.Protocol) float64 {
	if p == report.MQTT || p == report.MQTTWS {
		return HeartbeatMQTT
	}
	return HeartbeatAMQP
}

// holdDetail is what keeping a path's connections idle showed, nil where none was.
func holdDetail(r *report.Result) *report.HoldDetail {
	st, _ := r.Step(report.HopTarget, report.StageHold)
	d, _ := st.Detail.(*report.HoldDetail)
	return d
}

// holdShort: an idle connection lives shorter than the runtime's own heartbeat.
func holdShort(v view) []conclusion {
	short := v.matching(func(r *report.Result) bool {
		d := holdDetail(r)
		return d != nil && d.LostSec > 0 && d.HeldSec < heartbeat(r.Protocol) && d.LostSec <= heartbeat(r.Protocol)
	})
	if len(short) == 0 {
		return nil
	}
	least := short[0]
	for _, r := range short {
		if holdDetail(r).LostSec < holdDetail(least).LostSec {
			least = r
		}
	}
	d := holdDetail(least)
	return one(conclusion{results: short,
		summary: fmt.Sprintf("an idle connection is lost after %s by the route %s, and the runtime is silent for up "+
			"to %.0f s", IdleWords(d), least.Route, heartbeat(least.Protocol)),
		remedy: holdRemedy(d)})
}

// IdleWords says between which idle times a connection is lost.
func IdleWords(d *report.HoldDetail) string {
	if d.HeldSec == 0 || d.HeldSec >= d.LostSec {
		return fmt.Sprintf("%.3g s or less", d.LostSec)
	}
	return fmt.Sprintf("%.3g to %.3g s", d.HeldSec, d.LostSec)
}

// holdRemedy names the keep-alive that would do.
func holdRemedy(d *report.HoldDetail) string {
	s := "Raise the idle timeout of the NAT, firewall or proxy above the runtime's heartbeat (AMQP 60 s, MQTT 75 s)"
	if d.KeepAliveSec > 0 {
		s += fmt.Sprintf("; until then let something be sent every %.3g s: TCP keep-alives "+
			"(net.ipv4.tcp_keepalive_time=%.0f, where programs turn them on), or a module that sends a message "+
			"that often", d.KeepAliveSec, math.Max(1, math.Floor(d.KeepAliveSec)))
	}
	return s + "."
}
