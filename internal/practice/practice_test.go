package practice_test

import (
	"strings"
	"testing"

	"edgenet/internal/practice"
)

func TestImages(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]struct {
		tag                    string
		digest, rolling, debug bool
	}{
		"mcr.test/hub:1.5.44":                  {tag: "1.5.44"},
		"mcr.test:5000/hub":                    {rolling: true},
		"mcr.test:5000/hub:1.5":                {tag: "1.5", rolling: true},
		"hub:latest":                           {tag: "latest", rolling: true},
		"hub:1.5.44-linux-amd64":               {tag: "1.5.44-linux-amd64"},
		"filter:0.1.2-amd64.debug":             {tag: "0.1.2-amd64.debug", debug: true},
		"filter:0.1.2-debug-amd64":             {tag: "0.1.2-debug-amd64", debug: true},
		"filter:0.1.2-debugger":                {tag: "0.1.2-debugger"},
		"hub@sha256:" + strings.Repeat("0", 8): {tag: "sha256:00000000", digest: true, rolling: true},
	} {
		_, tag, digest := practice.SplitImage(image)
		if tag != want.tag || digest != want.digest || practice.Rolling(tag) != want.rolling ||
			practice.DebugBuild(tag) != want.debug {
			t.Errorf("%s: %q, digest %v, rolling %v, debug %v", image, tag, digest, practice.Rolling(tag),
				practice.DebugBuild(tag))
		}
	}
}

func TestContainers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"DB_PASSWORD": true, "Token": true, "IOTEDGE_AUTHTOKEN": false,
		"Tokio": false, "StorageAccountKey": true, "PASSENGERS": false} {
		if practice.SecretName(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	if has := (practice.Rights{NetworkMode: "bridge", CapAdd: []string{"NET_ADMIN"}}).Excess(); has != nil {
		t.Errorf("a modest module has %q", has)
	}
	if has := (practice.Rights{Privileged: true, NetworkMode: "host", PIDMode: "host",
		Mounted: []string{"/var/run/docker.sock"}, CapAdd: []string{"SYS_ADMIN"}}).Excess(); len(has) != 5 {
		t.Errorf("%q", has)
	}
}

func TestAdminUser(t *testing.T) {
	t.Parallel()
	if !practice.AdminUser("plant.azurecr.io", "Plant") || practice.AdminUser("plant.azurecr.io", "puller") ||
		practice.AdminUser("docker.io", "docker") || practice.AdminUser("plant.azurecr.io", "") {
		t.Error("an admin user is not told from another")
	}
}

// TestDebugPorts: each port has its debugger and where that is from, and is found.
func TestDebugPorts(t *testing.T) {
	t.Parallel()
	for _, p := range practice.DebugPorts() {
		if p.Debugger == "" || p.Source == "" || !practice.DebugPort(p.Number) {
			t.Errorf("%+v", p)
		}
	}
	if practice.DebugPort(8883) {
		t.Error("edgeHub's port is taken for a debugger's")
	}
}
