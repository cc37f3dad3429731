package twin

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// credentials are what one login needs of the workload API.
type credentials struct {
	token secret.Value
	roots *x509.CertPool
	made  time.Time // monotonic
}

// credentials asks for the roots and signs a token that starts now.
func (c *Config) credentials(ctx context.Context) (credentials, error) {
	roots, err := c.Roots(ctx)
	if err == nil && roots == nil { // which TLS would take for the system's
		err = errors.New("there are none")
	}
	if err != nil {
		return credentials{}, fmt.Errorf("roots for edgeHub's certificate: %w", err)
	}
	made := time.Now()
	token, err := c.token(ctx)
	if err != nil {
		return credentials{}, err
	}
	return credentials{token, roots, made}, nil
}

// token makes a token that starts now. It ends at a whole second, here the one after
// its life, so that short lives are not cut shorter.
func (c *Config) token(ctx context.Context) (secret.Value, error) {
	sign := func(text string) ([]byte, error) { return c.Sign(ctx, text) }
	return iothub.NewToken(c.resource(), "", c.clock().Add(c.tokenLife()+time.Second), sign)
}
