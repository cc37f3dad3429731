//go:build interop && linux

package booted

import (
	"encoding/json"
	"strings"
	"testing"

	"edgenet/internal/ready"
)

const config = `hostname = "gw"
[provisioning]
source = "manual"
iothub_hostname = "hub.azure-devices.net"
device_id = "gw"
[provisioning.authentication]
method = "sas"
device_id_pk = { uri = "file:///etc/aziot/key" }
[agent]
name = "edgeAgent"
type = "docker"
[agent.env]
UpstreamProtocol = "AmqpWs"
https_proxy = "http://proxy.corp:3128"
`

// daemon is a unit that runs and says nothing, with a proxy in its environment.
const daemon = `[Service]
Type=exec
Environment=https_proxy=http://proxy.corp:3128
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`

const socket = `[Socket]
ListenStream=/run/aziot/NAME.sock
[Install]
WantedBy=sockets.target
`

// says is how aziot-edged's log lines reach the journal: a priority before each.
const says = `[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "<6>2026-11-29T06:00:00Z [INFO] - Starting Azure IoT Edge Daemon"'
`

func device() map[string]string {
	files := map[string]string{"etc/aziot/config.toml": config}
	const units = "etc/systemd/system/"
	for _, u := range []string{"aziot-edged", "aziot-identityd", "docker"} {
		files[units+u+".service"] = daemon
	}
	for _, u := range []string{"aziot-identityd", "aziot-keyd", "aziot-certd", "docker"} {
		files[units+u+".socket"] = strings.ReplaceAll(socket, "NAME", u)
		if files[units+u+".service"] == "" {
			files[units+u+".service"] = daemon
		}
	}
	return files
}

// script is what happens to the device, one thing after the other.
const script = `exec >/told/log 2>&1
set -x
cd /
systemctl daemon-reload
systemctl enable --now aziot-edged.service aziot-identityd.service aziot-identityd.socket aziot-keyd.socket aziot-certd.socket docker.service docker.socket
look() { edgenet ready --offline -f json >/told/$1.json; edgenet config show -f json >/told/$1-config.json; }
look healthy
systemctl disable aziot-keyd.socket
look off
systemctl enable aziot-keyd.socket
systemctl stop aziot-identityd.socket aziot-identityd.service
look stopped
systemctl start aziot-identityd.socket aziot-identityd.service
mkdir -p /etc/systemd/system/aziot-edged.service.d
printf '[Service]\nExecStart=\nExecStart=/bin/sh -c "exit 153"\nRestart=always\nRestartPreventExitStatus=153\n' >/etc/systemd/system/aziot-edged.service.d/end.conf
systemctl daemon-reload
systemctl restart aziot-edged.service
for n in 1 2 3 4 5 6 7 8 9 10; do systemctl is-active -q aziot-edged.service || break; sleep 0.2; done
look settings
printf '[Service]\nExecStart=\nExecStart=/bin/sh -c "sleep 0.05; exit 1"\nRestart=always\nRestartSec=0\n[Unit]\nStartLimitIntervalSec=0\n' >/etc/systemd/system/aziot-edged.service.d/end.conf
systemctl daemon-reload
systemctl reset-failed aziot-edged.service
systemctl restart aziot-edged.service
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ "$(systemctl show -P NRestarts aziot-edged.service)" -ge 6 ] && break; sleep 0.2; done
look again
rm /etc/systemd/system/aziot-edged.service.d/end.conf
printf '[Service]\nEnvironment=https_proxy=http://other.corp:3128\n' >/etc/systemd/system/aziot-edged.service.d/proxy.conf
systemctl daemon-reload
systemctl restart aziot-edged.service
tr '\0' '\n' </proc/$(systemctl show -P MainPID aziot-edged.service)/environ | grep ^https_proxy >/told/proxy
look proxy
systemctl stop aziot-edged.service
cp /told/says.service /etc/systemd/system/aziot-edged.service
systemctl daemon-reload
systemctl start aziot-edged.service
journalctl --sync
edgenet logs -f json >/told/logs.json
touch /told/done
`

// rows are those of one id in an answer of ready.
func rows(t *testing.T, dir, name, id string) []ready.Row {
	t.Helper()
	var a ready.Answer
	if err := json.Unmarshal([]byte(told(t, dir, name+".json")), &a); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, told(t, dir, "log"))
	}
	var out []ready.Row
	for _, r := range a.Rows {
		if r.ID == id {
			out = append(out, r)
		}
	}
	return out
}

// TestDeviceThatSystemdRuns: ready says of services what systemd knows of them, config
// show what their processes got, and logs reads what journald kept.
func TestDeviceThatSystemdRuns(t *testing.T) {
	files := device()
	files["../told/says.service"] = says
	dir := boot(t, files, script)
	for _, row := range []struct {
		name   string
		status ready.Status
		words  string
	}{
		{"healthy", ready.OK, "start with the machine, and run"},
		{"off", ready.Error, "aziot-keyd.socket is disabled"},
		{"stopped", ready.Error, "aziot-identityd.service does not run"},
		{"settings", ready.Error, "aziot-edged.service ended because of its settings"},
		{"again", ready.Warning, "aziot-edged.service was started again"},
	} {
		got := rows(t, dir, row.name, "boot.enabled")
		if len(got) != 1 || got[0].Status != row.status || !strings.Contains(got[0].Summary, row.words) {
			t.Errorf("%s: %+v, want %s with %q", row.name, got, row.status, row.words)
		}
	}
	if env := told(t, dir, "proxy"); env != "https_proxy=http://other.corp:3128" {
		t.Fatalf("the process has %q\n%s", env, told(t, dir, "log"))
	}
	if text := told(t, dir, "proxy-config.json"); !strings.Contains(text, "http://other.corp:3128") {
		t.Errorf("config show does not know the drop-in that is in force: %s", text)
	}
	if text := told(t, dir, "healthy-config.json"); strings.Contains(text, "other.corp") {
		t.Errorf("config show knew the drop-in before it was written: %s", text)
	}
	for _, pattern := range []string{`"edged.start"`, `"systemd.exited"`} {
		if text := told(t, dir, "logs.json"); !strings.Contains(text, pattern) {
			t.Errorf("logs does not find %s in the journal: %s", pattern, text)
		}
	}
}
