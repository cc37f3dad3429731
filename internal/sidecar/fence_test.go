package sidecar

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/fence"
)

// resolving gives the module a hosts file.
func (s *site) resolving(lines string) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "hosts")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.o.Resolver = &hop.Resolver{Hosts: path}
}

func (s *site) allow(list string) {
	s.t.Helper()
	f, err := fence.Parse(list)
	if err != nil {
		s.t.Fatal(err)
	}
	s.o.Allow = f
}

// TestFenceByName: what EDGENET_ALLOW does not name is not contacted.
func TestFenceByName(t *testing.T) {
	t.Parallel()
	x := newTrap(t)
	s := prepare(t)
	s.start()
	s.has("status", "ok")
	s.desire(`{"expected":"Mqtt","proxies":["http://127.0.0.1:` + x.port() +
		`"],"endpoints":[{"name":"trap","host":"127.0.0.1","port":` + x.port() + `}]}`)
	s.has("configured", "MQTT")
	s.invoke("check", ``)
	if said := x.heard(); len(said) > 0 {
		t.Errorf("%q", said)
	}
	if text := s.complaints(); strings.Count(text, "EDGENET_ALLOW") != 2 {
		t.Errorf("%s", text)
	}
}

// TestFenceByAddress: a name that is allowed and leads to a private address is not
// contacted, unless the address is allowed too. The twin does not learn the address.
func TestFenceByAddress(t *testing.T) {
	t.Parallel()
	x := newTrap(t)
	section := `{"expected":"Mqtt","proxies":["http://trap.test:` + x.port() +
		`"],"endpoints":[{"name":"trap","host":"trap.test","port":` + x.port() + `}]}`
	s := prepare(t)
	s.resolving("127.0.0.1 trap.test\n")
	s.allow("trap.test:" + x.port())
	s.start()
	s.has("status", "ok")
	s.desire(section)
	s.has("configured", "MQTT")
	s.eventually("the refusal", func() bool { return strings.Count(s.complaints(), "resolves to") == 2 })
	if text := s.complaints(); strings.Contains(text, "127.0.0.1") {
		t.Errorf("%s", text)
	}
	if said := x.heard(); len(said) > 0 || s.reported()["endpoints"] != nil {
		t.Errorf("%q %v", said, s.reported())
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s.allow("trap.test:" + x.port() + ",127.0.0.1:" + x.port())
	s.start()
	s.eventually("the trap's label", func() bool {
		e, _ := s.reported()["endpoints"].(map[string]any)
		return e["trap"] != nil && s.reported()["proxy"] != nil
	})
	if r := s.reported(); len(x.heard()) == 0 || r["proxySource"] != "twin" || s.complaints() != "[]" {
		t.Errorf("%v", r)
	}
}

// TestCredentialsStayWithTheirProxy: the environment's go to the environment's proxy, the
// file's to the proxy that they are bound to, and none to another that the twin names.
func TestCredentialsStayWithTheirProxy(t *testing.T) {
	t.Parallel()
	ours, other := newTrap(t), newTrap(t)
	s := prepare(t)
	basic, err := proxyurl.Parse(s.Info().Proxy("basic"), "env:https_proxy")
	if err != nil {
		t.Fatal(err)
	}
	s.o.Proxies = []*proxyurl.Proxy{basic}
	if s.o.Bound, err = proxyurl.ReadBound(strings.NewReader("127.0.0.1:" + ours.port() +
		" site:s3cret\n")); err != nil {
		t.Fatal(err)
	}
	s.allow("127.0.0.1:" + ours.port() + ",127.0.0.1:" + other.port())
	s.start()
	s.eventually("the proxied paths", func() bool {
		p, _ := s.reported()["proxy"].(map[string]any)
		return p["HTTPS"] == "ok"
	})
	s.desire(`{"expected":"Mqtt","proxies":["http://127.0.0.1:` + ours.port() + `","http://127.0.0.1:` +
		other.port() + `"]}`)
	s.has("configured", "MQTT")
	const ofFile, ofEnvironment = "c2l0ZTpzM2NyZXQ=", "ZWRnZTpsYWI=" // site:s3cret, edge:lab
	if said := strings.Join(ours.heard(), ""); !strings.Contains(said, ofFile) ||
		strings.Contains(said, ofEnvironment) {
		t.Errorf("its own proxy heard %q", said)
	}
	if said := strings.Join(other.heard(), ""); said == "" || strings.Contains(said, "Authorization") ||
		strings.Contains(said, ofFile) || strings.Contains(said, ofEnvironment) {
		t.Errorf("the other proxy heard %q", said)
	}
	if strings.Contains(s.log.String(), "s3cret") {
		t.Error("the log has the password")
	}
}

// TestLabsOwnFence: the lab's module environment lets its own proxies through.
func TestLabsOwnFence(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.desire(`{"proxies":["` + s.Info().Proxy("open") + `"],"endpoints":[{"name":"hub","host":"` + lab.HubName +
		`","port":443}]}`)
	s.eventually("the proxied paths", func() bool {
		p, _ := s.reported()["proxy"].(map[string]any)
		e, _ := s.reported()["endpoints"].(map[string]any)
		return p["AMQPWS"] == "ok" && e["hub"] == "ok"
	})
	if r := s.reported(); r["proxySource"] != "twin" || s.complaints() != "[]" {
		t.Errorf("%v", r)
	}
}
