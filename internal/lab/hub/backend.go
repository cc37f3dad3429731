package hub

import (
	"crypto/x509"
	"time"
)

// Credentials are what a client showed: a token, or the certificates of its TLS
// handshake.
type Credentials struct {
	Token        string
	Certificates []*x509.Certificate
}

// Message is telemetry that arrived.
type Message struct {
	From       Identity
	Output     string // of a module; empty otherwise
	Properties map[string]string
	Body       []byte
	At         time.Time
}

// Call is a direct method's invocation.
type Call struct {
	ID      string // unique; comes back in the Answer
	Method  string
	Payload []byte
}

// Answer is what the client says to a Call.
type Answer struct {
	Status  int
	Payload []byte
}

// Session is a live connection as the backend sees it. None of the methods
// block: what a client does not take in time ends its connection.
type Session interface {
	// Kick ends the connection.
	Kick(reason string)
	// Desired tells of a change of the desired properties: the patch with $version.
	Desired(patch []byte, version int64)
	// Invoke passes a call on and tells whether the client listens for calls.
	Invoke(c Call) bool
}

// Backend is what the heads serve: the hub itself, or an edgeHub before it.
type Backend interface {
	// Name is the hub's host name, behind a gateway too.
	Name() string
	// Authenticate judges credentials and says until when they count.
	Authenticate(id Identity, c Credentials) (until time.Time, err error)
	// Modules lists a device's modules.
	Modules(device string) ([]Identity, error)
	// Connect makes s the identity's one live connection and throws an older one
	// out. The returned function ends it.
	Connect(id Identity, s Session) (release func())
	// Twin is the whole twin as a client sees it.
	Twin(id Identity) ([]byte, error)
	// Report merges a patch into the reported properties and returns their version.
	Report(id Identity, patch []byte) (int64, error)
	// Send takes telemetry.
	Send(m Message) error
	// Answer brings a client's answer to a call.
	Answer(callID string, a Answer)
}

// Dialect is how a head speaks where hub and edgeHub differ.
type Dialect int

// The two dialects.
const (
	IoTHub Dialect = iota
	EdgeHub
)
