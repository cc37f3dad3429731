package sample

import "edgenet/report"

// InContainer works on the host by every path, and in the container, whose name server
// does not answer and whose certificates are another's, by none but MQTT.
func InContainer() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	inside := base(report.Route{ID: report.RouteDirect})
	for i := range inside.Results {
		switch res := &inside.Results[i]; res.Protocol {
		case report.AMQP, report.AMQPWS:
			fail(res, report.HopTarget, report.StageDNS, report.DNSTimeout, "no name server answered for "+hub,
				&report.DNSDetail{Name: hub, At: ptr(clock(2000)),
					Resolvers: []report.ResolverAnswer{{Resolver: "127.0.0.11:53", Answer: "timeout"}}}, 2000)
		case report.MQTTWS:
			fail(res, report.HopTarget, report.StageTLS, report.TLSReset,
				"the connection was reset during the TLS handshake", &report.TLSDetail{ServerName: hub,
					At: ptr(clock(31))}, 15)
		}
	}
	decide(inside, report.MQTT, "direct", "direct", "MQTT works directly.", 0)
	decide(r, report.MQTT, "direct", "direct",
		"From a container on azure-iot-edge, where edgeAgent and edgeHub are: MQTT works directly.", 0)
	r.Verdict.Working = r.Verdict.Working[1:2]
	r.Vantage = &report.Vantage{Resolvers: []string{"192.0.2.53", "192.0.2.54"}, Gateways: []string{"192.0.2.1 eth0"},
		Interfaces: []report.Interface{{Name: "eth0", MTU: 1400, Addresses: []string{"192.0.2.7/24",
			"2001:db8::7/64"}}}}
	inside.Vantage = &report.Vantage{Resolvers: []string{"127.0.0.11"}, Gateways: []string{},
		Interfaces: []report.Interface{{Name: "eth0", MTU: 1500, Addresses: []string{"172.18.0.2/16"}}}}
	differs := func(i int, why, remedy string, actor report.Actor) report.Difference {
		h, c := r.Results[i], inside.Results[i]
		return report.Difference{Result: h.ID, Protocol: h.Protocol, Route: h.Route, Host: string(h.Status),
			Container: string(c.Cause), Why: why, Remedy: remedy, Actor: actor}
	}
	servers := "The container asks 127.0.0.11, the engine's own, which asks whom daemon.json names; this host asks " +
		"192.0.2.53, 192.0.2.54."
	dns := `Set "dns" in /etc/docker/daemon.json to name servers that answer a container, and restart the engine.`
	r.Container = &report.Container{Engine: "/var/run/docker.sock", Network: "azure-iot-edge", NetworkSource: "default",
		Subnets: []string{"172.18.0.0/16"}, Report: inside, Differences: []report.Difference{
			differs(0, servers, dns, report.ActorHost), differs(2, servers, dns, report.ActorHost),
			differs(3, "Neither name servers nor routes, MTU or trust explain it.",
				"Compare the two results step by step (-v, -f json).", report.ActorUnknown),
		}}
	return told(r)
}

// NoContainer works on the host, and nothing came from the container.
func NoContainer() *report.Report {
	r := AllOK()
	reason := "the container did not end within 40 s"
	r.Verdict.ExitCode, r.Verdict.Reason = 1, "From a container nothing is known: "+reason+". On the host: "+
		r.Verdict.Reason
	r.Container = &report.Container{Engine: "/var/run/docker.sock", Network: "bridge", NetworkSource: "fallback",
		Internal: true, Subnets: []string{"172.17.0.0/16"}, Error: reason, Differences: []report.Difference{}}
	return told(r)
}
