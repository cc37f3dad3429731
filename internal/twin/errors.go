package twin

import (
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/secret"
	"edgenet/report"
)

// What operations end with.
var (
	// ErrRefused: edgeHub does not take the module's credentials.
	ErrRefused = errors.New("edgeHub refuses the module's credentials: is the module in its deployment, the key its " +
		"own, and this device's clock right?")
	// ErrClosed: the Session was closed by its owner.
	ErrClosed = errors.New("the session is closed")
	// ErrLost: the connection of the Session ended; Err tells why.
	ErrLost = errors.New("the connection to edgeHub is lost")
	// ErrBusy: too many requests wait for an answer.
	ErrBusy = errors.New("too many requests wait for edgeHub's answer")
	// ErrFlood: edgeHub sends more than anybody could want.
	ErrFlood = errors.New("edgeHub sends more than fits")
)

// Stage is how far a transport came.
type Stage string

// The stages of a connection, in order.
const (
	StageTCP       Stage = "tcp"
	StageTLS       Stage = "tls"
	StageWebSocket Stage = "websocket"
	StageLogin     Stage = "login" // CONNECT, or CBS and the first links
	StageSubscribe Stage = "subscribe"
)

// TransportError is why one transport did not work.
type TransportError struct {
	Transport Transport
	Stage     Stage
	Err       error
}

// Error names transport, stage and reason.
func (e *TransportError) Error() string {
	return fmt.Sprintf("%s, %s: %s", e.Transport, e.Stage, said(e.Err.Error(), 300))
}

// Unwrap gives the reason.
func (e *TransportError) Unwrap() error { return e.Err }

// OpenError is why no transport worked, in the order in which they were tried.
type OpenError struct {
	Gateway string
	Each    []*TransportError
}

// Error tells what every transport said.
func (e *OpenError) Error() string {
	texts := make([]string, len(e.Each))
	for i, one := range e.Each {
		texts[i] = one.Error()
	}
	return fmt.Sprintf("no connection to edgeHub %s: %s", report.Clean(e.Gateway, 100), strings.Join(texts, "; "))
}

// Unwrap gives the errors of the transports.
func (e *OpenError) Unwrap() []error {
	errs := make([]error, len(e.Each))
	for i, one := range e.Each {
		errs[i] = one
	}
	return errs
}

// StatusError is edgeHub's answer to a request that it did not grant.
type StatusError struct {
	Op      string // GET or PATCH
	Status  int
	Message string // edgeHub's own words, scrubbed; often none
}

// Error is the operation, the status and what was said.
func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("edgeHub answers twin %s with %d %s", e.Op, e.Status, e.Message))
}

// said is what edgeHub says, fit to be shown: it may repeat the token that it was sent.
func said(text string, max int) string { return report.Clean(secret.Within(text), max) }

// staged notes the stage at which a step failed; nil stays nil.
func staged(stage Stage, err error) error {
	var already *stageError
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &stageError{stage, err}
}

type stageError struct {
	stage Stage
	err   error
}

func (e *stageError) Error() string { return string(e.stage) + ": " + e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

// transportError makes the public error of a failed attempt.
func transportError(t Transport, err error) *TransportError {
	var s *stageError
	if errors.As(err, &s) {
		return &TransportError{t, s.stage, s.err}
	}
	return &TransportError{t, StageLogin, err}
}
