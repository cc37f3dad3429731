package twin

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Azure/go-amqp"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// TestEchoOfTheToken: edgeHub's words may hold the token that it was sent.
func TestEchoOfTheToken(t *testing.T) {
	t.Parallel()
	sign, err := iothub.KeySigner(secret.New("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0MjQyNDI="))
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken("hub.test/devices/d", "", time.Unix(1900000000, 0), sign)
	if err != nil {
		t.Fatal(err)
	}
	_, sig, _ := strings.Cut(token.Reveal(), "sig=")
	sig, _, _ = strings.Cut(sig, "&")
	for _, words := range []string{"rejected " + token.Reveal() + " as it is", "bad signature \"" + sig + "\"",
		"sig=" + sig} {
		m := &amqp.Message{ApplicationProperties: map[string]any{"status-code": int32(401),
			"status-description": words}}
		other := &amqp.Message{ApplicationProperties: map[string]any{"status-code": int32(500),
			"status-description": words}}
		for _, err := range []error{
			tokenVerdict(m), tokenVerdict(other),
			(&amqpWire{}).judge(&amqp.Error{Condition: "amqp:x", Description: words}),
			transportError(AMQP, errors.New(words)),
			errors.New(errorMessage([]byte(`{"Message":"` + strings.ReplaceAll(words, `"`, `\"`) + `"}`))),
		} {
			if got := err.Error(); strings.Contains(got, sig[:20]) || !strings.Contains(got, secret.Mask) {
				t.Errorf("%q is told as %q", words, got)
			}
		}
	}
}
