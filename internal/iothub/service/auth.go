package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// Authorizer gives the value of the Authorization header.
type Authorizer interface {
	// Authorization gives a value that counts for at least a minute longer.
	Authorization(ctx context.Context) (secret.Value, error)
	// Source says where it comes from, without the secret.
	Source() string
}

// Fixed is a token at hand: a shared access signature as it is, anything else as a bearer
// token of Entra ID.
func Fixed(token secret.Value, source string) (Authorizer, error) {
	text := strings.TrimSpace(token.Reveal())
	text = strings.TrimSpace(strings.TrimPrefix(text, "Bearer "))
	switch {
	case text == "":
		return nil, errors.New("the token is empty")
	case len(text) > maxBearer:
		return nil, fmt.Errorf("it is no token: larger than %d KiB", maxBearer>>10)
	case strings.Contains(strings.ToLower(text), "sharedaccesskey"):
		return nil, errors.New("it is a connection string, and no token: give it with --connection-string-file")
	case strings.ContainsAny(text, "\r\n") || strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' ||
			r > '~'
	}):
		return nil, errors.New("it is no token: expected one line, a bearer token of Entra ID or a " +
			"SharedAccessSignature")
	case strings.HasPrefix(text, "SharedAccessSignature "):
		t, err := iothub.ParseToken(text)
		if err != nil {
			return nil, err
		}
		if !time.Now().Before(t.Expiry) {
			return nil, fmt.Errorf("the token ended at %s", t.Expiry.UTC().Format(time.RFC3339))
		}
		return fixed{secret.New(text), source}, nil
	case strings.Trim(text, tokenLetters) != "":
		return nil, errors.New("it is no token: expected a bearer token of Entra ID or a SharedAccessSignature")
	}
	return fixed{secret.New("Bearer " + text), source}, nil
}

// maxBearer bounds a token: it goes into a header, and no server takes longer ones.
const maxBearer = 16 << 10

// tokenLetters are those of bearer tokens (RFC 6750, section 2.1).
const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="

type fixed struct {
	value  secret.Value
	source string
}

func (f fixed) Authorization(context.Context) (secret.Value, error) { return f.value, nil }
func (f fixed) Source() string                                      { return f.source }

// Policy signs tokens with a shared access policy's key.
func Policy(c iothub.ConnectionString, source string) (Authorizer, error) {
	switch {
	case c.SharedAccessKeyName == "":
		return nil, errors.New("it is a device's connection string: expected a policy's, " +
			"HostName=…;SharedAccessKeyName=…;SharedAccessKey=…")
	case !c.SharedAccessSignature.IsZero():
		return Fixed(c.SharedAccessSignature, source)
	}
	sign, err := iothub.KeySigner(c.SharedAccessKey)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("policy %s (%s)", c.SharedAccessKeyName, source)
	return &renewed{source: name, get: func(context.Context) (secret.Value, time.Time, error) {
		end := time.Now().Add(policyLife)
		v, err := iothub.NewToken(strings.ToLower(c.HostName), c.SharedAccessKeyName, end, sign)
		return v, end, err
	}}, nil
}

const policyLife = time.Hour

// renewed keeps a token until shortly before its end.
type renewed struct {
	source string
	get    func(context.Context) (secret.Value, time.Time, error)

	mu    sync.Mutex
	value secret.Value
	end   time.Time
}

// renewBefore is how long before its end a token is replaced.
const renewBefore = 5 * time.Minute

func (r *renewed) Source() string { return r.source }

func (r *renewed) Authorization(ctx context.Context) (secret.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.value.IsZero() && time.Until(r.end) > renewBefore {
		return r.value, nil
	}
	v, end, err := r.get(ctx)
	if err != nil {
		return secret.Value{}, err
	}
	r.value, r.end = v, end
	return v, nil
}
