package endpoints

import (
	"net"
	"strconv"
	"strings"

	"edgenet/report"
)

// Schema is the value of Allowlist.Schema for this major number of the JSON form.
const Schema = "edgenet.endpoints/1"

// Need says how much a device needs an endpoint.
type Need string

// The needs. Of the endpoints that share a group one is enough.
const (
	Required Need = "required"
	OneOf    Need = "one-of"
	Optional Need = "optional"
)

// Endpoint is a line of the allowlist.
type Endpoint struct {
	Host      string          `json:"host"`
	Pattern   bool            `json:"pattern,omitempty"` // Host is a documented pattern, not a name
	Unknown   bool            `json:"unknown,omitempty"` // Host is a placeholder of a template, or a name that only the site knows
	Port      int             `json:"port"`
	Transport string          `json:"transport"` // tcp, udp
	Protocol  string          `json:"protocol"`  // AMQP, MQTT, HTTPS, WebSocket, NTP, CONNECT
	Direction string          `json:"direction"` // outbound
	Role      report.Endpoint `json:"role"`
	Need      Need            `json:"need"`
	Group     string          `json:"group,omitempty"` // of one-of
	UsedBy    string          `json:"usedBy"`
	Via       string          `json:"via,omitempty"`    // the proxy that opens the connection in the device's place, host:port
	Source    string          `json:"source,omitempty"` // where the name comes from
	Note      string          `json:"note,omitempty"`
	Test      *Outcome        `json:"test,omitempty"`
}

// Outcome is what a test of an endpoint came to.
type Outcome struct {
	Status    report.Status `json:"status"`
	Cause     string        `json:"cause,omitempty"` // with its hop, as in labels
	Summary   string        `json:"summary,omitempty"`
	Actor     report.Actor  `json:"actor,omitempty"`
	Addresses []string      `json:"addresses,omitempty"`
	At        string        `json:"at,omitempty"` // UTC
	LatencyMs report.Millis `json:"latencyMs,omitempty"`

	linked bool // a privatelink name led to the addresses
}

// Allowlist is the whole answer.
type Allowlist struct {
	Schema    string     `json:"schema"`
	Hub       string     `json:"hub"`
	Cloud     string     `json:"cloud"`
	Protocol  string     `json:"protocol,omitempty"` // the UpstreamProtocol that the list is for; empty: not decided
	Proxy     string     `json:"proxy,omitempty"`    // masked
	Endpoints []Endpoint `json:"endpoints"`
	Notes     []string   `json:"notes,omitempty"`
}

// Address is host:port.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

// add puts an endpoint on the list; one that is there already gets the further user, and
// the stronger need.
func (a *Allowlist) add(e Endpoint) {
	e.Direction = "outbound"
	if e.Transport == "" {
		e.Transport = "tcp"
	}
	for i := range a.Endpoints {
		o := &a.Endpoints[i]
		if o.Host != e.Host || o.Port != e.Port || o.Transport != e.Transport || o.Via != e.Via {
			continue
		}
		if !strings.Contains(o.UsedBy, e.UsedBy) {
			o.UsedBy += "; " + e.UsedBy
		}
		if !strings.Contains(o.Protocol, e.Protocol) {
			o.Protocol += ", " + e.Protocol
		}
		if e.Need == Required || e.Need == OneOf && o.Need == Optional {
			o.Need, o.Group = e.Need, e.Group
		}
		if o.Note == "" {
			o.Note = e.Note
		}
		return
	}
	a.Endpoints = append(a.Endpoints, e)
}
