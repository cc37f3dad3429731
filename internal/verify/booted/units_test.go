//go:build interop && linux

package booted

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// shipped reads a file of the package.
func shipped(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/package/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const unitsScript = `exec >/told/log 2>&1
set -x
cd /
mkdir -p /var/lib/prometheus/node-exporter
systemctl daemon-reload
systemctl enable --now edgenet-watch.service edgenet-textfile.timer
for n in $(seq 100); do [ "$(wc -l </var/lib/edgenet/watch.jsonl)" -ge 1 ] && break; sleep 0.2; done
systemctl is-active edgenet-watch.service edgenet-textfile.timer >/told/active
systemctl stop edgenet-watch.service
systemctl show -P Result -P ActiveState edgenet-watch.service >/told/stopped
stat -c '%a' /var/lib/edgenet >/told/mode
cp /var/lib/edgenet/watch.jsonl /told/
systemctl start edgenet-textfile.service
systemctl show -P Result edgenet-textfile.service >/told/written
cp /var/lib/prometheus/node-exporter/edgenet.prom /told/
touch /told/done
`

// TestShippedUnitsRun: the watch and the textfile's timer do their work behind their own
// fences, and a watch that is told to stop has not failed.
func TestShippedUnitsRun(t *testing.T) {
	const units = "etc/systemd/system/"
	files := map[string]string{"etc/default/edgenet": "EDGENET_EVERY=2s\nEDGENET_CHECK_FLAGS=--lab\n"}
	for _, name := range []string{"edgenet-watch.service", "edgenet-textfile.service", "edgenet-textfile.timer"} {
		files[units+name] = shipped(t, name)
	}
	dir := boot(t, files, unitsScript)
	for name, want := range map[string]string{"active": "active\nactive", "stopped": "success\ninactive", "mode": "750",
		"written": "success"} {
		if got := told(t, dir, name); got != want {
			t.Errorf("%s: %q, want %q\n%s", name, got, want, told(t, dir, "log"))
		}
	}
	lines := bufio.NewScanner(strings.NewReader(told(t, dir, "watch.jsonl")))
	n := 0
	for ; lines.Scan(); n++ {
		if !json.Valid(lines.Bytes()) {
			t.Errorf("a line of the watch is no JSON: %s", lines.Text())
		}
	}
	if n == 0 {
		t.Error("the watch wrote nothing")
	}
	if text := told(t, dir, "edgenet.prom"); !strings.Contains(text, "edgenet_") {
		t.Errorf("the textfile holds %q", text)
	}
}
