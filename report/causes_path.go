package report

// The causes of no stage of their own: what ended a path is the time, or this host.
const (
	PathSlow  Cause = "path.slow"
	HostLimit Cause = "host.limit"
)

var pathCauses = []CauseInfo{
	{Code: PathSlow, Title: "too slow for the time given",
		Seen: "the time ran out while answers still came, or the stage under way got less than a fair wait",
		Means: "a slow link, long round trips, or a peer that takes its time: nothing is blocked, and nothing is " +
			"proved", Actor: ActorNetwork,
		Remedy: "Try again with a longer --timeout: {host} answered all the time. The report has the round " +
			"trip, the rate and the time of each stage.",
		ProxyRemedy: "Try again with a longer --timeout: the proxy {proxy} answered all the time. The report has the " +
			"round trip, the rate and the time of each stage.", Reproduced: "network"},
	{Code: HostLimit, Title: "this host has run out of something",
		Seen:  "this host ran out of descriptors, ports, memory or processor time",
		Means: "the check could not be made here and now; it says nothing about the network", Actor: ActorHost,
		Remedy:     "Look what uses up this host (ulimit -n and ss -s, free, top), and check again when it has room.",
		Reproduced: "foreign"},
}

// Proves tells whether a cause says something about the network or the peer: what the time
// or this host cut short does not.
func (c Cause) Proves() bool { return c != PathSlow && c != HostLimit }
