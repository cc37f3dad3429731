package report

// PathState is what came of a path that must not work.
type PathState string

// The states of paths that are expected to be closed.
const (
	PathClosed  PathState = "closed"
	PathOpen    PathState = "open"
	PathUnknown PathState = "unknown" // not finished
)

// Closed is a path that must not work (--expect-closed), and what came of it.
type Closed struct {
	Protocol Protocol  `json:"protocol"`
	Route    string    `json:"route"`
	ResultID string    `json:"resultId,omitempty"`
	State    PathState `json:"state"`
}

// Path names it as PROTOCOL@ROUTE.
func (c Closed) Path() string { return string(c.Protocol) + "@" + c.Route }
