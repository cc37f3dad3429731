package lab

import (
	"sync"
	"time"
)

// Event is one thing that happened in the lab. It never holds a secret.
type Event struct {
	Time time.Time `json:"time"`
	// Place is where: a port's or proxy's place name, as in a Fault.
	Place string `json:"place"`
	// Kind is one of the Kind constants.
	Kind string `json:"kind"`
	// Identity is the device, or device/module, where one is known.
	Identity string `json:"identity,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// Kinds of events.
const (
	KindAccept    = "accept"    // a connection came; the detail is its address
	KindFault     = "fault"     // a connection or request met a fault; the detail names it
	KindTLS       = "tls"       // a handshake ended; the detail is the error, or the name asked for
	KindLogin     = "login"     // an identity is authenticated; the detail is the protocol
	KindLogout    = "logout"    // its connection ended
	KindRefused   = "refused"   // credentials were refused; the detail says why
	KindKick      = "kick"      // a connection is thrown out
	KindExpired   = "expired"   // its token ended
	KindViolation = "violation" // a client broke the rules of the protocol
	KindRequest   = "request"   // an HTTP request or a CONNECT; the detail is its first line
	KindEnd       = "end"       // a connection ended with an error
	KindQuery     = "query"     // a DNS question
)

// maxEvents is how many events are kept; the oldest make room.
const maxEvents = 20000

// journal keeps events.
type journal struct {
	log func(Event)

	mu     sync.Mutex
	events []Event
}

func (j *journal) add(place, kind, identity, detail string) {
	e := Event{Time: time.Now(), Place: place, Kind: kind, Identity: identity, Detail: detail}
	j.mu.Lock()
	if len(j.events) >= maxEvents {
		j.events = append(j.events[:0], j.events[maxEvents/10:]...)
	}
	j.events = append(j.events, e)
	j.mu.Unlock()
	if j.log != nil {
		j.log(e)
	}
}

func (j *journal) all() []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Event(nil), j.events...)
}
