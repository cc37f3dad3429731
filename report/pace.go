package report

// Pace is how fast a path's connection was, measured from what was sent over it anyway.
type Pace struct {
	// RoundTripMs is the time from asking to the first bytes of an answer, at its shortest.
	RoundTripMs   Millis `json:"roundTripMs"`
	LongestWaitMs Millis `json:"longestWaitMs,omitempty"` // at its longest
	// AckMs is how long what was sent waited for the acknowledgement of the peer's system, the mean of all
	// answers, and LeastAckMs the shortest round trip. Absent where this system does not tell.
	AckMs         Millis  `json:"ackMs,omitempty"`
	LeastAckMs    Millis  `json:"leastAckMs,omitempty"`
	KbitPerSec    float64 `json:"kbitPerSec,omitempty"` // at which answers came; absent where too few bytes came to tell
	SentBytes     int64   `json:"sentBytes"`            // over TCP, without its headers
	ReceivedBytes int64   `json:"receivedBytes"`
	// Resent is how many segments behind the SYN were sent again, but for those that the peer had twice.
	Resent   int    `json:"resent,omitempty"`
	SilentMs Millis `json:"silentMs,omitempty"` // at the end, since something came
	HeldMs   Millis `json:"heldMs,omitempty"`   // how long the path gave way to others
	LateMs   Millis `json:"lateMs,omitempty"`   // by how much this host's timers fired too late, all together
}
