package lab

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"

	"github.com/miekg/dns"
)

// faultKind is a fault's definition: its description, and one function of the
// type that its layer calls.
type faultKind struct {
	name, arg, about string
	layer            layer
	check            func(arg string) error // nil: no argument

	// conn takes a connection over in place of TCP's or TLS's normal course.
	conn func(f Fault, c *conn)
	// line changes how a connection's bytes flow.
	line func(f Fault, l *line)
	// cert changes what TLS shows.
	cert func(f Fault, m *material, cfg *tls.Config) error
	// http answers a request or an upgrade.
	http func(f Fault, w http.ResponseWriter, r *http.Request)
	// inner talks in place of AMQP or MQTT.
	inner func(ctx context.Context, f Fault, nc net.Conn)
	// connect answers in place of a proxy.
	connect func(f Fault, c *conn, head string)
	// dns changes an answer; false means that there is none.
	dns func(f Fault, answer *dns.Msg) bool
}

// Places by what is spoken there.
var (
	placesAMQP  = []string{"amqps", "edgeAmqps", "dpsAmqps"}
	placesMQTT  = []string{"mqtts", "edgeMqtts", "dpsMqtts"}
	placesHTTPS = []string{"https", "edgeHttps", "dpsHttps"}
	placesPorts = slices.Concat(placesAMQP, placesMQTT, placesHTTPS)
	placesProxy = []string{"proxy:NAME"}
	placesDNS   = []string{"dns"}
)

// places are where a fault of the kind can be set. A proxy takes the protocols'
// faults too: they hit what goes through it.
func (k *faultKind) places() []string {
	switch k.layer {
	case layerAMQP:
		return slices.Concat(placesAMQP, placesHTTPS, placesProxy)
	case layerMQTT:
		return slices.Concat(placesMQTT, placesHTTPS, placesProxy)
	case layerHTTP, layerWS:
		return slices.Concat(placesHTTPS, placesProxy)
	case layerProxy:
		return placesProxy
	case layerDNS:
		return placesDNS
	case layerSOCKS:
		return []string{"proxy:socks5", "proxy:socks5-auth"}
	case layerWorkload:
		return []string{PlaceWorkload}
	case layerUpstream:
		return []string{PlaceUpstream}
	}
	return slices.Concat(placesPorts, placesProxy)
}

// faultKinds is every fault there is.
var faultKinds = slices.Concat(
	tcpFaults, lineFaults, pathFaults, tlsFaults, certFaults, httpFaults, wsFaults, amqpFaults, mqttFaults, proxyFaults,
	socksFaults, dnsFaults, workloadFaults,
)

// kindOf finds the kind of a fault that was checked when it was set.
func kindOf(f Fault) *faultKind {
	for i := range faultKinds {
		if faultKinds[i].name == f.Name {
			return &faultKinds[i]
		}
	}
	return nil
}
