package hub

import (
	"errors"
	"fmt"
	"strings"
)

// Identity names a device, or a module of it.
type Identity struct{ Device, Module string }

func (id Identity) String() string {
	if id.Module == "" {
		return id.Device
	}
	return id.Device + "/" + id.Module
}

// maxID is the longest id that the hub registers, in characters.
const maxID = 128

// validID holds an id against the hub's alphabet.
func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.IndexByte("-:.+%_#*?!(),=@;$'", c) >= 0) {
			return false
		}
	}
	return true
}

// Why an identity is refused. The heads tell a client less than this: whether a
// device exists is not a stranger's business.
var (
	ErrUnknown      = errors.New("no such device or module")
	ErrDisabled     = errors.New("the identity is disabled")
	ErrCredentials  = errors.New("the credentials are not this identity's")
	ErrNoCredential = errors.New("no credentials")
)

// StatusError is a refusal with the status that twins and methods answer with.
type StatusError struct {
	Status  int
	Code    string // the hub's name for it
	Message string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

func refuse(status int, code, format string, args ...any) *StatusError {
	return &StatusError{status, code, fmt.Sprintf(format, args...)}
}

// statusOf gives the status for any error of a backend.
func statusOf(err error) int {
	var s *StatusError
	if errors.As(err, &s) {
		return s.Status
	}
	return 500
}

// newCallID makes a correlation id: a UUID in its usual spelling, since the AMQP
// head sends it as that type.
func newCallID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
