package report

// Hop says with whom a step was talking.
type Hop string

// The two hops. Reaching and persuading the proxy is HopProxy; the hub, also when
// it is talked to through the proxy, is HopTarget.
const (
	HopProxy  Hop = "proxy"
	HopTarget Hop = "target"
)

// Stage names one network move.
type Stage string

// The stages, in the order in which a result may pass them.
const (
	StageDNS       Stage = "dns"
	StageTCP       Stage = "tcp"
	StageTLS       Stage = "tls"
	StageConnect   Stage = "connect" // HTTP CONNECT or SOCKS, at HopProxy only
	StageWebSocket Stage = "websocket"
	StageAMQP      Stage = "amqp"
	StageMQTT      Stage = "mqtt"
	StageHTTP      Stage = "http"
	StageAuth      Stage = "auth"
	StageHold      Stage = "hold"
)

// Stages lists every stage in order of passage.
func Stages() []Stage {
	return []Stage{StageDNS, StageTCP, StageTLS, StageConnect, StageWebSocket,
		StageAMQP, StageMQTT, StageHTTP, StageAuth, StageHold}
}

// Status is the outcome of a step or of a result. Not run is not failed.
type Status string

// The three outcomes.
const (
	OK      Status = "ok"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Actor is who can act on a failure.
type Actor string

// The actors of the contract.
const (
	ActorHost        Actor = "host"
	ActorDNS         Actor = "dns-admin"
	ActorFirewall    Actor = "firewall-admin"
	ActorProxy       Actor = "proxy-admin"
	ActorNetwork     Actor = "network"
	ActorService     Actor = "service"
	ActorCredentials Actor = "credentials"
	ActorUnknown     Actor = "unknown"
	ActorUser        Actor = "user"         // a slip in what was typed
	ActorParent      Actor = "parent-admin" // whoever runs the parent gateway
)

var actorWords = map[Actor]string{
	ActorHost:        "you, on this host",
	ActorDNS:         "the DNS admin",
	ActorFirewall:    "the firewall admin",
	ActorProxy:       "the proxy admin",
	ActorNetwork:     "whoever runs the network in between",
	ActorService:     "the service's operator",
	ActorCredentials: "whoever issues the credentials",
	ActorUnknown:     "whoever can read the evidence",
	ActorUser:        "you",
	ActorParent:      "whoever runs the parent gateway",
}

// Actors lists them in the order of the schema.
func Actors() []Actor {
	return []Actor{ActorHost, ActorDNS, ActorFirewall, ActorProxy, ActorNetwork, ActorService, ActorCredentials,
		ActorUnknown,
		ActorUser, ActorParent}
}

// Yours tells whether the reader of the screen acts, and nobody has to be asked.
func (a Actor) Yours() bool {
	return a == ActorHost || a == ActorUser || a == ActorCredentials || a == ActorUnknown || a == ""
}

// Ask is a remedy for the user's screen: whoever has to be asked is asked for it.
func (a Actor) Ask(remedy string) string {
	if a.Yours() {
		return remedy
	}
	return "Ask " + a.Words() + ": " + remedy
}

// Words says the actor in a person's words.
func (a Actor) Words() string {
	if w, ok := actorWords[a]; ok {
		return w
	}
	return string(a)
}

// Severity ranks a finding.
type Severity string

// The severities of findings.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Endpoint is the role of the host that a result is about.
type Endpoint string

// The endpoint roles. A role changes findings and remedies, never which probes run.
const (
	EndpointIoTHub       Endpoint = "iothub"
	EndpointParent       Endpoint = "parent"
	EndpointDPS          Endpoint = "dps"
	EndpointRegistry     Endpoint = "registry"
	EndpointRegistryData Endpoint = "registry-data"
	EndpointCustom       Endpoint = "custom"
)
