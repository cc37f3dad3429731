package pattern

import (
	"regexp"
	"strings"

	"edgenet/report"
)

// Who is a set of components.
type Who uint16

// The components whose lines are known.
const (
	Agent Who = 1 << iota
	Hub
	Identityd
	Edged    // aziot-edged, from 1.2: talks to nobody outside this host
	Iotedged // up to 1.1: talks to the cloud itself
	Certd
	Keyd
	Tpmd
	Dockerd
	Systemd
	Clockd // what sets the time
	Kernel
	Module
	Console // what a person pasted beside a log: lines of the configuration, of `iotedge check`

	// Daemons are the runtime's own services on the host.
	Daemons = aziot | Iotedged

	net    = Agent | Hub
	aziot  = Identityd | Edged | Certd | Keyd | Tpmd
	daemon = aziot | Iotedged
)

var names = map[Who]string{Agent: "edgeAgent", Hub: "edgeHub", Identityd: "identityd", Edged: "edged",
	Iotedged: "iotedged", Certd: "certd", Keyd: "keyd",
	Tpmd: "tpmd", Dockerd: "dockerd", Systemd: "systemd", Clockd: "clock", Kernel: "kernel", Module: "module",
	Console: "console"}

// Name is the component's name in reports; empty for sets.
func (w Who) Name() string { return names[w] }

// Kind is what a line does to what is known of its component.
type Kind string

// The kinds.
const (
	Attempt     Kind = "attempt"     // a try begins
	Connected   Kind = "connected"   // a try succeeded
	Lost        Kind = "lost"        // a connection is gone
	Suspect     Kind = "suspect"     // a call failed, and it is tried again
	Recovered   Kind = "recovered"   // it works again
	Alive       Kind = "alive"       // a round trip succeeded
	Start       Kind = "start"       // a process begins
	Stop        Kind = "stop"        // it ends as it was asked to
	Config      Kind = "config"      // a setting is told
	Refused     Kind = "refused"     // a try, or a call, failed
	Consequence Kind = "consequence" // follows from something else
	Noise       Kind = "noise"       // looks like trouble and is none of this path
	Fact        Kind = "fact"        // something besides
)

// Certainty is how sure a line makes something.
type Certainty string

// The certainties.
const (
	Proves   Certainty = "proves"
	Suggests Certainty = "suggests" // names it where nothing else contradicts
	Narrows  Certainty = "narrows"
)

// Rank orders certainties, the surest first.
func (c Certainty) Rank() int {
	switch c {
	case Proves:
		return 3
	case Suggests:
		return 2
	case Narrows:
		return 1
	}
	return 0
}

// Weaker gives the less sure of two.
func Weaker(a, b Certainty) Certainty {
	if a.Rank() < b.Rank() {
		return a
	}
	return b
}

// Chain says as what the errors of a line are read.
type Chain string

// The chains.
const (
	ChainNone  Chain = ""
	ChainCloud Chain = "cloud" // .NET's or the daemon's errors of the way to the cloud
	ChainPull  Chain = "pull"  // the engine's errors of an image pull
	ChainLocal Chain = "local" // errors of a socket on this host
)

// Row is a line that is known.
type Row struct {
	ID     string
	On     Who
	Prefix string   // how the text begins
	Has    string   // what it has to contain besides
	re     string   // takes values out of it, by named groups
	Kind   Kind     // what it does
	Chain  Chain    // how the errors that it carries are read
	Role   Role     // who was talked to; zero: the hub
	Fail   *Failure // what it says of itself, without a chain
	Bare   bool     // known even without the head of a log line
	Ends   Who      // whose containers are gone then, of those that did not write the line
	Shell  bool     // says nothing without the errors that it carries
	deep   bool     // Has may stand anywhere in the record, behind a head that no row knows
	Means  string
	Not    string // what it does not prove
	Level  byte   // I W E C D, of the sample

	exp *regexp.Regexp
	has []byte // Has
}

// Rows whose lines count together only.
const (
	ModuleRequest = "identityd.module-request"
	ModuleAnswer  = "identityd.module-answer"
)

// Role is what was talked to.
type Role string

// The roles.
const (
	RoleHub      Role = ""
	RoleDPS      Role = "dps"
	RoleHTTPS    Role = "https" // the hub's HTTPS, beside the upstream protocol
	RoleRegistry Role = "registry"
	RoleLocal    Role = "local"
)

// Failure is what a line or an error says of why something failed.
type Failure struct {
	Cause      report.Cause // empty where it only narrows
	Candidates []report.Cause
	Certainty  Certainty
	Hop        report.Hop // empty: follows from the context
	Addr       string     // host:port that was dialled, where it is told
	Host       string     // of the URL that was asked for, where it is told
	Resolver   string     // the name server that was asked, where it is told
	Status     int
	Row        string // of the table of errors
	Finding    report.FindingCode
	Branch     int          // of an AggregateException
	Whole      bool         // settles more than what stands inside it: a status that was answered
	Quote      string       // the error as it was printed
	Detail     string       // a value out of it: both times of a certificate; what is wrong with the device
	Do         string       // what to do about it, where the row knows more than the finding
	Actor      report.Actor // who does it, where that is somebody else than the finding's
	Beside     bool         // of a server that is neither on this host nor on the way to the hub
}

// Stage is the stage of the cause, or the one that all candidates share.
func (f *Failure) Stage() report.Stage {
	if f.Cause != "" {
		return StageOf(f.Cause)
	}
	stage := report.Stage("")
	for i, c := range f.Candidates {
		if s := StageOf(c); i == 0 {
			stage = s
		} else if s != stage {
			return ""
		}
	}
	return stage
}

// StageOf gives the stage of a cause.
func StageOf(c report.Cause) report.Stage {
	switch name, _, _ := strings.Cut(string(c), "."); name {
	case "ws":
		return report.StageWebSocket
	case "dns", "tcp", "connect", "tls", "amqp", "mqtt", "http", "auth", "hold":
		return report.Stage(name)
	}
	return ""
}

// Values are what was taken out of a line.
type Values struct {
	Protocol report.Protocol
	Client   string // device/module
	Proxy    string
	Device   string
	Hub      string
	Version  string
	Image    string
	Unit     string
	Status   string // a word
	Term     string // a span of time
	Time     string
	N        int
}

// Event is a record that is known.
type Event struct {
	Input     int
	Line      int
	Order     int // of the record in its input
	At        int64
	Timed     bool
	Uncertain string
	Who       Who // zero: could not be told
	Component string
	Tag       string
	Row       *Row
	Values    Values
	Failures  []Failure
	Text      string
	HubTime   []int64 // the hub's own time in its refusal, in ms: as month and day, and as day and month
	Unread    string  // the innermost error of those that it carries, where no row knows any
	Count     int
	Last      int64 // moment of the last one that was folded into it
	LastLine  int
}

// Failure gives the first one; nil where there is none.
func (e *Event) Failure() *Failure {
	if len(e.Failures) == 0 {
		return nil
	}
	return &e.Failures[0]
}
