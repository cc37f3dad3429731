package pattern

import "edgenet/report"

const nothingNow = "how things stand now: it was pasted"

// consoleRows are lines that people paste beside a log. The sentences of the check are those of iotedge's own
// (edgelet/iotedge/src/check, aziotctl's check of the identity service).
var consoleRows = []Row{
	{ID: "config.parent", On: Console, Prefix: "parent_hostname = ", re: `= "(?P<hub>[\w.-]+)"`, Kind: Fact,
		Role: RoleLocal,
		Bare: true, Means: "this device is behind a parent gateway, and reaches it in place of the hub",
		Not: nothingNow, Level: 'S'},
	{ID: CheckHost, On: Console, Prefix: "\u00d7 host can connect to and perform TLS handshake with ",
		re: `with iothub (?P<status>\w+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "the runtime's check could not reach a port of the hub", Not: nothingNow,
		Level: 'S'},
	{ID: CheckContainer, On: Console, Prefix: "\u00d7 container on the ",
		re:   `connect to (?:upstream|IoT Hub) (?P<status>\w+)`,
		Kind: Fact, Role: RoleLocal, Bare: true, Means: "the runtime's check could not reach a port from a " +
			"container",
		Not: nothingNow, Level: 'S'},
	{ID: CheckHostOK, On: Console, Prefix: "\u221a host can connect to and perform TLS handshake with ",
		re: `with iothub (?P<status>\w+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "the runtime's check reached a port of the hub", Not: nothingNow, Level: 'S'},
	{ID: PortOpen, On: Console, Prefix: "Connection to ", Has: " succeeded",
		re: `^Connection to (?P<unit>\S+) .*?(?P<n>\d+) port`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "nc opened a port", Not: nothingNow, Level: 'S'},
	{ID: "console.ncat-open", On: Console, Prefix: "Ncat: Connected to ",
		re: `to (?P<unit>[\w.-]+):(?P<n>\d+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "ncat opened a port", Not: nothingNow, Level: 'S'},
	{ID: "console.curl-open", On: Console, Prefix: "* Connected to ", re: `to (?P<unit>\S+) .*port (?P<n>\d+)`,
		Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "curl opened a port", Not: nothingNow, Level: 'S'},
	{ID: PortClosed, On: Console, Prefix: "nc: connect to ",
		re: `to (?P<unit>\S+) .*port (?P<n>\d+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "nc could not open a port", Not: nothingNow, Level: 'S'},
	{ID: "console.curl-refused", On: Console, Prefix: "curl: (7) Failed to connect to ",
		re: `to (?P<unit>\S+) port (?P<n>\d+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "curl could not open a port", Not: nothingNow, Level: 'S'},
	{ID: "console.curl-silent", On: Console, Prefix: "curl: (28) Failed to connect to ",
		re: `to (?P<unit>\S+) port (?P<n>\d+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "curl could not open a port", Not: nothingNow, Level: 'S'},
	{ID: Verified, On: Console, Prefix: "verify error:num=", re: `num=\d+:(?P<status>.+)`, Kind: Fact,
		Role: RoleLocal, Bare: true,
		Means: "openssl refuses a certificate that it was shown", Not: nothingNow, Level: 'S'},
	{ID: "console.curl-verified", On: Console, Prefix: "curl: (60) SSL certificate problem: ",
		re: `problem: (?P<status>.+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "curl refuses a certificate that it was shown", Not: nothingNow, Level: 'S'},
	{ID: Issuer, On: Console, Prefix: "issuer=", re: `CN ?= ?"?(?P<unit>[^,"/]+)`, Kind: Fact, Role: RoleLocal,
		Bare:  true,
		Means: "who issued a certificate that openssl was shown", Not: nothingNow, Level: 'S'},
	{ID: "console.depth", On: Console, Prefix: "depth=", re: `CN ?= ?"?(?P<unit>[^,"/]+)`, Kind: Fact,
		Role: RoleLocal, Bare: true,
		Means: "a certificate that openssl was shown", Not: nothingNow, Level: 'S'},
	{ID: "console.curl-issuer", On: Console, Prefix: "*  issuer: ", re: `CN ?= ?(?P<unit>[^,;]+)`, Kind: Fact,
		Role: RoleLocal, Bare: true,
		Means: "who issued a certificate that curl was shown", Not: nothingNow, Level: 'S'},
	{ID: Expired, On: Console, Prefix: "DPS identity '", Has: " expired at ", re: `expired at (?P<time>.+)`,
		Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "the runtime's check found this device's certificate past its time", Not: nothingNow,
		Level: 'S'},
	{ID: "console.pull", On: Console, Prefix: "Error response from daemon: ", Kind: Refused, Chain: ChainPull,
		Role: RoleRegistry, Bare: true,
		Means: "docker could not pull an image, or not start a container", Not: nothingNow, Level: 'S'},
	// Python's ssl, of a module that dials edgeHub by a name which edgeHub's own certificate does not bear
	{ID: "module.hub-name", On: Console, Prefix: "ssl.SSLCertVerificationError: ", Has: notForHub, Kind: Fact,
		Role: RoleLocal, Fail: &hubName, Bare: true, Means: "a module refuses edgeHub's certificate",
		Not: "the way to the hub", Level: 'S'},
	{ID: "module.hub-name-tagged", On: Module, Has: notForHub, Kind: Fact, Role: RoleLocal, Fail: &hubName,
		Means: "a module refuses edgeHub's certificate", Not: "the way to the hub", Level: 'S'},
	// date(1) of an image with musl, whose call for the time the host's old libseccomp does not know
	{ID: "container.no-time", On: Console, Prefix: "1900-01-00 00:00:00 ", Kind: Fact, Role: RoleLocal,
		Fail: &noTime,
		Bare: true, Means: "a container cannot read the time", Not: "that the host's clock is wrong", Level: 'S'},
}

const notForHub = "certificate is not valid for 'edge"

var hubName = Failure{Certainty: Proves, Finding: report.DeviceFault, Detail: "a module refuses edgeHub's " +
	"certificate, which does not bear the name by which the module dials edgeHub", Do: "Let the module dial the name " +
	"in its variable IOTEDGE_GATEWAYHOSTNAME: edgeHub's certificate bears that one."}

var noTime = Failure{Certainty: Suggests, Finding: report.DeviceFault, Detail: "a container cannot read the " +
	"time: this host's libseccomp is probably too old for the image (32-bit ARM)", Do: "Update libseccomp2 on " +
	"this host to 2.4.4 or later, or its operating system."}

// Rows of what is pasted beside logs: by the runtime's check, nc, curl and openssl.
const (
	CheckHost      = "check.host"
	CheckContainer = "check.container"
	CheckHostOK    = "check.host-ok"
	PortOpen       = "console.open"
	PortClosed     = "console.closed"
	Verified       = "console.verified"
	Issuer         = "console.issuer"
	Expired        = "console.expired"
)
