//go:build netns && linux

package netns

import (
	"fmt"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestWhatKills(t *testing.T) { runScenes(t, killedScenes()) }

// What hellos hold, as bytes: supported_versions (RFC 8446, 4.2.1) of the runtime's hello, which offers TLS 1.3
// and 1.2, and of those that offer one of them alone.
const (
	bothVersions = "|2b00050403040303|"
	newVersion   = "|2b0003020304|"
	oldVersion   = "|2b0003020303|"
)

// holding makes the firewall reset or drop what holds one of some bytes on its way to 5671.
func holding(target string, texts ...string) func(*network) {
	return func(n *network) {
		for _, text := range texts {
			line := []string{"iptables", "-A", "FORWARD", "-p", "tcp", "--dport", "5671", "-m", "string", "--algo", "bm",
				"--hex-string", text, "-j", "DROP"}
			if target == "reset" {
				line = append(line[:len(line)-1], "REJECT", "--reject-with", "tcp-reset")
			}
			n.in("fw", line...)
		}
	}
}

// killedScenes are hellos that die for what they offer, and ports on which whatever is sent does: nobody says
// that TLS is stopped where something else was stopped as well.
func killedScenes() []scene {
	told := func(name string, c report.Cause, says string, setup func(*network)) scene {
		s := killed("killed: "+name, c, report.FirewallProtocol, setup)
		s.says = map[report.FindingCode]string{report.FirewallProtocol: says}
		return s
	}
	rule := func(r string) func(*network) { return func(n *network) { n.firewall(r) } }
	const data = " tcp flags & syn == 0 meta length > 52 " // an acknowledgement alone has 52
	everywhere := scene{name: "killed: all that follows a SYN is dropped, on all ports", exit: 1,
		setup: func(n *network) {
			n.names()
			n.lab()
			n.firewall("tcp dport { 443, 5671, 8883 } tcp flags & syn == 0 drop")
		},
		want:     []blackbox.Want{fails(report.HTTPS, report.StageTLS, report.TLSTimeout, tlsFamily)},
		findings: []report.FindingCode{report.FirewallProtocol},
		says:     map[report.FindingCode]string{report.FirewallProtocol: "TLS alone is not what decides; no path shows"},
		actors:   map[report.FindingCode]report.Actor{report.FirewallProtocol: report.ActorFirewall}}
	return []scene{
		told("TLS 1.3 is reset", report.TLSReset, "offers TLS 1.3, as the runtime's does, is cut, while one of TLS 1.2",
			holding("reset", bothVersions, newVersion)),
		told("TLS 1.3 is dropped", report.TLSTimeout, "stops hellos with TLS 1.3 on",
			holding("drop", bothVersions, newVersion)),
		told("both versions together are reset", report.TLSReset, "while one of either alone gets an answer",
			holding("reset", bothVersions)),
		told("TLS 1.2 is dropped", report.TLSTimeout, "offers TLS 1.2, as the runtime's does, gets no answer, while one of "+
			"TLS 1.3 alone", holding("drop", bothVersions, oldVersion)),
		told("TLS 1.2 is reset, and the refusal of TLS 1.3 comes back", report.TLSReset,
			"hellos that offer TLS 1.2, or the answer", holding("reset", bothVersions, oldVersion)),
		told("answers of more than some bytes are dropped", report.TLSTimeout, "what is stopped is the answer",
			rule("tcp sport 5671 meta length > 80 drop")),
		told("whatever is sent is dropped", report.TLSTimeout, "nothing that is sent after that is acknowledged",
			rule("tcp dport 5671"+data+"drop")),
		told("whatever comes back is dropped", report.TLSTimeout, "what is sent is acknowledged, and not a byte comes back",
			rule("tcp sport 5671"+data+"drop")),
		told("whatever comes back but for the SYN's answer is dropped", report.TLSTimeout,
			"nothing that is sent after that is acknowledged", rule("tcp sport 5671 tcp flags & syn == 0 drop")),
		told("whatever is sent is reset", report.TLSReset, "as is a single byte that is no TLS",
			rule("tcp dport 5671"+data+"reject with tcp reset")),
		told("TLS alone is dropped", report.TLSTimeout, "that stops TLS on TCP 5671", rule("tcp dport 5671 "+hello+"drop")),
		everywhere,
	}
}

// lossCases are networks that lose packets both ways, those of the name server too: what is heavy is named each
// time, and what is not never.
func lossCases() []scene {
	const all = "ip protocol { tcp, udp } numgen random mod 100 < %d drop"
	lossy := func(percent int) scene {
		s := scene{name: fmt.Sprintf("%d %% of all packets lost", percent), upstream: report.AMQP, only: true,
			args:  []string{"--timeout", "10s"},
			setup: func(n *network) { n.names(); n.lab(); n.firewall(fmt.Sprintf(all, percent)) }}
		if percent > 15 {
			s.findings = []report.FindingCode{report.Loss}
			s.strays = 2 // so much loss silences a path of its own now and then: 1 of 60 runs took the next protocol
		}
		return s
	}
	jitter := lossy(20)
	jitter.name = "jitter and 20 % of all packets lost"
	jitter.setup = func(n *network) {
		n.names()
		n.lab()
		n.delay(20*time.Millisecond, 10*time.Millisecond, 20)
	}
	return []scene{lossy(2), lossy(5), lossy(10), lossy(20), jitter}
}
