package report

import "time"

// Detail is the evidence of a step; its type goes with the stage.
type Detail interface{ stage() Stage }

// newDetail gives an empty detail of the stage's type, nil for an unknown stage.
func newDetail(s Stage) Detail {
	switch s {
	case StageDNS:
		return &DNSDetail{}
	case StageTCP:
		return &TCPDetail{}
	case StageTLS:
		return &TLSDetail{}
	case StageConnect:
		return &ConnectDetail{}
	case StageWebSocket:
		return &WebSocketDetail{}
	case StageAMQP:
		return &AMQPDetail{}
	case StageMQTT:
		return &MQTTDetail{}
	case StageHTTP:
		return &HTTPDetail{}
	case StageAuth:
		return &AuthDetail{}
	case StageHold:
		return &HoldDetail{}
	}
	return nil
}

// DNSDetail is the evidence of a name resolution. The path goes on with Addresses,
// the system's answer; Resolvers lists what each configured one said by itself.
type DNSDetail struct {
	Name      string           `json:"name"`
	Addresses []string         `json:"addresses,omitempty"`
	CNAME     []string         `json:"cname,omitempty"`
	TTLSec    *uint32          `json:"ttlSec,omitempty"`   // the smallest of the answer
	Resolver  string           `json:"resolver,omitempty"` // who gave it: address:port, "hosts file", "connect-to", "system"
	Line      int              `json:"line,omitempty"`     // of the hosts file, where the first address stands
	Answered  string           `json:"answered,omitempty"` // the name that was answered, where a search domain made it
	Resolvers []ResolverAnswer `json:"resolvers,omitempty"`
	Rotate    bool             `json:"rotate,omitempty"` // resolv.conf has the resolvers asked in turn
	// Ndots is how many dots a name has to have to be asked for before it with a search domain, where it has fewer.
	Ndots int `json:"ndots,omitempty"`
	// NoRoute: this host has no route to Resolver; HostAddress is what it has in place of one of its own, or "none".
	NoRoute     bool       `json:"noRoute,omitempty"`
	HostAddress string     `json:"hostAddress,omitempty"`
	At          *time.Time `json:"at,omitempty"` // UTC, on failure
	Errno       string     `json:"errno,omitempty"`
}

// ResolverAnswer is what one resolver said.
type ResolverAnswer struct {
	Resolver  string   `json:"resolver"`
	Answer    string   `json:"answer"` // NOERROR, NXDOMAIN, SERVFAIL …, or timeout, unreachable, malformed
	Addresses []string `json:"addresses,omitempty"`
	CNAME     []string `json:"cname,omitempty"`
	TTLSec    *uint32  `json:"ttlSec,omitempty"`
	Transport string   `json:"transport,omitempty"` // udp, tcp
	TCP       string   `json:"tcp,omitempty"`       // what it says over TCP, where it is silent or wrong over UDP; worded as Answer
	Silent    string   `json:"silent,omitempty"`    // the type of address, A or AAAA, that it left without an answer, asked nine times
	// WithoutEDNS says that it answered only when it was asked without EDNS: what has it gets lost.
	WithoutEDNS bool `json:"withoutEdns,omitempty"`
	// Unvalidated says that it failed, and has an answer where it is asked not to validate (CD).
	Unvalidated bool       `json:"unvalidated,omitempty"`
	Extended    string     `json:"extended,omitempty"`  // its own reason of a failure (RFC 8914)
	Neighbour   *Neighbour `json:"neighbour,omitempty"` // who did not answer on the link that leads to it
	DurationMs  Millis     `json:"durationMs"`
	Error       string     `json:"error,omitempty"`
}

// TCPDetail is the evidence of connecting. Local and remote are known after a
// timeout too, so that a firewall team finds the line in its log.
type TCPDetail struct {
	Local     string     `json:"local,omitempty"`
	Remote    string     `json:"remote,omitempty"`
	Interface string     `json:"interface,omitempty"`
	At        time.Time  `json:"at"` // UTC
	Errno     string     `json:"errno,omitempty"`
	Neighbour *Neighbour `json:"neighbour,omitempty"` // who did not answer on a link of this host
	Resent    int        `json:"resent,omitempty"`    // SYNs that were sent once more before it stood
	// OtherFamily is the family that this host has a route for, where addresses are of the other alone.
	OtherFamily string       `json:"otherFamily,omitempty"`
	HostAddress string       `json:"hostAddress,omitempty"`
	Tried       []TCPAttempt `json:"tried,omitempty"` // every address with its outcome
}

// Neighbour is an address on a link of this host at which nobody answers ARP or neighbour
// discovery.
type Neighbour struct {
	Address string `json:"address"` // of the target, or of the gateway that leads to it
	Gateway bool   `json:"gateway,omitempty"`
	Link    string `json:"link"`
	State   string `json:"state"`            // as the kernel calls it: failed, incomplete
	Bridge  string `json:"bridge,omitempty"` // whose bridge the link is: a container engine's
}

// TCPAttempt is the outcome for one address. A failure is TCP's, or where a stage stands, that
// of a walk by this address; skipped is one that had not answered when the run was over.
type TCPAttempt struct {
	Local      string `json:"local,omitempty"`
	Remote     string `json:"remote"`
	Status     Status `json:"status"`
	Hop        Hop    `json:"hop,omitempty"`   // of a failure above TCP
	Stage      Stage  `json:"stage,omitempty"` // of a failure above TCP
	Cause      Cause  `json:"cause,omitempty"`
	Summary    string `json:"summary,omitempty"` // of a failure above TCP
	Errno      string `json:"errno,omitempty"`
	Resent     int    `json:"resent,omitempty"` // SYNs that were sent once more before it stood
	Walked     bool   `json:"walked,omitempty"` // the whole path was walked by this address
	DurationMs Millis `json:"durationMs"`
}

// TLSDetail is the evidence of a handshake; the chain is kept on failure too.
type TLSDetail struct {
	ServerName string           `json:"serverName"`
	Version    string           `json:"version,omitempty"`
	Cipher     string           `json:"cipher,omitempty"`
	Chain      []Certificate    `json:"chain,omitempty"`    // leaf first, as sent
	Names      []string         `json:"names,omitempty"`    // of the leaf
	Trust      map[string]Trust `json:"trust,omitempty"`    // public, os, bundle
	Consumer   string           `json:"consumer,omitempty"` // whose trust decides: daemon, containers
	CertAsked  bool             `json:"clientCertificateAsked,omitempty"`
	// Acknowledged says whether the peer's system acknowledged anything of a hello that nothing answered; nil
	// where that is not known.
	Acknowledged *bool      `json:"acknowledged,omitempty"`
	Vendor       string     `json:"vendor,omitempty"`    // of the inspection box, where the issuer names it
	VendorBy     string     `json:"vendorBy,omitempty"`  // what names it: an issuer, a mail address
	Impostor     string     `json:"impostor,omitempty"`  // the public root whose name the chain borrows
	Renewed      string     `json:"renewed,omitempty"`   // the installed CA of the issuer's name, whose key is another
	Sibling      string     `json:"sibling,omitempty"`   // an installed CA of the unknown issuer's organization
	Unfit        bool       `json:"unfit,omitempty"`     // the CA is installed, and Reason is what all refuse
	Legacy       bool       `json:"legacy,omitempty"`    // the peer does not know secure renegotiation (RFC 5746)
	RootEnded    *time.Time `json:"rootEnded,omitempty"` // when the installed CA ended that the chain leads to
	Alert        *Alert     `json:"alert,omitempty"`
	FirstBytes   string     `json:"firstBytes,omitempty"` // of what is not TLS, or of what came before it ended
	Weak         *Weakness  `json:"weak,omitempty"`
	Reason       string     `json:"reason,omitempty"`
	Told         string     `json:"told,omitempty"`   // by which experiment the cause was told from its likes
	Date         *time.Time `json:"date,omitempty"`   // the peer's, asked for on a validity failure
	SkewMs       *Millis    `json:"skewMs,omitempty"` // Date minus this host's clock
	At           *time.Time `json:"at,omitempty"`     // UTC, on failure
	Local        string     `json:"local,omitempty"`
	Remote       string     `json:"remote,omitempty"`
}

// Weakness is what this program and OpenSSL judge differently of a certificate, or what
// neither accepts though the CA is installed.
type Weakness struct {
	What        string `json:"what"`
	Certificate string `json:"certificate"`       // its subject
	OpenSSL     bool   `json:"openssl,omitempty"` // OpenSSL at its default level accepts it
	Here        bool   `json:"here,omitempty"`    // this program's rules accept it
	Halfway     bool   `json:"halfway,omitempty"` // the store has this certificate, and not the root above it
}

// Certificate is one element of a chain.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	SHA256    string    `json:"sha256"`
}

// The pools of TLSDetail.Trust.
const (
	PoolPublic = "public" // Mozilla's roots
	PoolOS     = "os"     // this host's store
	PoolBundle = "bundle" // the trust bundle of the containers
)

// Trust says whether one pool verifies the chain, and by which root or why not.
type Trust struct {
	OK     bool   `json:"ok"`
	Root   string `json:"root,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Alert is a TLS alert that the peer sent (RFC 8446, section 6).
type Alert struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
}

// ConnectDetail is the evidence of asking a proxy for a tunnel.
type ConnectDetail struct {
	Target      string   `json:"target"` // host:port asked for
	StatusLine  string   `json:"statusLine,omitempty"`
	Status      int      `json:"status,omitempty"`
	AuthSchemes []string `json:"authSchemes,omitempty"` // offered with 407
	Realm       string   `json:"realm,omitempty"`
	Credentials string   `json:"credentials,omitempty"` // none, basic, socks
	Via         string   `json:"via,omitempty"`
	Server      string   `json:"server,omitempty"`
	ProxyError  string   `json:"proxyError,omitempty"` // X-Squid-Error and its like
	NoNextHop   bool     `json:"noNextHop,omitempty"`  // it says that it has nothing that works to pass the request on to
	Body        string   `json:"body,omitempty"`       // a title or first words of a refusal's page
	Vendor      string   `json:"vendor,omitempty"`     // of the proxy, where its answer gives it away
	Headers     []string `json:"headers,omitempty"`    // further headers in which proxies say why
	SOCKSReply  string   `json:"socksReply,omitempty"`
	Location    string   `json:"location,omitempty"`  // where a redirect leads
	UserAgent   bool     `json:"userAgent,omitempty"` // one was sent, which the runtime does not
	// First is the answer to a CONNECT without credentials, as edgeAgent and edgeHub send it.
	First *ConnectFirst `json:"first,omitempty"`
	// SideBySide is the answer while other tunnels were open, where it was another one.
	SideBySide *ConnectFirst `json:"sideBySide,omitempty"`
	// Otherwise is the answer that the same CONNECT got at another time in the run, where it was another one.
	Otherwise  *ConnectFirst `json:"otherwise,omitempty"`
	FirstBytes string        `json:"firstBytes,omitempty"`
	Speaks     string        `json:"speaks,omitempty"`  // by FirstBytes: socks or tls
	Port443    string        `json:"port443,omitempty"` // allowed, refused: what the same proxy says for 443 to this host
	Date       *time.Time    `json:"date,omitempty"`
	At         *time.Time    `json:"at,omitempty"`
	Local      string        `json:"local,omitempty"`
	Remote     string        `json:"remote,omitempty"`
}

// What a proxy's port speaks in place of HTTP.
const (
	SpeaksSOCKS = "socks"
	SpeaksTLS   = "tls"
)

// ConnectFirst is the answer to a first CONNECT that was not the last.
type ConnectFirst struct {
	Status      int    `json:"status"`
	StatusLine  string `json:"statusLine"`
	Credentials string `json:"credentials"` // that were sent: none
	Realm       string `json:"realm,omitempty"`
	// Headers are further ones in which proxies say why, or which of several they are.
	Headers []string `json:"headers,omitempty"`
}

// WebSocketDetail is the evidence of the upgrade.
type WebSocketDetail struct {
	URL         string     `json:"url"`
	Status      int        `json:"status,omitempty"`
	Server      string     `json:"server,omitempty"`
	Subprotocol string     `json:"subprotocol,omitempty"`
	HubHeaders  []string   `json:"hubHeaders,omitempty"`
	Location    string     `json:"location,omitempty"`
	Title       string     `json:"title,omitempty"`
	Headers     []string   `json:"headers,omitempty"` // in which what answers in place of the hub says why
	Vendor      string     `json:"vendor,omitempty"`  // of what answers in place of the hub, where it gives itself away
	Error       string     `json:"error,omitempty"`
	At          *time.Time `json:"at,omitempty"`
}

// AMQPDetail is the evidence of the AMQP 1.0 greeting.
type AMQPDetail struct {
	Mechanisms  []string   `json:"mechanisms,omitempty"`
	ContainerID string     `json:"containerId,omitempty"`
	IdleTimeMs  *Millis    `json:"idleTimeMs,omitempty"`
	MaxFrame    uint32     `json:"maxFrameSize,omitempty"`
	Reached     string     `json:"reached,omitempty"` // how far it got: tls, header, sasl, open
	Condition   string     `json:"condition,omitempty"`
	Description string     `json:"description,omitempty"`
	FirstBytes  string     `json:"firstBytes,omitempty"`
	Error       string     `json:"error,omitempty"`
	At          *time.Time `json:"at,omitempty"`
}

// MQTTDetail is the evidence of CONNECT and CONNACK.
type MQTTDetail struct {
	ReturnCode *int       `json:"returnCode,omitempty"`
	Meaning    string     `json:"meaning,omitempty"`
	FirstBytes string     `json:"firstBytes,omitempty"`
	Error      string     `json:"error,omitempty"`
	At         *time.Time `json:"at,omitempty"`
}

// HTTPDetail is the evidence of one HTTPS request.
type HTTPDetail struct {
	Request    string   `json:"request,omitempty"`
	Status     int      `json:"status,omitempty"`
	Server     string   `json:"server,omitempty"`
	HubHeaders []string `json:"hubHeaders,omitempty"` // the hub's own headers that came
	ErrorCode  string   `json:"errorCode,omitempty"`  // iothub-errorcode
	Location   string   `json:"location,omitempty"`
	Title      string   `json:"title,omitempty"`
	Headers    []string `json:"headers,omitempty"` // in which what answers in place of the hub says why
	RetryAfter string   `json:"retryAfter,omitempty"`
	// PaddedBytes is the size of the request, where it filled a packet and was answered.
	PaddedBytes int        `json:"paddedBytes,omitempty"`
	Date        *time.Time `json:"date,omitempty"`
	SkewMs      *Millis    `json:"skewMs,omitempty"` // Date minus this host's clock at the middle of the exchange; resolution one second
	FirstBytes  string     `json:"firstBytes,omitempty"`
	Vendor      string     `json:"vendor,omitempty"` // of what answers in place of the hub, where it gives itself away
	Error       string     `json:"error,omitempty"`
	At          *time.Time `json:"at,omitempty"`
}

// AuthDetail is the evidence of authenticating with the given identity.
type AuthDetail struct {
	Identity  string     `json:"identity,omitempty"` // device, or device/module
	Method    string     `json:"method,omitempty"`   // sas, x509
	Status    int        `json:"status,omitempty"`
	Condition string     `json:"condition,omitempty"`
	Message   string     `json:"message,omitempty"`
	Expiry    *time.Time `json:"expiry,omitempty"`
	At        *time.Time `json:"at,omitempty"`
}

// HoldDetail is the evidence of keeping connections idle.
type HoldDetail struct {
	HeldSec      float64     `json:"heldSec"`                // the longest idle time that a connection outlived
	LimitSec     float64     `json:"limitSec"`               // the longest that was tried
	ServerIdle   bool        `json:"server-idle,omitempty"`  // a clean close by a server that says so
	LostSec      float64     `json:"lostSec,omitempty"`      // the shortest idle time after which one was lost
	KeepAliveSec float64     `json:"keepAliveSec,omitempty"` // to send something this often keeps it alive
	Trials       []HoldTrial `json:"trials,omitempty"`
	// Busy is a connection on which something was sent all the time, IdleSec apart: what ends
	// it as well is its age. Nil where none was kept.
	Busy *HoldTrial `json:"busy,omitempty"`
	At   *time.Time `json:"at,omitempty"`
}

// The outcomes of a HoldTrial.
const (
	HoldAlive      = "alive"
	HoldLost       = "dropped"     // what was sent after the idle time got no answer
	HoldCut        = "reset"       // reset, or closed without a word
	HoldServerIdle = "server-idle" // closed by the server, which said so
	HoldFailed     = "failed"      // it never was up
)

// HoldTrial is one connection that was left idle.
type HoldTrial struct {
	IdleSec float64 `json:"idleSec"` // how long it was to be idle
	Outcome string  `json:"outcome"`
	EndSec  float64 `json:"endSec"`          // when that was known
	Error   string  `json:"error,omitempty"` // the socket's own words
	Local   string  `json:"local,omitempty"`
}

func (*DNSDetail) stage() Stage       { return StageDNS }
func (*TCPDetail) stage() Stage       { return StageTCP }
func (*TLSDetail) stage() Stage       { return StageTLS }
func (*ConnectDetail) stage() Stage   { return StageConnect }
func (*WebSocketDetail) stage() Stage { return StageWebSocket }
func (*AMQPDetail) stage() Stage      { return StageAMQP }
func (*MQTTDetail) stage() Stage      { return StageMQTT }
func (*HTTPDetail) stage() Stage      { return StageHTTP }
func (*AuthDetail) stage() Stage      { return StageAuth }
func (*HoldDetail) stage() Stage      { return StageHold }
