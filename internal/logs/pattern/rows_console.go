package pattern

const nothingNow = "how things stand now: it was pasted"

// consoleRows are lines that people paste beside a log. The sentences of the check are those of iotedge's own
// (edgelet/iotedge/src/check, aziotctl's check of the identity service).
var consoleRows = []Row{
	{ID: "config.parent", On: Console, Prefix: "parent_hostname = ", re: `= "(?P<hub>[\w.-]+)"`, Kind: Fact, Role: RoleLocal,
		Bare: true, Means: "this device is behind a parent gateway, and reaches it in place of the hub",
		Not: nothingNow, Sample: `parent_hostname = "parent.example"`, Level: 'S'},
	{ID: CheckHost, On: Console, Prefix: "\u00d7 host can connect to and perform TLS handshake with ",
		re: `with iothub (?P<status>\w+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "the runtime's check could not reach a port of the hub", Not: nothingNow,
		Sample: "\u00d7 host can connect to and perform TLS handshake with iothub AMQP port - Error", Level: 'S'},
	{ID: CheckContainer, On: Console, Prefix: "\u00d7 container on the ", re: `connect to (?:upstream|IoT Hub) (?P<status>\w+)`,
		Kind: Fact, Role: RoleLocal, Bare: true, Means: "the runtime's check could not reach a port from a container",
		Not: nothingNow, Sample: "\u00d7 container on the default network can connect to upstream AMQP port - Error",
		Level: 'S'},
	{ID: CheckHostOK, On: Console, Prefix: "\u221a host can connect to and perform TLS handshake with ",
		re: `with iothub (?P<status>\w+)`, Kind: Fact, Role: RoleLocal, Bare: true,
		Means: "the runtime's check reached a port of the hub", Not: nothingNow, Level: 'S',
		Sample: "\u221a host can connect to and perform TLS handshake with iothub HTTPS / WebSockets port - OK"},
}

// The rows of the runtime's own check.
const (
	CheckHost      = "check.host"
	CheckContainer = "check.container"
	CheckHostOK    = "check.host-ok"
)
