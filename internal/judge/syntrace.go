package judge

import (
	"fmt"
	"strings"

	"edgenet/report"
)

// SYNTrace is what the hops' answers say: between which two a port's SYNs get lost, or
// who refuses them.
type SYNTrace struct {
	port int
	// last is the farthest hop that the SYNs are known to have reached; TTL 0 is this host.
	last report.Hit
	// next is the nearest hop beyond it that SYNs to the other port reach; TTL 0 is unknown.
	next  report.Hit
	other int // the other port
	// refusal is the first refusal, TTL 0 where there was none.
	refusal report.Hit
	target  int      // how far away the target is by the other port; 0 is unknown
	front   int      // the hop that answers for the other port, nearer than these SYNs got; 0 is none
	loop    []string // the routers that hand the SYNs to each other
	open    bool     // the port answered after all
	local   bool     // this host failed to send
	// returned is how many packets this host's reverse path filter dropped while nothing was answered
	returned int
}

// SYNTraceOf reads the travels of an experiment: the port in question, then another.
func SYNTraceOf(travels []report.Travel) SYNTrace {
	if len(travels) == 0 {
		return SYNTrace{open: true} // nothing is known, so nothing is said
	}
	j := SYNTrace{port: travels[0].Port, local: travels[0].LocalDrops, loop: circle(travels[0].Hops)}
	for _, h := range travels[0].Hops {
		switch {
		case h.Answer == report.HitExpired:
			j.last = h
		case h.Answer == report.HitOpen:
			j.open = true
		case h.Answer != report.HitSilent && j.refusal.TTL == 0:
			j.refusal = h
		}
	}
	j.returned = filtered(travels)
	if len(travels) < 2 {
		return j
	}
	j.other = travels[1].Port
	for _, h := range travels[1].Hops {
		if h.Answer == report.HitOpen && j.target == 0 {
			j.target = h.TTL
		}
		if h.TTL > j.last.TTL && j.next.TTL == 0 && (h.Answer == report.HitExpired || h.Answer == report.HitOpen) {
			j.next = h
		}
	}
	// What answers for the other port in front of hops that these SYNs pass is not the target, but
	// something that takes that port's connections for it: it says nothing of where the target is.
	if j.target > 0 && (j.last.TTL >= j.target || j.refusal.TTL > j.target) {
		j.front, j.target, j.next = j.target, 0, report.Hit{}
	}
	return j
}

// someFiltered is how many packets a reverse path filter has to have dropped: a path's SYNs are answered some six
// times until SYNs are followed, and stray packets, of groups and of broadcasts, come one by one.
const someFiltered = 6

// filtered is how many packets the reverse path filter dropped where no SYN was answered by the target; 0 where too
// few, or where the target answered.
func filtered(travels []report.Travel) int {
	n := 0
	for _, t := range travels {
		for _, h := range t.Hops {
			if h.Answer == report.HitOpen || h.Answer == report.HitReset {
				return 0
			}
		}
		n = max(n, t.Filtered)
	}
	if n < someFiltered {
		return 0
	}
	return n
}

// beforeTarget tells whether nothing but the target answers beyond the last hop: then it may be its
// answers that get lost, and nobody sees where.
func (j SYNTrace) beforeTarget() bool { return j.next.Answer == report.HitOpen }

// thisHost tells that the SYNs never left: nothing answered the first hop limit, where
// the other port's was answered, and this host failed to send; or it refused by itself.
func (j SYNTrace) thisHost() bool {
	return j.returned > 0 || !j.open && j.local && j.last.TTL == 0 &&
		(j.next.TTL == 1 && j.refusal.TTL == 0 || j.refusal.TTL == 1 && j.refusal.From != "")
}

// RefusedBy is who refuses with ICMP; empty where nobody does, or a reset does.
func (j SYNTrace) RefusedBy() string { return j.refusal.From }

// tells whether the trace says more than the path's own failure does.
func (j SYNTrace) tells() bool {
	switch {
	case j.open:
		return false
	case j.returned > 0:
		return true
	case j.refusal.TTL > 0:
		return j.refusal.From != "" || j.target > j.refusal.TTL
	}
	return j.last.TTL > 0 || j.next.TTL > 0
}

// at is the place alone, whatever the port.
func (j SYNTrace) at() string {
	return fmt.Sprint(j.last.TTL, j.last.From, " ", j.next.TTL, j.next.From, " ", j.refusal.TTL, j.refusal.From,
		j.refusal.Answer, " ", j.thisHost(), j.returned > 0)
}

func (j SYNTrace) String() string { return j.about(fmt.Sprint(j.port)) }

// about says the SYNTrace of the ports named, which get lost at the same place.
func (j SYNTrace) about(ports string) string {
	switch {
	case j.open:
		return "a SYN was answered after all"
	case j.returned > 0:
		return fmt.Sprintf("while SYNs to port %s were under way, this host's reverse path filter dropped %d packets: "+
			"they came in by another link than that by which it sends", ports, j.returned)
	case j.thisHost() && j.refusal.TTL > 0:
		return fmt.Sprintf("this host itself refuses port %s with %s: its own firewall", ports,
			icmpWords(j.refusal.Answer))
	case j.refusal.TTL > 0:
		return j.refused(ports)
	case j.thisHost():
		return fmt.Sprintf("SYNs to port %s do not leave this host: its own firewall drops them", ports)
	case j.loop != nil:
		return fmt.Sprintf("SYNs to port %s go round between %s until their hop limit ends them: a routing loop", ports,
			strings.Join(j.loop, " and "))
	case j.last.TTL == 0 && j.next.TTL == 0:
		return "no hop answers, so it is not known how far SYNs travel"
	case j.last.TTL == 0:
		return fmt.Sprintf("SYNs to port %s get lost between this host and %s, which answers for port %d: this "+
			"host's own firewall, or that hop", ports, hopWords(j.next, j.target), j.other)
	case j.next.TTL == 0:
		return fmt.Sprintf("SYNs to port %s get as far as %s, and nothing beyond it answers", ports,
			hopWords(j.last, 0)) + j.frontWords()
	}
	lost := fmt.Sprintf("SYNs to port %s get lost between %s and %s, which answers for port %d", ports,
		hopWords(j.last, 0), hopWords(j.next, j.target), j.other)
	if j.beforeTarget() {
		lost += ", or their answers on the way back"
	}
	return lost
}

// frontWords says that the other port is answered nearer, empty where it is not.
func (j SYNTrace) frontWords() string {
	if j.front == 0 {
		return ""
	}
	return fmt.Sprintf("; port %d is answered at hop %d already, so something in between (a transparent proxy) takes "+
		"its connections", j.other, j.front)
}

// suspects names the devices on which the rule can be.
func (j SYNTrace) suspects() string {
	switch {
	case j.refusal.From != "":
		return "on " + j.refusal.From
	case j.loop != nil:
		return "in the routes of " + strings.Join(j.loop, " and ")
	case j.refusal.TTL == 1:
		return "on this host (nft list ruleset, iptables -S), or on the first hop"
	case j.refusal.TTL > 0:
		return fmt.Sprintf("on hop %d, or nearer", j.refusal.TTL)
	case j.last.TTL == 0 && j.next.TTL > 0:
		return "on this host, or on " + hopWords(j.next, j.target)
	case j.next.TTL == 0:
		return "on " + hopWords(j.last, 0) + ", or on what comes after it"
	}
	between := "on " + hopWords(j.last, 0) + ", on " + hopWords(j.next, j.target) + ", or on what stands between " +
		"the two"
	if j.beforeTarget() {
		between += "; and on each hop one that stops what comes from that port"
	}
	return between
}

// refused says who refuses: who sent the ICMP message, or how near the reset comes from.
func (j SYNTrace) refused(ports string) string {
	if j.refusal.From != "" {
		return fmt.Sprintf("%s refuses port %s with %s", j.refusal.From, ports, icmpWords(j.refusal.Answer))
	}
	if j.target > j.refusal.TTL {
		return fmt.Sprintf("the reset for port %s comes from %s, and the target, which answers for port %d, is hop "+
			"%d: it is not the target that resets", ports, j.resetFrom(), j.other, j.target)
	}
	if j.target == 0 {
		return fmt.Sprintf("the reset for port %s comes from %s; how far away the target is was not seen", ports,
			j.resetFrom()) + j.frontWords()
	}
	return fmt.Sprintf("the reset for port %s comes from as far as the target (hop %d)", ports, j.target)
}

// resetFrom says how near a reset comes from: with hop limit 1 nothing gets beyond the first
// hop.
func (j SYNTrace) resetFrom() string {
	if j.refusal.TTL == 1 {
		return "this host itself or from the first hop"
	}
	return fmt.Sprintf("hop %d or nearer", j.refusal.TTL)
}

// hopWords names a hop; target is the hop limit that reaches the target.
func hopWords(h report.Hit, target int) string {
	if h.Answer == report.HitOpen || h.TTL == target && target > 0 {
		return fmt.Sprintf("hop %d (the target)", h.TTL)
	}
	if h.From == "" {
		return fmt.Sprintf("hop %d", h.TTL)
	}
	return fmt.Sprintf("%s (hop %d)", h.From, h.TTL)
}

// icmpNames are the refusals of RFC 792, RFC 1812 and RFC 4443 by type/code.
var icmpNames = map[string]string{
	"icmp 3/0": "net unreachable", "icmp 3/1": "host unreachable", "icmp 3/2": "protocol unreachable",
	"icmp 3/3": "port unreachable",
	"icmp 3/9": "net prohibited", "icmp 3/10": "host prohibited", "icmp 3/13": "administratively prohibited",
	"icmp 1/0": "no route", "icmp 1/1": "administratively prohibited", "icmp 1/3": "address unreachable",
	"icmp 1/4": "port unreachable",
	"icmp 1/5": "policy refuses the source", "icmp 1/6": "route rejected",
}

// icmpPolicy are those that a policy sends, not a router that knows no way.
var icmpPolicy = map[string]bool{"icmp 3/9": true, "icmp 3/10": true, "icmp 3/13": true, "icmp 1/1": true,
	"icmp 1/5": true}

func icmpWords(answer string) string {
	n, ok := icmpNames[answer]
	if !ok {
		return answer
	}
	return fmt.Sprintf("ICMP %s (%s)", strings.TrimPrefix(answer, "icmp "), n)
}
