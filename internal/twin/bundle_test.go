package twin_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"edgenet/internal/twin"
)

func TestBundle(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	env := l.Info().ModuleEnv
	s, err := twin.FromEnvironment(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	certs, err := s.Bundle(within(t))
	if err != nil || len(certs) != 1 || !certs[0].Equal(l.CA()) {
		t.Errorf("%v %v", certs, err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no certificate")}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.CA().Raw})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	certs, err = twin.Settings{CAFile: file}.Bundle(within(t))
	if err != nil || len(certs) != 1 || !certs[0].Equal(l.CA()) {
		t.Errorf("%v %v", certs, err)
	}
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (twin.Settings{CAFile: file}).Bundle(within(t)); err == nil {
		t.Error("a file without certificates is a bundle")
	}
}
