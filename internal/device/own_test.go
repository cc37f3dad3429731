package device_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	info = "var/lib/aziot/identityd/device_info"
	conf = "etc/aziot/config.toml"
	old  = "etc/iotedge/config.yaml"
)

// root makes a host's files.
func root(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func none(string) string { return "" }

func TestOwn(t *testing.T) {
	const key = "c2VjcmV0c2VjcmV0"
	connection := "HostName=hub.test;DeviceId=dev;SharedAccessKey=" + key
	want := func(path string) []device.Identity {
		return []device.Identity{{Hub: "hub.test", Device: "dev", Source: "/" + path}}
	}
	for _, tt := range []struct {
		name, path, text string
		own              []device.Identity
	}{
		{"device_info", info, "hub_name = \"hub.test\"\ndevice_id = \"dev\"\nother = 1\n", want(info)},
		{"unprovisioned", info, "unprovisioned", nil},
		{"unprovisioned with a line end", info, "unprovisioned\n", nil},
		{"empty device_info", info, "", nil},
		{"config.toml with a connection string", conf, "[provisioning]\nsource = \"manual\"\nconnection_string = \"" +
			connection + "\"\n", want(conf)},
		{"config.toml with X.509", conf,
			"[provisioning]\niothub_hostname = \"hub.test\"\ndevice_id = " +
				"\"dev\"\n[provisioning.authentication]\nmethod = \"x509\"\n", want(conf)},
		{"config.toml with DPS", conf, "[provisioning]\nsource = \"dps\"\nid_scope = \"0ne\"\n", nil},
		{"config.toml with a placeholder", conf,
			"[provisioning]\nconnection_string = \"<ADD DEVICE CONNECTION STRING HERE>\"\n", nil},
		{"config.yaml with a connection string", old,
			"provisioning:\n  source: manual\n  device_connection_string: \"" + connection + "\"\n", want(old)},
		{"config.yaml with X.509", old,
			"provisioning:\n  authentication:\n    method: x509\n    iothub_hostname: hub.test\n    device_id: dev\n",
			want(old)},
		{"derived configuration", "etc/aziot/identityd/config.d/00-super.toml",
			"[provisioning]\niothub_hostname = \"hub.test\"\ndevice_id = \"dev\"\n",
			want("etc/aziot/identityd/config.d/00-super.toml")},
		{"the backup of 1.1", "var/lib/iotedge/cache/provisioning_backup.json",
			`{"hub_name":"hub.test","device_id":"dev","credentials":"` + key + `"}`,
			want("var/lib/iotedge/cache/provisioning_backup.json")},
		{"nothing", conf, "", nil},
	} {
		own, unread := device.Own(root(t, map[string]string{tt.path: tt.text}), none)
		if !reflect.DeepEqual(own, tt.own) || len(unread) > 0 {
			t.Errorf("%s: got %v, unread %v", tt.name, own, unread)
		}
		if strings.Contains(fmt.Sprint(own), key) {
			t.Errorf("%s: the key is shown", tt.name)
		}
	}
}

// TestOwnUnread: what cannot be understood is named without a word of its content.
func TestOwnUnread(t *testing.T) {
	const key = "c2VjcmV0c2VjcmV0"
	for path, text := range map[string]string{
		info: "device_id = " + key + " = 1\n",
		conf: "[provisioning]\nconnection_string = HostName=h;SharedAccessKey=" + key + "\n",
		old:  "provisioning:\n  device_connection_string: \"SharedAccessKey=" + key + "\n  x: [",
	} {
		dir := root(t, map[string]string{path: text})
		own, unread := device.Own(dir, none)
		if len(own) != 0 || len(unread) != 1 || !strings.HasPrefix(unread[0].Error(), "/"+path+": ") {
			t.Errorf("%s: got %v, unread %v", path, own, unread)
			continue
		}
		if e := unread[0].Error(); strings.Contains(e, key) || strings.Contains(e, dir) {
			t.Errorf("%s: says too much: %s", path, e)
		}
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, conf), 0o755); err != nil { // a directory where a file should be
		t.Fatal(err)
	}
	if _, unread := device.Own(dir, none); len(unread) != 1 {
		t.Errorf("a directory in place of a file: unread %v", unread)
	}
}

func TestOwnNoPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := root(t, map[string]string{conf: "x = 1",
		old: "provisioning:\n  authentication:\n    iothub_hostname: hub.test\n    device_id: dev\n"})
	if err := os.Chmod(filepath.Join(dir, conf), 0); err != nil {
		t.Fatal(err)
	}
	own, unread := device.Own(dir, none)
	if len(own) != 1 || len(unread) != 1 || unread[0].Error() != "/"+conf+": permission denied" {
		t.Errorf("got %v, unread %v", own, unread)
	}
}

func TestOwnModule(t *testing.T) {
	env := map[string]string{"IOTEDGE_DEVICEID": "dev", "IOTEDGE_IOTHUBHOSTNAME": "hub.test"}
	own, unread := device.Own(t.TempDir(), func(k string) string { return env[k] })
	want := []device.Identity{{Hub: "hub.test", Device: "dev", Source: "the environment"}}
	if !reflect.DeepEqual(own, want) || unread != nil {
		t.Errorf("got %v, unread %v", own, unread)
	}
	if own, unread := device.Own(t.TempDir(), none); own != nil || unread != nil {
		t.Errorf("a bare host: %v, %v", own, unread)
	}
}

func TestIs(t *testing.T) {
	i := device.Identity{Hub: "Hub.test", Device: "dev"}
	if !i.Is("hub.TEST", "dev") || i.Is("other.test", "dev") || i.Is("hub.test", "DEV") ||
		!(device.Identity{Device: "dev"}).Is("any.test", "dev") {
		t.Error("hubs compare without case, devices with it, and no hub matches any")
	}
}
