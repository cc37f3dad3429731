package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const text = "S3cret!"

// TestMasked prints a secret in every way that a careless line of code could.
func TestMasked(t *testing.T) {
	type hidden struct{ pw secret.Value }
	type open struct{ PW secret.Value }
	v := secret.New(text)
	for _, value := range []any{v, &v, hidden{v}, &hidden{v}, open{v}, []secret.Value{v},
		map[string]secret.Value{"k": v}, []any{v, hidden{v}}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%c", "%e", "%p",
			"%10.3s"} {
			out := fmt.Sprintf(verb, value)
			if strings.Contains(out, text) || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", text)) {
				t.Errorf("%s of %T shows it: %s", verb, value, out)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "pw", v, "all", hidden{v})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "pw", v, "all", open{v})
	if strings.Contains(log.String(), text) || !strings.Contains(log.String(), secret.Mask) {
		t.Errorf("logged as %s", log.String())
	}
	j, err := json.Marshal(open{v})
	if err != nil || string(j) != `{"PW":"****"}` {
		t.Errorf("JSON is %s, %v", j, err)
	}
}

func TestValue(t *testing.T) {
	var none secret.Value
	v := secret.New(text)
	if !none.IsZero() || !secret.New("").IsZero() || v.IsZero() {
		t.Error("only the empty secret is zero")
	}
	if none.String() != "" || v.String() != secret.Mask || fmt.Sprint(v) != secret.Mask || fmt.Sprint(none) != "" {
		t.Error("the absent secret prints as nothing, any other as the mask")
	}
	if v.Reveal() != text || none.Reveal() != "" {
		t.Error("Reveal gives the text")
	}
	if !v.Equal(secret.New(text)) || v.Equal(none) || !none.Equal(secret.New("")) {
		t.Error("Equal compares texts")
	}
}
