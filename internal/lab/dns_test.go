package lab

import (
	"testing"
	"time"

	"github.com/miekg/dns"
)

func ask(l *Lab, network, name string, kind uint16) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(name, kind)
	limit := plenty
	if f, on := l.faults.get(PlaceDNS, layerDNS); on && f.Name == "silent" {
		limit = patience
	}
	c := &dns.Client{Net: network, Timeout: limit}
	a, _, err := c.Exchange(q, l.Info().DNS)
	return a, err
}

func TestDNS(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for _, network := range []string{"udp", "tcp"} {
		a, err := ask(l, network, "LAB.azure-devices.test.", dns.TypeA)
		if err != nil || len(a.Answer) != 1 || a.Answer[0].(*dns.A).A.String() != "127.0.0.1" {
			t.Fatalf("%s: %v, %v", network, a, err)
		}
		if a, err := ask(l, network, HubName+".", dns.TypeAAAA); err != nil || a.Rcode != dns.RcodeSuccess ||
			len(a.Answer) != 0 {
			t.Errorf("%s AAAA: %v, %v", network, a, err)
		}
		if a, err := ask(l, network, "example.com.", dns.TypeA); err != nil || a.Rcode != dns.RcodeNameError {
			t.Errorf("%s, a strange name: %v, %v", network, a, err)
		}
	}
	codes := map[string]int{"nxdomain": dns.RcodeNameError, "nodata": dns.RcodeSuccess,
		"servfail": dns.RcodeServerFailure, "refused": dns.RcodeRefused, "sinkhole": dns.RcodeSuccess}
	for _, network := range []string{"udp", "tcp"} {
		for _, k := range dnsFaults {
			if err := l.SetFault(Fault{Place: PlaceDNS, Name: k.name}); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			a, err := ask(l, network, HubName+".", dns.TypeA)
			switch code, answers := codes[k.name]; {
			case k.name == "silent":
				if seen(err) != "timeout" || time.Since(begin) < patience {
					t.Errorf("%s silent: %v, %v", network, a, err)
				}
			case k.name == faultDNSGarbage:
				if err == nil || seen(err) == "timeout" {
					t.Errorf("%s garbage: %v, %v", network, a, err)
				}
			case !answers:
				t.Errorf("%s is not tried", k.name)
			case err != nil || a.Rcode != code || (len(a.Answer) > 0) != (k.name == "sinkhole"):
				t.Errorf("%s %s: %v, %v", network, k.name, a, err)
			}
		}
		if err := l.ClearFault(PlaceDNS); err != nil {
			t.Fatal(err)
		}
	}
}
