package twin

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Open logs in by the first transport that works: first where it is set and one of the
// Config's, then the others. All of them share twice the Timeout, and none takes the time of those that
// come after it. A refusal of the credentials ends the search, since they are the same
// for every transport, and each refused login counts against the device.
//
// Errors: what the workload API said (WorkloadError), or OpenError with the reason of
// each transport that was tried; ErrRefused is in it where the credentials are at fault.
func Open(ctx context.Context, c Config, first Transport) (*Session, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	all, err := ordered(first, c.Transports)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeouts*c.timeout())
	defer cancel()
	cred, err := c.credentials(ctx)
	if err != nil {
		return nil, err
	}
	failed := &OpenError{Gateway: c.Gateway}
	in := newInbox()
	for i, t := range all {
		w, err := c.attempt(ctx, t, cred, in, len(all)-i)
		if err == nil {
			return newSession(c, t, w, cred.made, in), nil
		}
		failed.Each = append(failed.Each, transportError(t, err))
		if errors.Is(err, ErrRefused) || ctx.Err() != nil {
			break
		}
		in = newInbox() // a half-open connection may have left something in it
	}
	return nil, failed
}

// attempt tries one transport with its share of the time.
func (c *Config) attempt(ctx context.Context, t Transport, cred credentials, in *inbox, left int) (wire, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	s, err := c.open(ctx, t, cred.roots)
	if err != nil {
		return nil, err
	}
	return c.login(ctx, t, s, cred, in)
}

// login logs in on a stream, which it closes where that fails.
func (c *Config) login(ctx context.Context, t Transport, s *stream, cred credentials, in *inbox) (wire, error) {
	if t.amqp() {
		return loginAMQP(ctx, c, s, cred.token, in)
	}
	return loginMQTT(ctx, c, s, cred.token, in)
}

// refused marks an error as one of the credentials.
func refused(said string) error { return fmt.Errorf("%s: %w", said, ErrRefused) }
