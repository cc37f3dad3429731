package story

import (
	"edgenet/internal/logs/pattern"
	"edgenet/report"
)

// State is how a component stood for a while.
type State string

// The states.
const (
	Connected State = "connected"
	Trying    State = "trying"
	Lost      State = "lost"
	Stopped   State = "stopped"
	Unknown   State = "unknown"
)

// Via is the way that was taken.
type Via string

// The ways.
const (
	ViaProxy   Via = "proxy"
	ViaDirect  Via = "direct"
	ViaUnknown Via = "unknown"
)

// Span is a time in one state.
type Span struct {
	State    State
	From, To int64 // 0: not known
	Protocol report.Protocol
	Via      Via
	Failure  *pattern.Failure // why, with its hop where that is known
	Cause    *pattern.Event   // the line that says so
	First    *pattern.Event   // the line with which it begins
	Count    int              // tries
	Failures []Reason         // all that differ
}

// Reason is a failure of one protocol and the line that tells it.
type Reason struct {
	Protocol report.Protocol
	Failure  pattern.Failure
	Event    *pattern.Event // the latest
	First    *pattern.Event
	Count    int
}

// Story is what one component went through.
type Story struct {
	Who       pattern.Who
	Spans     []Span
	Losses    int
	Hiccups   int // a call timed out, and the next one did not
	Attempts  int
	LongestMs int64 // without a connection
	Starts    int
	Positive  int                     // lines that prove the connection
	Up        int64                   // moment of the last of them
	Protocols map[report.Protocol]int // tried
	Won       map[report.Protocol]int // connected by
	Now       map[report.Protocol]int // tried since the last start
	Unset     bool                    // AMQP and then AMQP over WebSocket in one cycle: no protocol is set
	Proxy     string                  // the last one that was told
	NoProxy   bool                    // the last start was seen, and no proxy was told
	Began     bool                    // a start was seen
	Monitor   bool                    // lines about the state will come
	Silent    bool                    // they never will
	HTTPSOK   *pattern.Event          // HTTPS worked
	DPSOK     *pattern.Event
	HTTPSFail []Reason
	Judged    map[*pattern.Event]Reason // what each line that failed says, with its protocol and its hop
	Device    string
	Hub       string
	Version   string
	Debug     string // the last reason of the SDK
}

// Last is the span at the end; nil where there is none.
func (s *Story) Last() *Span {
	if len(s.Spans) == 0 {
		return nil
	}
	return &s.Spans[len(s.Spans)-1]
}

// Ever tells whether it was connected at all.
func (s *Story) Ever() bool {
	for i := range s.Spans {
		if s.Spans[i].State == Connected {
			return true
		}
	}
	return false
}
