package lab

import (
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// PlaceDNS is the name server's place name.
const PlaceDNS = "dns"

var dnsFaults = []faultKind{
	{
		name: "nxdomain", layer: layerDNS, about: "no name exists",
		dns: func(_ Fault, a *dns.Msg) bool { a.Rcode, a.Answer = dns.RcodeNameError, nil; return true },
	},
	{
		name: "nodata", layer: layerDNS, about: "names exist and have no address",
		dns: func(_ Fault, a *dns.Msg) bool { a.Rcode, a.Answer = dns.RcodeSuccess, nil; return true },
	},
	{
		name: "servfail", layer: layerDNS, about: "SERVFAIL",
		dns: func(_ Fault, a *dns.Msg) bool { a.Rcode, a.Answer = dns.RcodeServerFailure, nil; return true },
	},
	{
		name: "refused", layer: layerDNS, about: "REFUSED",
		dns: func(_ Fault, a *dns.Msg) bool { a.Rcode, a.Answer = dns.RcodeRefused, nil; return true },
	},
	{
		name: "silent", layer: layerDNS, about: "questions are swallowed",
		dns: func(Fault, *dns.Msg) bool { return false },
	},
	{name: faultDNSGarbage, layer: layerDNS, about: "answers that cannot be parsed"},
	{
		name: "sinkhole", layer: layerDNS, arg: "an IPv4 address (0.0.0.0)", about: "every name leads to this address",
		check: func(arg string) error {
			if ip := net.ParseIP(arg); arg != "" && (ip == nil || ip.To4() == nil) {
				return fmt.Errorf("%q: expected an IPv4 address", arg)
			}
			return nil
		},
		dns: func(f Fault, a *dns.Msg) bool {
			a.Rcode, a.Answer = dns.RcodeSuccess, nil
			if a.Question[0].Qtype == dns.TypeA {
				a.Answer = []dns.RR{record(a.Question[0].Name, net.ParseIP(f.text("0.0.0.0")))}
			}
			return true
		},
	},
}

// faultDNSGarbage answers below the level of messages.
const faultDNSGarbage = "garbage"

// answerTTL is what the hub's own A records have, in seconds.
const answerTTL = 60

func record(name string, ip net.IP) dns.RR {
	if ip.To4() == nil {
		return &dns.AAAA{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeAAAA, Class: dns.ClassINET, Ttl: answerTTL},
			AAAA: ip}
	}
	return &dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: answerTTL}, A: ip}
}

// nameServer answers for the lab's names, over UDP and TCP on one port.
type nameServer struct {
	zone    map[string]net.IP // by name with its final dot, lower case
	lab     *Lab
	udp     *dns.Server
	tcp     *dns.Server
	address string
	wg      sync.WaitGroup
}

func (l *Lab) startNameServer(host string, zone map[string]net.IP) (*nameServer, error) {
	s := &nameServer{zone: zone, lab: l}
	udp, tcp, err := listenBoth(host)
	if err != nil {
		return nil, fmt.Errorf("lab: DNS on %s: %w", host, err)
	}
	s.address = udp.LocalAddr().String()
	s.udp = &dns.Server{PacketConn: udp, Handler: s}
	s.tcp = &dns.Server{Listener: tcp, Handler: s}
	for _, server := range []*dns.Server{s.udp, s.tcp} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			_ = server.ActivateAndServe() // ends with Shutdown
		}()
		<-started
	}
	return s, nil
}

// listenBoth finds a port that is free for UDP and TCP.
func listenBoth(host string) (net.PacketConn, net.Listener, error) {
	var last error
	for range 20 {
		udp, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, nil, err
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp, nil
		}
		last = err
		_ = udp.Close() // another port then
	}
	return nil, nil, last
}

// ServeDNS implements dns.Handler.
func (s *nameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	if len(q.Question) != 1 {
		return
	}
	question := q.Question[0]
	s.lab.journal.add(PlaceDNS, KindQuery, "", fmt.Sprintf("%s %s over %s", question.Name,
		dns.TypeToString[question.Qtype], w.RemoteAddr().Network()))
	wait(s.lab.ctx.Done(), 2*s.lab.options.Delay) // there and back
	answer := s.answer(q)
	if f, on := s.lab.faults.get(PlaceDNS, layerDNS); on {
		s.lab.journal.add(PlaceDNS, KindFault, "", f.String())
		if f.Name == faultDNSGarbage {
			garbage(w, q)
			return
		}
		if !kindOf(f).dns(f, answer) {
			return
		}
	}
	_ = w.WriteMsg(answer) // a client that is gone hears nothing
}

// answer is what stands in the zone; everything else does not exist.
func (s *nameServer) answer(q *dns.Msg) *dns.Msg {
	a := new(dns.Msg)
	a.SetReply(q)
	a.RecursionAvailable = true
	question := q.Question[0]
	ip, known := s.zone[strings.ToLower(question.Name)]
	switch {
	case !known:
		a.Rcode = dns.RcodeNameError
	case question.Qtype == dns.TypeA && ip.To4() != nil, question.Qtype == dns.TypeAAAA && ip.To4() == nil:
		a.Answer = []dns.RR{record(question.Name, ip)}
	}
	return a
}

// garbage answers with the question's id, the bit of an answer, and then counts
// and lengths that lie.
func garbage(w dns.ResponseWriter, q *dns.Msg) {
	b := []byte{byte(q.Id >> 8), byte(q.Id), 0x81, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 63, 'x'}
	_, _ = w.Write(b) // a client that is gone hears nothing
}

func (s *nameServer) close() {
	_ = s.udp.Shutdown() // fails only where it never started
	_ = s.tcp.Shutdown()
	s.wg.Wait()
}
