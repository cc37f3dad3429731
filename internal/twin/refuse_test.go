package twin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
	"edgenet/internal/secret"
	"edgenet/internal/twin"
)

// withKey signs with a key in place of the workload API.
func withKey(t *testing.T, c twin.Config, key secret.Value) twin.Config {
	t.Helper()
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	c.Sign = func(_ context.Context, text string) ([]byte, error) { return sign(text) }
	return c
}

// Credentials that edgeHub refuses end the search: every transport would show the same.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	other, err := l.Hub().Key(hub.Identity{Device: lab.DeviceID})
	if err != nil {
		t.Fatal(err)
	}
	stranger := config(t, l)
	stranger.Module = "stranger"
	late := config(t, l)
	late.Clock = func() time.Time { return time.Now().Add(-2 * time.Hour) }
	late.TokenLife = time.Minute
	for _, transport := range twin.Transports() {
		for name, c := range map[string]twin.Config{
			"another's key": withKey(t, config(t, l), other),
			"no key at all": withKey(t, config(t, l), secret.New("AAAA")),
			"unknown":       withKey(t, stranger, other),
			"expired":       late,
		} {
			t.Run(string(transport)+" "+name, func(t *testing.T) {
				t.Parallel()
				_, err := twin.Open(within(t), c, transport)
				var failed *twin.OpenError
				if !errors.Is(err, twin.ErrRefused) || !errors.As(err, &failed) || len(failed.Each) != 1 ||
					failed.Each[0].Transport != transport || failed.Each[0].Stage != twin.StageLogin {
					t.Fatalf("got %v", err)
				}
				if key := other.Reveal(); strings.Contains(err.Error(), key) ||
					strings.Contains(err.Error(), "SharedAccessSignature") {
					t.Errorf("a secret in %v", err)
				}
			})
		}
	}
}

// edgeHub's certificate has to lead to the trust bundle and name the gateway; before
// that nothing secret is written, which the lab would have seen as a login.
func TestUntrustedEdgeHub(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"inspected", "wrong-name", "expired", "self-signed", "future", "incomplete-chain"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			for _, place := range []string{"edgeAmqps", "edgeMqtts", "edgeHttps"} {
				if err := l.SetFault(lab.Fault{Place: place, Name: fault}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := twin.Open(within(t), config(t, l), "")
			var failed *twin.OpenError
			if !errors.As(err, &failed) || len(failed.Each) != 4 {
				t.Fatalf("got %v", err)
			}
			for _, e := range failed.Each {
				if e.Stage != twin.StageTLS {
					t.Errorf("%v", e)
				}
			}
			for _, e := range l.Events() {
				if e.Kind == lab.KindLogin || e.Kind == lab.KindRefused || e.Kind == lab.KindRequest &&
					e.Place != lab.PlaceWorkload {
					t.Errorf("something was said: %+v", e)
				}
			}
		})
	}
}

// A second connection of the identity throws the first one out.
func TestSecondConnection(t *testing.T) {
	t.Parallel()
	for _, transport := range twin.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			first := open(t, config(t, l), transport)
			second := open(t, config(t, l), twin.MQTT)
			if err := over(t, first); !errors.Is(err, twin.ErrLost) {
				t.Errorf("the first ended with %v", err)
			}
			if _, err := first.Twin(within(t)); !errors.Is(err, twin.ErrLost) {
				t.Errorf("its twin: %v", err)
			}
			if _, err := second.Twin(within(t)); err != nil {
				t.Errorf("the second: %v", err)
			}
		})
	}
}

// An identity that is no module's, or a gateway that is the hub itself, is refused
// before anything is contacted.
func TestConfigRefused(t *testing.T) {
	t.Parallel()
	good := twin.Config{
		Identity: twin.Identity{Hub: "h.azure-devices.net", Gateway: "edge", Device: "d", Module: "m"},
		Sign:     func(context.Context, string) ([]byte, error) { return nil, errors.New("asked") },
	}
	for name, change := range map[string]func(*twin.Config){
		"no gateway":         func(c *twin.Config) { c.Gateway = "" },
		"gateway is the hub": func(c *twin.Config) { c.Gateway = "H.azure-devices.net" },
		"gateway is a hub":   func(c *twin.Config) { c.Gateway = "other.azure-devices.cn" },
		"no module":          func(c *twin.Config) { c.Module = "" },
		"bad device":         func(c *twin.Config) { c.Device = "d/x" },
		"no hub":             func(c *twin.Config) { c.Hub = "" },
		"no sign":            func(c *twin.Config) { c.Sign = nil },
		"no roots":           func(*twin.Config) {},
	} {
		c := good
		change(&c)
		_, err := twin.Open(context.Background(), c, "")
		if err == nil || strings.Contains(err.Error(), "asked") || strings.Contains(name, "gateway") != errors.Is(err,
			twin.ErrNoGateway) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
