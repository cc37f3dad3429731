package report

import "time"

// ExperimentName says what was asked beside a path that failed or fell silent.
type ExperimentName string

// The experiments. Each separates causes that look alike from the path alone.
const (
	Again         ExperimentName = "again"          // the same handshake once more: a control for the others
	SmallSegments ExperimentName = "small-segments" // a handshake in segments that pass everywhere (TCP_MAXSEG)
	OtherName     ExperimentName = "other-name"     // a TLS hello to the same address with another server name
	NoName        ExperimentName = "no-name"        // the same without a server name
	SmallHello    ExperimentName = "small-hello"    // a hello of TLS 1.2 alone
	LargeHello    ExperimentName = "large-hello"    // a hello with post-quantum key shares, larger than one packet
	NewHello      ExperimentName = "new-hello"      // a hello of TLS 1.3 alone
	FirstByte     ExperimentName = "first-byte"     // one byte that is no TLS: is it acknowledged?
	OtherPort     ExperimentName = "other-port"     // TLS on another port of the same address
	ProxyAlive    ExperimentName = "proxy-alive"    // CONNECT to a name that cannot exist
	Port443       ExperimentName = "port-443"       // CONNECT to port 443 of the same host
	Where         ExperimentName = "where"          // how far SYNs travel, hop by hop

	// CONNECT with a User-Agent, which the runtime does not send
	WithUserAgent     ExperimentName = "user-agent"
	CredentialsAtOnce ExperimentName = "credentials-at-once" // CONNECT with credentials that nobody has asked for
	Suites            ExperimentName = "suites"              // a handshake with OpenSSL's suites beside this program's
	Resolvers         ExperimentName = "resolvers"           // what DNS says of a name that the hosts file has
	AnyName           ExperimentName = "any-name"            // what DNS says of a name that cannot exist
	// a request that fills a packet, and the same in small segments
	FullSize   ExperimentName = "full-size"
	OtherRoute ExperimentName = "other-route" // a handshake from another link or address of this host
	// bare connections, where packets got lost: how many, and how many at once
	LostPackets ExperimentName = "lost-packets"
)

// ExperimentNames lists them in the order of a report.
func ExperimentNames() []ExperimentName {
	return []ExperimentName{Again, SmallSegments, OtherName, NoName, SmallHello, LargeHello, NewHello, FirstByte,
		OtherPort, ProxyAlive, Port443, WithUserAgent, CredentialsAtOnce, Suites, Resolvers, AnyName, FullSize,
		OtherRoute, Where, LostPackets}
}

// Outcome is what came of an experiment.
type Outcome string

// The outcomes. What could not be asked is Unavailable, and proves nothing.
const (
	Answered    Outcome = "answered"    // who was asked spoke
	Killed      Outcome = "killed"      // reset or closed
	Silent      Outcome = "silent"      // nothing came
	Blocked     Outcome = "blocked"     // refused before the question could be put
	Unavailable Outcome = "unavailable" // cannot be asked here; Summary says why
)

// Experiment is a question put beside a path, bounded, on connections of its own. It is
// no part of the path's line: Steps are the experiment's moves.
type Experiment struct {
	Name       ExperimentName `json:"name"`
	Outcome    Outcome        `json:"outcome"`
	Summary    string         `json:"summary"`
	StartMs    Millis         `json:"startMs"` // from Report.StartedAt
	DurationMs Millis         `json:"durationMs"`
	At         *time.Time     `json:"at,omitempty"`       // UTC, of what was sent
	Sent       string         `json:"sent,omitempty"`     // what really was sent
	Suite      string         `json:"suite,omitempty"`    // of Suites: what the peer took, by OpenSSL's name
	Beyond     string         `json:"beyond,omitempty"`   // of Suites: what else the peer took that is not offered here
	TooSmall   string         `json:"tooSmall,omitempty"` // of Suites: what the peer took that OpenSSL refuses
	Old        string         `json:"old,omitempty"`      // of Suites: the version, where it is none that is in use
	// Addresses are, of Resolvers and AnyName, what they gave, and of FullSize another one than the path's.
	Addresses []string `json:"addresses,omitempty"`
	Source    string   `json:"source,omitempty"` // of OtherRoute: the link or address that was answered
	// Of LostPackets: how many connections were tried and got no answer, and, where a limit was met, how many
	// stood while no other one was answered.
	Tries  int `json:"tries,omitempty"`
	Lost   int `json:"lost,omitempty"`
	AtOnce int `json:"atOnce,omitempty"`
	// LocalDrops says of LostPackets that this host itself failed to send those over the limit.
	LocalDrops bool     `json:"localDrops,omitempty"`
	Steps      []Step   `json:"steps,omitempty"`
	Travels    []Travel `json:"travels,omitempty"` // of Where: the failed port first, then another to compare
}

// Travel says how far SYNs to a port travel: one was sent with each hop limit.
type Travel struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
	Hops    []Hit  `json:"hops"` // by hop limit, from 1
	// LocalDrops says that this host failed to send while the SYNs were under way, or that
	// the refusals came from itself.
	LocalDrops bool `json:"localDrops,omitempty"`
	// Filtered is how many packets the reverse path filter of a host with several links dropped since the run began:
	// they came in by another link than that by which this host would answer.
	Filtered int `json:"filtered,omitempty"`
	// Gateway leads to the address; empty where that is on a link of this host, or where it is not known.
	Gateway string `json:"gateway,omitempty"`
}

// Hit is what came back for one hop limit.
type Hit struct {
	TTL        int    `json:"ttl"`
	Answer     string `json:"answer"`         // open, reset, expired (ICMP time exceeded), icmp TYPE/CODE, silent
	From       string `json:"from,omitempty"` // who sent the ICMP message
	DurationMs Millis `json:"durationMs"`
}

// Answers of a Hit.
const (
	HitOpen    = "open"
	HitReset   = "reset"
	HitExpired = "expired"
	HitSilent  = "silent"
)

// Experiment returns the result's experiment of that name.
func (r *Result) Experiment(n ExperimentName) (Experiment, bool) {
	for _, e := range r.Experiments {
		if e.Name == n {
			return e, true
		}
	}
	return Experiment{}, false
}
