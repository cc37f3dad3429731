package gather

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/device"
	"edgenet/internal/ready"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUnits(t *testing.T) {
	t.Parallel()
	got := parseUnits(
		"Id=aziot-edged.service\nLoadState=loaded\nUnitFileState=enabled\nActiveState=failed\nNRestarts=7\nExecMainStatus=153\n\n" +
			"Id=aziot-identityd.service\nLoadState=loaded\nUnitFileState=disabled\nActiveState=inactive\nNRestarts=0\nExecMainStatus=0\n\n" +
			"Id=aziot-identityd.socket\nLoadState=loaded\nUnitFileState=enabled\nActiveState=active\n\nId=docker.service\nLoadState=not-found\nActiveState=inactive\n",
	)
	want := []ready.Unit{
		{Name: "aziot-edged.service", State: "enabled", Restarts: 7, ExitStatus: 153},
		{Name: "aziot-identityd.service", State: "static", Active: true}, // its socket starts it
		{Name: "aziot-identityd.socket", State: "enabled", Active: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	got := parseRoutes(
		"Iface Destination Gateway Flags RefCnt Use Metric Mask\neth0 00000000 010011AC 0003 0 0 0 00000000 0 0 " +
			"0\neth0 000012AC 00000000 0001 0 0 0 0000FFFF 0 0 0\nrubbish\n",
	)
	if len(got) != 2 || got[1].prefix != netip.MustParsePrefix("172.18.0.0/16") || got[0].prefix.Bits() != 0 {
		t.Errorf("%+v", got)
	}
	around := []place{
		{"name server 172.18.0.9", netip.MustParsePrefix("172.18.0.9/32")},
		{"hub 203.0.113.4", netip.MustParsePrefix("203.0.113.4/32")},
	}
	if o := overlaps([]string{"172.18.0.0/16", "rubbish"}, around); !slices.Equal(
		o,
		[]string{"name server 172.18.0.9"},
	) {
		t.Errorf("%v", o)
	}
}

func TestDpkg(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"Package: aziot-edge\nStatus: install ok installed\nVersion: 1:1.5.21-1~ubuntu\n":      "1.5.21",
		"Package: aziot-edge\nStatus: deinstall ok config-files\nVersion: 1.5.21-1\n":          "",
		"Package: other\nStatus: install ok installed\nDescription: a\n Package: aziot-edge\n": "",
		"": "",
	} {
		if got := dpkgVersion(status); got != want {
			t.Errorf("%q: %q, want %q", status, got, want)
		}
	}
}

// TestPermissions: every part of the way to a file counts, by owner, group and others.
func TestPermissions(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("etc/passwd", "root:x:0:0::/:/bin/sh\naziotcs:x:54321:54321::/:/bin/false\n", 0o644)
	write("etc/group", "certs:x:54322:aziotcs\n", 0o644)
	write("open/a.pem", "x", 0o644)
	write("open/b.pem", "x", 0o600)
	write("closed/a.pem", "x", 0o644)
	if err := os.Chmod(filepath.Join(root, "closed"), 0o700); err != nil {
		t.Fatal(err)
	}
	g := &gatherer{device: device.Read(t.Context(), device.Options{Root: root, Engine: "none"})}
	for name, want := range map[string][]string{"/open/a.pem": nil, "/open/b.pem": {"/open/b.pem"},
		"/closed/a.pem": {"/closed"}, "/nowhere/a.pem": nil} {
		if got := g.blocked(name, "aziotcs"); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := g.blocked("/open/b.pem", "nobody-here"); got != nil {
		t.Errorf("a user who is not there is blocked: %v", got)
	}
}

func TestMisspelt(t *testing.T) {
	t.Parallel()
	for a, want := range map[string]bool{"host_name": true, "hostnam": true, "hostnames": true, "hostnane": true,
		"HostName": true, "my_table": false, "host": false} {
		if near(a, "hostname") != want {
			t.Errorf("%s: %v", a, !want)
		}
	}
}

func FuzzDeployment(f *testing.F) {
	f.Add(
		[]byte(
			`{"modulesContent":{"$edgeAgent":{"properties.desired":{"modules":{"a":{"settings":{"createOptions":"{}"}}}}}}}`,
		),
	)
	f.Add(manyModules(1))
	f.Fuzz(func(t *testing.T, text []byte) {
		if d, ok := deploymentOf(text); ok && (d.AgentBytes <= 0 || d.AgentBytes > len(text)) {
			t.Errorf("%d bytes of %d", d.AgentBytes, len(text))
		}
		_ = desired(text, "$edgeHub")
	})
}

func FuzzHostTexts(f *testing.F) {
	f.Add("Id=a\nLoadState=loaded\n\nIface\neth0 00000000 010011AC 0003 0 0 0 00000000")
	f.Fuzz(func(t *testing.T, text string) {
		_ = parseUnits(text)
		_ = parseRoutes(text)
		if v := dpkgVersion(text); strings.Contains(v, "\n") {
			t.Errorf("%q", v)
		}
	})
}
