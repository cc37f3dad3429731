package iothub

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"edgenet/internal/secret"
)

var testKey = secret.New(base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")))

func mustToken(t *testing.T, resource, policy string, expiry time.Time) string {
	t.Helper()
	sign, err := KeySigner(testKey)
	if err != nil {
		t.Fatal(err)
	}
	token, err := NewToken(resource, policy, expiry, sign)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// The signature was computed with
//
//	printf 'h.test%%2Fdevices%%2Fd\n1700000000' | openssl dgst -sha256 -hmac KEY -binary | base64
//
// so that builder and verifier cannot share a mistake.
func TestTokenAgainstOpenSSL(t *testing.T) {
	const want = "SharedAccessSignature " +
		"sr=h.test%2Fdevices%2Fd&sig=zAPZ8lEB7zgS%2FcOfG0EewKBSbE7axCoH3ZU9Y9%2FmP8Y%3D&se=1700000000"
	if got := mustToken(t, "h.test/devices/d", "", time.Unix(1700000000, 0)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestVerify(t *testing.T) {
	now := time.Unix(1700000000, 0)
	good := mustToken(t, "h.test/devices/d", "", now.Add(time.Hour))
	fields := strings.Split(strings.TrimPrefix(good, sasPrefix), "&")
	otherKey := secret.New(base64.StdEncoding.EncodeToString([]byte("another")))
	tests := []struct {
		name, token string
		key         secret.Value
		now         time.Time
		skew        time.Duration
		want        error
	}{
		{"good", good, testKey, now, 0, nil},
		{"fields in another order and case", sasPrefix + "SE" + fields[2][2:] + "&" + fields[1] + "&" + fields[0] +
			"&skn=", testKey, now, 0, nil},
		{"lower-case escapes are signed as they stand", strings.Replace(good, "%2F", "%2f", 1), testKey, now, 0,
			ErrTokenSignature},
		{"another key", good, otherKey, now, 0, ErrTokenSignature},
		{"another resource", strings.Replace(good, "devices%2Fd", "devices%2Fe", 1), testKey, now, 0,
			ErrTokenSignature},
		{"the very second of its end", good, testKey, now.Add(time.Hour), 0, ErrTokenExpired},
		{"just past, edgeHub's tolerance", good, testKey, now.Add(time.Hour + 4*time.Minute), 5 * time.Minute, nil},
		{"past edgeHub's tolerance", good, testKey, now.Add(time.Hour + 5*time.Minute), 5 * time.Minute,
			ErrTokenExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token, err := ParseToken(tt.token)
			if err != nil {
				t.Fatal(err)
			}
			if err := token.Verify(tt.key, tt.now, tt.skew); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestParseTokenRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":            "",
		"another prefix":   "sharedaccesssignature sr=a&sig=b&se=1",
		"no resource":      sasPrefix + "sig=b&se=1",
		"no signature":     sasPrefix + "sr=a&se=1",
		"no expiry":        sasPrefix + "sr=a&sig=b",
		"expiry not digit": sasPrefix + "sr=a&sig=b&se=soon",
		"raw equals sign":  sasPrefix + "sr=a&sig=b=&se=1",
		"field twice":      sasPrefix + "sr=a&sig=b&se=1&se=2",
		"bad escape":       sasPrefix + "sr=%zz&sig=b&se=1",
		"three words":      sasPrefix + "sr=a&sig=b &se=1",
		"too long":         sasPrefix + "sr=a&sig=b&se=1&x=" + strings.Repeat("x", maxToken),
	} {
		if _, err := ParseToken(text); !errors.Is(err, ErrTokenSyntax) {
			t.Errorf("%s: got %v", name, err)
		} else if strings.Contains(err.Error(), "sig=b") {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
	}
}

func TestCovers(t *testing.T) {
	tests := []struct {
		resource, device, module string
		want                     bool
	}{
		{"h.test/devices/d", "d", "", true},
		{"H.TEST/Devices/d", "d", "", true},
		{"h.test/devices/d", "D", "", false},
		{"h.test/devices/d", "d", "m", true},
		{"h.test/devices/d/modules/m", "d", "m", true},
		{"h.test/devices/d/modules/m", "d", "", false},
		{"h.test/devices/d/modules/m", "d", "other", false},
		{"h.test/devices/dd", "d", "", false},
		{"h.test", "d", "m", true},
		{"other.test/devices/d", "d", "", false},
		{"h.test/devices/a%20b", "a b", "", true},
		{"h.test/devices/a b", "a b", "", true},
		{"h.test/devices/d/modules/m/extra", "d", "m", false},
	}
	for _, tt := range tests {
		token, err := ParseToken(mustToken(t, tt.resource, "", time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if got := token.Covers("h.test", tt.device, tt.module); got != tt.want {
			t.Errorf("%s for %s/%s: got %v", tt.resource, tt.device, tt.module, got)
		}
	}
}

func TestTokenIsNeverPrinted(t *testing.T) {
	token, err := ParseToken(mustToken(t, "h.test/devices/d", "p", time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if token.signature.String() != secret.Mask {
		t.Errorf("signature prints as %q", token.signature)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("SharedAccessSignature sr=h.test%2Fdevices%2Fd&sig=YWJj&se=1700000000")
	f.Add("SharedAccessSignature sig=YWJj&se=1&skn=&sr=h")
	f.Add("SharedAccessSignature sr=%&sig==&se=-")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseToken(text)
		if err != nil {
			return
		}
		if token.Verify(testKey, time.Unix(0, 0), 0) == nil && !strings.Contains(text, "sig=") &&
			!strings.Contains(strings.ToLower(text), "sig=") {
			t.Error("verified without a signature")
		}
		token.Covers("h.test", "d", "m")
	})
}
