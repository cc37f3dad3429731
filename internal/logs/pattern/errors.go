package pattern

import (
	"regexp"

	"edgenet/report"
)

// family is whose errors a row of the table of errors knows.
type family uint8

const (
	fromNET family = 1 << iota
	fromRust
	fromPull // the engine, written in Go
	fromAny  = fromNET | fromRust | fromPull
)

// errorRow is an error that is known. The first row that fits a segment holds. The tables of them hold literals alone:
// calls would be made at each start of the program, by code that is larger than the table.
type errorRow struct {
	id    string
	of    family
	any   []string // one of them has to be there
	also  string   // this, too
	re    string   // has to fit, and takes out addr, status, resolver, name, a and b
	frame string   // has to stand in a frame of the branch
	under string   // has to stand in an error further out
	fail  Failure
	of401 bool // the status decides: of a hub's or DPS's HTTP
	of407 bool // the status decides: of a proxy's answer to CONNECT
	ofWS  bool // the status decides: of an answer in place of 101
	never bool // of a socket on this host: says nothing of the cloud there
	void  bool // a wrapper: says nothing, and is no gap in this table

	exp *regexp.Regexp
}

type causes = []report.Cause

// certificate are the reasons for which a certificate is refused without the reason being
// told.
var certificate = causes{report.TLSUntrusted, report.TLSIntercepted, report.TLSExpired, report.TLSNotYetValid,
	report.TLSNameMismatch}

// anyTimeout are the places at which a timer may have run out.
var anyTimeout = causes{report.TCPTimeout, report.TLSTimeout, report.TLSMTU, report.ConnectTimeout, report.WSTimeout,
	report.AMQPTimeout, report.MQTTTimeout, report.HTTPTimeout, report.HoldDropped, report.DNSTimeout}

var resolverFails = causes{report.DNSTimeout, report.DNSServfail, report.DNSRefused, report.DNSUnreachable}

// anyConnect are the reasons for which a connection of the daemon may have failed.
var anyConnect = causes{report.DNSNXDomain, report.DNSNoAddress, report.DNSTimeout, report.DNSServfail,
	report.DNSRefused, report.DNSUnreachable,
	report.TCPTimeout, report.TCPRefused, report.TCPUnreachable, report.TCPNoRoute, report.ConnectAuthRequired,
	report.ConnectAuthRejected, report.ConnectForbidden,
	report.ConnectUpstream, report.ConnectClosed, report.TLSIntercepted, report.TLSUntrusted, report.TLSExpired,
	report.TLSNotYetValid, report.TLSReset, report.TLSAlert, report.TLSNotTLS}

var noTunnel = causes{report.ConnectAuthRequired, report.ConnectAuthRejected, report.ConnectAuthUnsupported,
	report.ConnectForbidden, report.ConnectUnsupported, report.ConnectUpstream, report.ConnectStatus}

// rejected are what a service's refusal of an identity may stand for.
var rejected = causes{report.AuthRejected, report.AuthUnknownDevice, report.AuthClock, report.AuthExpired}

const addrRE = `(?P<addr>[\w.-]+:\d{1,5})`

// tailAddr is what HttpRequestException adds: the address that was dialled.
const tailAddr = `\((?P<addr>[\w.-]+:\d{1,5})\)`
