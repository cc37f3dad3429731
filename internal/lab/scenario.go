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
}

// Scenarios lists every scenario that there is.
func Scenarios() []ScenarioInfo {
	return []ScenarioInfo{
		{Name: "healthy", About: "nothing is wrong"},
		{"amqp-blocked", "a firewall rejects 5671", []string{"amqps=refuse"}},
		{"mqtt-blocked", "a firewall rejects 8883", []string{"mqtts=refuse"}},
		{"only-443", "a firewall swallows 5671 and 8883", []string{"amqps=swallow", "mqtts=swallow"}},
		{"proxy-only", "nothing goes out directly, the proxies work", []string{"amqps=refuse", "mqtts=refuse", "https=refuse"}},
		{"inspected", "a firewall breaks all TLS open with its own CA", []string{"amqps=inspected", "mqtts=inspected", "https=inspected"}},
		{"inspected-443", "a firewall breaks TLS on 443 open and resets the rest", []string{"amqps=tls-reset", "mqtts=tls-reset", "https=corp-inspected"}},
		{"captive-portal", "a portal wants a login first", []string{"amqps=plain-http", "mqtts=plain-http", "https=block-page:302", "https=ws-block-page:302"}},
		{"websocket-stripped", "a middlebox takes the upgrade out of WebSocket requests", []string{"https=ws-stripped"}},
		{"websocket-forbidden", "a web filter refuses WebSockets", []string{"https=ws-status:403"}},
		{"protocol-filter", "only what looks like HTTPS passes", []string{"amqps=amqp-silent", "mqtts=mqtt-silent"}},
		{"sni-filter", "the hub's name is reset in every TLS hello", []string{"amqps=tls-reset", "mqtts=tls-reset", "https=tls-reset"}},
		{"expired-certificate", "the hub's certificate is past its time", []string{"amqps=expired", "mqtts=expired", "https=expired"}},
		{"wrong-host", "the name leads to another server", []string{"amqps=wrong-name", "mqtts=wrong-name", "https=wrong-name"}},
		{"clock-skew", "this host's clock is an hour behind the hub's", []string{"https=skew:3600"}},
		{"throttled", "the hub answers 429", []string{"https=status:429"}},
		{"unwell", "the hub is reached, and fails", []string{"amqps=amqp-error", "mqtts=mqtt-connack:3", "https=status:503", "https=ws-status:503"}},
		{"idle-cut", "idle connections are reset after 5 s", []string{"amqps=idle-cut:5", "mqtts=idle-cut:5", "https=idle-cut:5"}},
		{"satellite", "300 ms each way", []string{"amqps=latency:300", "mqtts=latency:300", "https=latency:300"}},
		{"flapping", "every connection breaks after 3 s", []string{"amqps=loss:3", "mqtts=loss:3", "https=loss:3"}},
		{"dns-missing", "the resolver does not know the hub", []string{"dns=nxdomain"}},
		{"dns-sinkhole", "a DNS filter sends the hub's name nowhere", []string{"dns=sinkhole"}},
		{"everything-down", "nothing works, directly or by proxy", everythingDown()},
	}
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
