package twin

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"edgenet/internal/neterr"
)

// explained puts an error of the network into words, and stays what it was for whoever
// asks with errors.Is.
type explained struct {
	words string
	err   error
}

func (e *explained) Error() string { return e.words }
func (e *explained) Unwrap() error { return e.err }

// explain says what an error of the network means on this hop.
func explain(err error) error {
	var authority x509.UnknownAuthorityError
	if errors.As(err, &authority) {
		return fmt.Errorf("edgeHub's certificate does not lead to the trust bundle: %w", err)
	}
	switch neterr.Of(err) {
	case neterr.EOF:
		return &explained{"edgeHub closed the connection", err}
	case neterr.Reset:
		return &explained{"the connection was reset", err}
	case neterr.Timeout:
		return &explained{"edgeHub does not answer in time", err}
	}
	return err
}

// timedOut is explain for a step that ctx bounds: that time was up comes before what it
// did to a socket.
func timedOut(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err)
	}
	return explain(err)
}
