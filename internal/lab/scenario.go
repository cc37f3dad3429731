package lab

import (
	"fmt"
	"strings"
)

// ScenarioInfo is a named set of faults.
type ScenarioInfo struct {
	Name   string   `json:"name"`
	About  string   `json:"about"`
	Faults []string `json:"faults"`
	// Shows are the codes of the findings that a check has to draw from it, all of them; a
	// test holds every scenario to it.
	Shows []string `json:"shows"`
	// Flags are those of the check that shows it, beside the scenario's name. Zero means
	// that none is needed.
	Flags []string `json:"flags,omitempty"`
}

// Scenarios lists every scenario that there is.
func Scenarios() []ScenarioInfo { return append([]ScenarioInfo(nil), scenarios...) }

var scenarios = []ScenarioInfo{
	{Name: "healthy", About: "nothing is wrong"},
	{"amqp-blocked", "a firewall rejects 5671", []string{"amqps=refuse"}, []string{"firewall.port-blocked"}, nil},
	{"mqtt-blocked", "a firewall rejects 8883", []string{"mqtts=refuse"}, []string{"firewall.port-blocked"}, nil},
	{"only-443", "a firewall swallows 5671 and 8883", []string{"amqps=swallow", "mqtts=swallow"},
		[]string{"firewall.protocol"}, nil},
	{"proxy-only", "nothing goes out directly, the proxies work", []string{"amqps=refuse", "mqtts=refuse",
		"https=refuse"}, []string{"proxy.required", "proxy.runtime-limits"}, nil},
	{"inspected", "a firewall breaks all TLS open with its own CA", []string{"amqps=inspected", "mqtts=inspected",
		"https=inspected"}, []string{"protocol.none", "https.required", "tls.inspection"}, nil},
	{"inspected-443", "a firewall breaks TLS on 443 open and resets the rest",
		[]string{"amqps=tls-reset", "mqtts=tls-reset", "https=corp-inspected"},
		[]string{"protocol.none", "https.required", "tls.inspection", "firewall.protocol"}, nil},
	{"captive-portal", "a portal wants a login first", []string{"amqps=plain-http", "mqtts=plain-http",
		"https=block-page:302", "https=ws-block-page:302"}, []string{"protocol.none", "https.required",
		"captive-portal"}, nil},
	{"websocket-stripped", "a middlebox takes the upgrade out of WebSocket requests", []string{"https=ws-stripped"},
		nil, nil},
	{"websocket-forbidden", "a web filter refuses WebSockets", []string{"https=ws-status:403"}, nil, nil},
	{"protocol-filter", "a filter lets TLS through on 443 alone, whatever the name",
		[]string{"amqps=tls-reset", "mqtts=tls-reset"}, []string{"firewall.protocol"}, nil},
	{"sni-filter", "a filter resets every TLS hello with the hub's name in it, on any port",
		[]string{"amqps=sni-reset", "mqtts=sni-reset", "https=sni-reset"},
		[]string{"protocol.none", "https.required", "firewall.sni"}, nil},
	{"expired-certificate", "the hub's certificate is past its time", []string{"amqps=expired", "mqtts=expired",
		"https=expired"}, []string{"protocol.none", "https.required"}, nil},
	{"wrong-host", "the name leads to another server", []string{"amqps=wrong-name", "mqtts=wrong-name",
		"https=wrong-name"}, []string{"protocol.none", "https.required"}, nil},
	{"clock-skew", "this host's clock is an hour behind the hub's", []string{"https=skew:3600"},
		[]string{"clock.skew"}, nil},
	{"throttled", "the hub answers 429", []string{"https=status:429"}, []string{"service.unwell"}, nil},
	{"unwell", "the hub is reached, and fails", []string{"amqps=amqp-error", "mqtts=mqtt-connack:3",
		"https=status:503", "https=ws-status:503"}, []string{"protocol.none", "service.unwell"}, nil},
	{"idle-cut", "idle connections are reset after 5 s", []string{"amqps=idle-cut:5", "mqtts=idle-cut:5",
		"https=idle-cut:5"}, []string{"hold.short"}, []string{"--hold", "8s"}},
	{"satellite", "300 ms each way", []string{"amqps=latency:300", "mqtts=latency:300", "https=latency:300"}, nil,
		nil},
	{"flapping", "every connection breaks after 3 s", []string{"amqps=loss:3", "mqtts=loss:3", "https=loss:3"},
		[]string{"hold.short"}, []string{"--hold", "6s"}},
	{"dns-missing", "the resolver does not know the hub", []string{"dns=nxdomain"},
		[]string{"protocol.none", "https.required"}, nil},
	{"dns-sinkhole", "a DNS filter sends the hub's name nowhere", []string{"dns=sinkhole"},
		[]string{"protocol.none", "https.required"}, nil},
	{"everything-down", "nothing works, directly or by proxy", everythingDown(),
		[]string{"protocol.none", "https.required", "firewall.all-blocked"}, nil},
}

func everythingDown() []string {
	var all []string
	for _, place := range placesPorts {
		all = append(all, place+"=refuse")
	}
	for _, name := range proxyNames() {
		all = append(all, "proxy:"+name+"=refuse")
	}
	return all
}

func scenario(name string) (ScenarioInfo, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return ScenarioInfo{}, fmt.Errorf("lab: no scenario is named %q; there are %s", name, strings.Join(names, ", "))
}
