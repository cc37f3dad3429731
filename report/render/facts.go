package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// factList collects what is known, cleaned, in the order of reading.
type factList struct {
	pen
	out []string
}

// add takes a label and a value; a value that is empty says nothing.
func (f *factList) add(label, value string) {
	if value == "" || value == "0" {
		return
	}
	if label != "" {
		label += " "
	}
	f.out = append(f.out, f.clean(label+value))
}

func (f *factList) all(label string, values []string) { f.add(label, strings.Join(values, ", ")) }

func (f *factList) time(label string, t *time.Time) {
	if t != nil && !t.IsZero() {
		f.add(label, t.UTC().Format("2006-01-02 15:04:05.000 UTC"))
	}
}

func (f *factList) way(local, remote string) {
	if local != "" && remote != "" {
		f.add("", local+" → "+remote)
		return
	}
	f.add("", local+remote)
}

// facts are the evidence of a step, one fact a string.
func (p pen) facts(d report.Detail) []string {
	f := &factList{pen: p}
	switch d := d.(type) {
	case *report.DNSDetail:
		f.dns(d)
	case *report.TCPDetail:
		f.tcp(d)
	case *report.TLSDetail:
		f.tls(d)
	case *report.ConnectDetail:
		f.connect(d)
	case *report.WebSocketDetail:
		f.add("status", strconv.Itoa(d.Status))
		f.add("subprotocol", d.Subprotocol)
		f.add("server", d.Server)
		f.add("location", d.Location)
		f.add("page", d.Title)
		f.all("hub headers", d.HubHeaders)
		f.add("error", d.Error)
		f.time("at", d.At)
	case *report.AMQPDetail:
		f.amqp(d)
	case *report.MQTTDetail:
		if d.ReturnCode != nil {
			f.add("", fmt.Sprintf("return code %d", *d.ReturnCode))
		}
		f.add("", d.Meaning)
		f.add("first bytes", d.FirstBytes)
		f.add("error", d.Error)
		f.time("at", d.At)
	case *report.HTTPDetail:
		f.http(d)
	case *report.AuthDetail:
		f.add("", d.Method)
		f.add("as", d.Identity)
		f.add("status", strconv.Itoa(d.Status))
		f.add("", d.Condition)
		f.add("", d.Message)
		f.time("valid until", d.Expiry)
		f.time("at", d.At)
	case *report.HoldDetail:
		f.add("", fmt.Sprintf("outlived %g s of %g s", d.HeldSec, d.LimitSec))
		if d.ServerIdle {
			f.add("", "closed by the server's own idle rule")
		}
		for _, x := range d.Trials {
			f.add("", strings.TrimSuffix(fmt.Sprintf("%g s: %s %s", x.IdleSec, x.Outcome, x.Error), " "))
		}
		f.time("at", d.At)
	}
	return f.out
}

func (f *factList) dns(d *report.DNSDetail) {
	f.all("", d.Addresses)
	f.all("alias", d.CNAME)
	f.add("by", d.Resolver)
	if d.TTLSec != nil {
		f.add("ttl", strconv.Itoa(int(*d.TTLSec))+" s")
	}
	for _, a := range d.Resolvers {
		f.add(a.Resolver+":", strings.TrimSpace(a.Answer+" "+strings.Join(a.Addresses, ", ")+" "+a.Error))
		if a.TCP != "" {
			f.add(a.Resolver+" over TCP:", a.TCP)
		}
	}
	f.add("", d.Errno)
	f.time("at", d.At)
}

func (f *factList) tcp(d *report.TCPDetail) {
	f.way(d.Local, d.Remote)
	f.add("on", d.Interface)
	f.add("", d.Errno)
	if d.Resent > 0 {
		f.add("SYNs sent again:", fmt.Sprint(d.Resent))
	}
	f.time("at", &d.At)
	if len(d.Tried) < 2 {
		return
	}
	for _, a := range d.Tried {
		outcome := string(a.Status)
		if a.Cause != "" {
			outcome = string(a.Cause.Label(a.Hop))
		}
		f.add("tried", a.Remote+" "+outcome)
	}
}

func (f *factList) tls(d *report.TLSDetail) {
	f.add("", d.Version)
	f.add("", d.Cipher)
	if len(d.Chain) > 0 {
		leaf := d.Chain[0]
		f.add("subject", leaf.Subject)
		f.add("issuer", leaf.Issuer)
		f.add("until", leaf.NotAfter.UTC().Format("2006-01-02"))
	}
	f.add("vendor", d.Vendor)
	f.add("named by", d.VendorBy)
	for _, name := range slices.Sorted(maps.Keys(d.Trust)) {
		if t := d.Trust[name]; t.OK {
			f.add("trusted by", name)
		} else {
			f.add("not trusted by", strings.TrimSuffix(name+": "+t.Reason, ": "))
		}
	}
	if d.Alert != nil {
		f.add("", fmt.Sprintf("alert %d %s", d.Alert.Number, d.Alert.Name))
	}
	f.add("first bytes", d.FirstBytes)
	f.add("", d.Reason)
	f.add("told by", d.Told)
	f.skew(d.SkewMs)
	f.way(d.Local, d.Remote)
	f.time("at", d.At)
}

func (f *factList) connect(d *report.ConnectDetail) {
	f.add("CONNECT", d.Target)
	f.add("", d.StatusLine)
	f.all("login offered", d.AuthSchemes)
	f.add("realm", d.Realm)
	f.add("credentials sent", d.Credentials)
	f.add("error", d.ProxyError)
	f.add("server", d.Server)
	f.add("via", d.Via)
	f.add("says", d.Body)
	f.add("SOCKS", d.SOCKSReply)
	f.add("first bytes", d.FirstBytes)
	f.add("port 443", d.Port443)
	f.way(d.Local, d.Remote)
	f.time("at", d.At)
}

func (f *factList) amqp(d *report.AMQPDetail) {
	f.all("", d.Mechanisms)
	f.add("container", d.ContainerID)
	if d.IdleTimeMs != nil {
		f.add("idle time", duration(*d.IdleTimeMs))
	}
	f.add("reached", d.Reached)
	f.add("", d.Condition)
	f.add("", d.Description)
	f.add("first bytes", d.FirstBytes)
	f.add("error", d.Error)
	f.time("at", d.At)
}

func (f *factList) http(d *report.HTTPDetail) {
	f.add("", d.Request)
	f.add("status", strconv.Itoa(d.Status))
	f.add("", d.ErrorCode)
	f.add("server", d.Server)
	f.add("location", d.Location)
	f.add("page", d.Title)
	f.add("retry after", d.RetryAfter)
	f.all("hub headers", d.HubHeaders)
	f.skew(d.SkewMs)
	f.add("first bytes", d.FirstBytes)
	f.add("error", d.Error)
	f.time("at", d.At)
}

// skew says how far this host's clock is off, from two seconds on: the Date has
// whole seconds.
func (f *factList) skew(ms *report.Millis) {
	switch {
	case ms == nil || *ms > -2000 && *ms < 2000:
	case *ms > 0:
		f.add("", "this host's clock is behind by "+duration(*ms))
	default:
		f.add("", "this host's clock is ahead by "+duration(-*ms))
	}
}
