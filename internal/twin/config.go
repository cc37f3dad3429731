package twin

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"time"
)

// Defaults and bounds of a Config.
const (
	defaultTokenLife = time.Hour        // the vendor SDKs' own
	renewAt          = 0.85             // of a token's life, as theirs
	defaultTimeout   = 30 * time.Second // the documented wait for a method's answer; a lost answer is never repeated
	openTimeouts     = 2                // how many of these Open may take in all
)

// Config says how to connect. Identity, Sign and Roots are needed, the rest has
// defaults.
type Config struct {
	Identity
	// Sign gives the HMAC-SHA256 of a text with the module's key: the workload API,
	// or a key at hand.
	Sign func(ctx context.Context, text string) ([]byte, error)
	// Roots are what edgeHub's certificate has to lead to: the trust bundle. It is
	// asked at every connection, as the bundle may change.
	Roots func(ctx context.Context) (*x509.CertPool, error)
	// Transports are those to try. Zero means all, in the order of Transports.
	Transports []Transport
	// Dial connects to a port of the gateway. Zero means net.Dialer.
	Dial func(ctx context.Context, host string, port int) (net.Conn, error)
	// Clock is the wall clock, for tokens and certificates; waiting is monotonic and
	// does not look at it. Zero means time.Now.
	Clock func() time.Time
	// TokenLife is how long a token is good. It is renewed after 85 % of it. Zero
	// means 1 hour.
	TokenLife time.Duration
	// Timeout is how long one answer of edgeHub may take; Open may take twice that
	// in all. Zero means 30 seconds.
	Timeout time.Duration
	Handler Handler
}

// Handler gets what edgeHub sends. Its functions are called one after the other, on
// one goroutine and never under a lock; they may use the Session, but not Close it.
// Zero functions mean that nobody listens.
type Handler struct {
	// Desired tells of a change of the desired properties. It is not called before
	// the first Twin, and never with a version that was told before.
	Desired func(Desired)
	// Method answers a direct method. ctx ends with the Session.
	Method func(ctx context.Context, m Method) Reply
	// Notice tells of something that went wrong and left the session as it was: what
	// edgeHub sent and was not used, a token that was not renewed. At most 60 a minute.
	Notice func(error)
}

// Desired is a change of the desired properties.
type Desired struct {
	Version int64
	// Patch is a merge patch (RFC 7396) on what was there before, without $version.
	Patch json.RawMessage
	// Document is all desired properties as they are now, without $version. Who
	// keeps the one with the highest version needs no order of events.
	Document json.RawMessage
}

// Method is a direct method's call.
type Method struct {
	Name    string
	Payload json.RawMessage // null where the caller gave none
}

// Reply is its answer.
type Reply struct {
	Status  int             // the caller's program's; 200 for success by custom
	Payload json.RawMessage // zero means none
}

// Twin is the module's twin as edgeHub knows it.
type Twin struct {
	Desired        json.RawMessage // without $version
	DesiredVersion int64
	Reported       json.RawMessage // without $version
}

// Message is telemetry.
type Message struct {
	Output     string // the name in the deployment's routes
	ID         string // the message id, the same when it is sent again
	Body       []byte // JSON
	Properties map[string]string
}

func (c *Config) check() error {
	if err := c.Identity.check(); err != nil {
		return err
	}
	if c.Sign == nil || c.Roots == nil {
		return errors.New("twin: a Config needs Sign and Roots")
	}
	return nil
}

func (c *Config) clock() time.Time {
	if c.Clock != nil {
		return c.Clock()
	}
	return time.Now()
}

func (c *Config) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return defaultTimeout
}

func (c *Config) tokenLife() time.Duration {
	if c.TokenLife > 0 {
		return c.TokenLife
	}
	return defaultTokenLife
}

// renewAfter is how long after a token was made the next one is due.
func (c *Config) renewAfter() time.Duration {
	return time.Duration(float64(c.tokenLife()) * renewAt)
}

// dial connects to the port of a transport.
func (c *Config) dial(ctx context.Context, t Transport) (net.Conn, error) {
	if c.Dial != nil {
		return c.Dial(ctx, c.Gateway, t.port())
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", joinPort(c.Gateway, t.port()))
}
