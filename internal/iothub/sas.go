package iothub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/secret"
)

// sasPrefix starts every token, compared exactly as the hub and edgeHub do.
const sasPrefix = "SharedAccessSignature "

// maxToken bounds what ParseToken looks at, in bytes. Ids are at most 128
// characters, which triple when escaped twice; real tokens stay under 1 KiB.
const maxToken = 8 << 10

// What Verify finds wrong with a token that could be parsed.
var (
	ErrTokenSyntax    = errors.New("not a shared access signature")
	ErrTokenSignature = errors.New("the signature does not fit the key")
	ErrTokenExpired   = errors.New("the token is past its time")
)

// Token is a parsed shared access signature. It proves nothing before Verify.
type Token struct {
	// Resource is the URI that the token speaks for, percent-decoded once.
	Resource string
	// Policy is the name of the hub's policy whose key signed; empty for a
	// device's or module's own key.
	Policy string
	// Expiry is the first moment at which the token counts no more.
	Expiry time.Time

	signed    string // sr as it stands in the token, LF, se: what was signed
	signature secret.Value
}

// Escape percent-encodes everything outside the unreserved set of RFC 3986 2.3.
// url.QueryEscape will not do: it turns a space, legal in a policy's name, into
// a plus sign.
func Escape(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// DeviceResource is the resource URI of a device, or of its module where module
// is not empty. Ids are escaped here and once more in the token, which is what
// the runtime does; for ids of letters, digits, dot, dash and underscore it
// makes no difference.
func DeviceResource(hub, device, module string) string {
	resource := hub + "/devices/" + Escape(device)
	if module != "" {
		resource += "/modules/" + Escape(module)
	}
	return resource
}

// Signer turns the text to sign into the raw HMAC-SHA256 digest: a key at hand,
// or the workload API, which keeps the key to itself.
type Signer func(text string) ([]byte, error)

// KeySigner signs with a shared access key in base64.
func KeySigner(key secret.Value) (Signer, error) {
	raw, err := base64.StdEncoding.DecodeString(key.Reveal())
	if err != nil || len(raw) == 0 {
		return nil, errors.New("the shared access key is not base64")
	}
	return func(text string) ([]byte, error) {
		mac := hmac.New(sha256.New, raw)
		mac.Write([]byte(text))
		return mac.Sum(nil), nil
	}, nil
}

// NewToken builds the token for resource that ends at expiry (whole seconds).
// policy is left out of the token where it is empty.
func NewToken(resource, policy string, expiry time.Time, sign Signer) (secret.Value, error) {
	sr, se := Escape(resource), strconv.FormatInt(expiry.Unix(), 10)
	digest, err := sign(sr + "\n" + se)
	if err != nil {
		return secret.Value{}, fmt.Errorf("sign the token for %s: %w", resource, err)
	}
	text := sasPrefix + "sr=" + sr + "&sig=" + Escape(base64.StdEncoding.EncodeToString(digest)) + "&se=" + se
	if policy != "" {
		text += "&skn=" + Escape(policy)
	}
	return secret.New(text), nil
}

// ParseToken reads a token. Fields may come in any order, their names in any
// case, an empty skn counts as none. Errors wrap ErrTokenSyntax and never hold
// the token's text.
func ParseToken(text string) (Token, error) {
	fields, err := tokenFields(text)
	if err != nil {
		return Token{}, err
	}
	sr, se := fields["sr"], fields["se"]
	resource, err := url.PathUnescape(sr)
	if err != nil || resource == "" {
		return Token{}, fmt.Errorf("%w: sr is missing or badly escaped", ErrTokenSyntax)
	}
	seconds, err := strconv.ParseInt(se, 10, 64)
	if err != nil {
		return Token{}, fmt.Errorf("%w: se is not a number of seconds", ErrTokenSyntax)
	}
	signature, err := url.PathUnescape(fields["sig"])
	if err != nil || signature == "" {
		return Token{}, fmt.Errorf("%w: sig is missing or badly escaped", ErrTokenSyntax)
	}
	policy, err := url.PathUnescape(fields["skn"])
	if err != nil {
		return Token{}, fmt.Errorf("%w: skn is badly escaped", ErrTokenSyntax)
	}
	return Token{
		Resource: resource, Policy: policy, Expiry: time.Unix(seconds, 0),
		signed: sr + "\n" + se, signature: secret.New(signature),
	}, nil
}

// tokenFields splits the token into its fields, still escaped.
func tokenFields(text string) (map[string]string, error) {
	if len(text) > maxToken {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrTokenSyntax, maxToken)
	}
	rest, ok := strings.CutPrefix(text, sasPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: it does not start with %q", ErrTokenSyntax, sasPrefix)
	}
	fields := make(map[string]string, 4)
	for part := range strings.SplitSeq(strings.TrimSpace(rest), "&") {
		name, value, ok := strings.Cut(part, "=")
		name = strings.ToLower(name)
		if _, twice := fields[name]; !ok || twice {
			return nil, fmt.Errorf("%w: a field without value, or twice", ErrTokenSyntax)
		}
		if strings.ContainsAny(value, " =") {
			return nil, fmt.Errorf("%w: %s holds an unescaped space or equals sign", ErrTokenSyntax, safeName(name))
		}
		fields[name] = value
	}
	return fields, nil
}

// safeName keeps what a stranger calls a field out of error texts.
func safeName(name string) string {
	switch name {
	case "sr", "sig", "se", "skn":
		return name
	}
	return "a field"
}

// Verify holds the token against key at the time now. skew is how long after
// its end a token still counts: zero at the hub, five minutes at edgeHub. The
// signature is judged first, so that nobody learns times by guessing.
func (t Token) Verify(key secret.Value, now time.Time, skew time.Duration) error {
	sign, err := KeySigner(key)
	if err != nil {
		return err
	}
	want, err := sign(t.signed)
	if err != nil {
		return err
	}
	got, err := base64.StdEncoding.DecodeString(t.signature.Reveal())
	if err != nil || !hmac.Equal(got, want) {
		return ErrTokenSignature
	}
	if !now.Before(t.Expiry.Add(skew)) {
		return fmt.Errorf("%w: it ended at %s", ErrTokenExpired, t.Expiry.UTC().Format(time.RFC3339))
	}
	return nil
}

// Covers tells whether the token speaks for a device (module empty) or a module
// of hub: its resource is that identity's or a prefix of it in whole segments.
// The host and the fixed words compare without case, ids exactly, escaped once
// more or not.
func (t Token) Covers(hub, device, module string) bool {
	want := []string{hub, "devices", device}
	if module != "" {
		want = append(want, "modules", module)
	}
	got := strings.Split(strings.Trim(t.Resource, "/"), "/")
	if len(got) > len(want) {
		return false
	}
	for i, segment := range got {
		if i == 2 || i == 4 {
			if plain, err := url.PathUnescape(segment); segment != want[i] && (err != nil || plain != want[i]) {
				return false
			}
		} else if !strings.EqualFold(segment, want[i]) {
			return false
		}
	}
	return true
}
