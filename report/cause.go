package report

import (
	"slices"
	"strconv"
	"strings"
)

// Cause is the code of why a step did not succeed: stable, lower case, stage.what.
type Cause string

// CauseInfo is what the project knows of a cause, for documentation, `explain`,
// tables and remedies.
type CauseInfo struct {
	Code  Cause
	Title string // a table cell: what was seen, in words, without values
	Seen  string // what exactly was seen
	Means string // what it usually means
	Actor Actor  // who acts when it is seen at HopTarget
	// Remedy is addressed to the actor; {host}, {port} and {proxy} are filled in.
	Remedy string
	// ProxyActor and ProxyRemedy are for HopProxy; zero means the same as for the target.
	ProxyActor  Actor
	ProxyRemedy string
	// Reproduced says with what the cause was produced for real: foreign (a server
	// nobody here wrote), lab (only the project's own), network (needs real namespaces,
	// comes with the diagnosis of networks).
	Reproduced string
}

// Causes lists the whole table, in the order of the stages.
func Causes() []CauseInfo {
	tables := causeTables()
	return append(slices.Concat(tables[:]...), unknownCause)
}

// causeTables are the stages' tables, in order.
func causeTables() [11][]CauseInfo {
	return [...][]CauseInfo{dnsCauses, tcpCauses, connectCauses, tlsCauses, wsCauses, amqpCauses, mqttCauses,
		httpCauses, authCauses, holdCauses, pathCauses}
}

// Info gives the table's row; the row of Unknown for a code that is not in it.
func (c Cause) Info() CauseInfo {
	for _, t := range causeTables() {
		for i := range t {
			if t[i].Code == c {
				return t[i]
			}
		}
	}
	return unknownCause
}

// ActorAt tells who acts on the cause at that hop.
func (c Cause) ActorAt(h Hop) Actor {
	i := c.Info()
	if h == HopProxy && i.ProxyActor != "" {
		return i.ProxyActor
	}
	return i.Actor
}

// RemedyAt gives the remedy at that hop with host, port and the proxy's address
// filled in. Host and port are the proxy's own for dns.*, tcp.* and tls.* at
// HopProxy; everywhere else, connect.* included, they are the target's.
func (c Cause) RemedyAt(h Hop, host string, port int, proxy string) string {
	return c.remedy(h, host, strconv.Itoa(port), proxy)
}

func (c Cause) remedy(h Hop, host, port, proxy string) string {
	i := c.Info()
	text := i.Remedy
	if h == HopProxy && i.ProxyRemedy != "" {
		text = i.ProxyRemedy
	}
	if proxy == "" {
		proxy = "the proxy"
	}
	return strings.NewReplacer("{host}", host, "{port}", port, "{proxy}", proxy).Replace(text)
}

// Label is the one word for a twin or a table cell: proxy/tcp.refused at the proxy;
// connect.* is always the proxy's and never prefixed.
func (c Cause) Label(h Hop) string {
	if h == HopProxy && !strings.HasPrefix(string(c), "connect.") {
		return "proxy/" + string(c)
	}
	return string(c)
}

// PerPort tells whether the remedy at that hop names a port.
func (c Cause) PerPort(h Hop) bool {
	return c.RemedyAt(h, "", 1, "") != c.RemedyAt(h, "", 2, "")
}

// RemedyForPorts is the remedy at that hop for several ports of one host.
func (c Cause) RemedyForPorts(h Hop, host string, ports []string, proxy string) string {
	return c.remedy(h, host, and(ports), proxy)
}

// and joins with commas and an "and".
func and(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}
