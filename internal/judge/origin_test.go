package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestOddOrigin: where an address came from nowhere that it can be held against, it is doubted before
// a firewall is asked to open its ports; where it is proven, or nothing is odd, it is not.
func TestOddOrigin(t *testing.T) {
	t.Parallel()
	hosts := report.DNSDetail{Resolver: "hosts file", Line: 7}
	given := report.DNSDetail{Resolver: "connect-to"}
	byDNS := report.DNSDetail{Resolver: "192.0.2.53:53"}
	alias := func(names ...string) report.DNSDetail {
		return report.DNSDetail{Resolver: "192.0.2.53:53", CNAME: names}
	}
	dead := []string{"AMQP@direct tcp.timeout", "HTTPS@direct tcp.timeout"}
	for _, row := range []struct {
		name, host, ip string
		rows           []string
		d              report.DNSDetail
		said           []string
		actor          report.Actor
		says           string
	}{
		{"the hosts file, and nobody to compare with", "gw.site", "10.1.2.3", dead, hosts, nil, report.ActorHost, "line 7"},
		{"the hosts file, and DNS says the same", "gw.site", "10.1.2.3", dead, hosts, []string{"10.1.2.3"},
			report.ActorFirewall, ""},
		{"--connect-to", "hub.azure-devices.net", "5.6.7.8", dead, given, nil, report.ActorUser, "--connect-to"},
		{"a private address without an alias", "hub.azure-devices.net", "10.1.2.3", dead, byDNS, nil, report.ActorDNS,
			"a private one"},
		{"a private address of a private name", "hub.corp", "10.1.2.3", dead, byDNS, nil, report.ActorFirewall, ""},
		{"an alias of a filter", "hub.azure-devices.net", "5.6.7.8", dead, alias("sinkhole.filter.test."), nil,
			report.ActorDNS, "sinkhole.filter.test"},
		{"Azure's own aliases", "hub.azure-devices.net", "5.6.7.8", dead, alias("ihsu-prod-am-001.cloudapp.net.",
			"x.westeurope.cloudapp.azure.com."), nil, report.ActorFirewall, ""},
		{"a name that only ends like Azure's", "hub.azure-devices.net", "5.6.7.8", dead, alias("x.notazure.com."), nil,
			report.ActorDNS, "notazure.com"},
		{"a public address", "hub.azure-devices.net", "5.6.7.8", dead, byDNS, nil, report.ActorFirewall, ""},
		{"NAT64", "hub.corp", "64:ff9b::102:304", dead, byDNS, nil, report.ActorNetwork, "NAT64"},
		{"another port shows the right certificate", "hub.azure-devices.net", "10.1.2.3",
			[]string{"AMQP@direct tcp.timeout", "HTTPS@direct ok"}, byDNS, nil, report.ActorFirewall, ""},
	} {
		q := asking(t, "direct")
		rs := pathLines(t, q, row.rows...)
		led(row.ip, row.d)(t, rs)
		for i := range rs {
			rs[i].Host, rs[i].Experiments = row.host, []report.Experiment{{Name: report.Resolvers, Addresses: row.said}}
			if strings.Contains(row.ip, ":") {
				target(&rs[i], report.StageTCP, &report.TCPDetail{Remote: "[" + row.ip + "]:443"})
			}
		}
		Refine(rs)
		if rs[0].Actor != row.actor || !strings.Contains(rs[0].Remedy, row.says) ||
			strings.Contains(rs[0].Remedy, "If so: ") != (row.says != "") {
			t.Errorf("%s: %s: %s", row.name, rs[0].Actor, rs[0].Remedy)
		}
	}
}
