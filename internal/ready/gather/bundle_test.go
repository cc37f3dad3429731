package gather

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/ready"
)

func zipOf(t *testing.T, files map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bundle.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for n, text := range files {
		w, err := z.CreateHeader(
			&zip.FileHeader{Name: n, Method: zip.Deflate, Modified: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

const inspected = `[{"Name":"/edgeHub","Config":{"Image":"mcr.test/azureiotedge-hub:1.5","Env":["IOTEDGE_IOTHUBHOSTNAME=h.test","IOTEDGE_DEVICEID=d1","X_PASSWORD=hunter2"]},
"HostConfig":{"LogConfig":{"Type":"json-file","Config":{}}},"State":{"Status":"running","Pid":77}}]`

// TestBundle: what a support bundle holds is judged by the day on which it was made; what
// it does not hold is left out.
func TestBundle(t *testing.T) {
	t.Parallel()
	f, check, err := Bundle(zipOf(t, map[string]string{
		"check.json":               `{"additional_info":{"aziot_edged_version":"1.5.21","docker_version":"28.0.1","os":{"id":"debian","version_id":"12","arch":"aarch64"}},"checks":{}}`,
		"inspect/edgeHub.json":     inspected,
		"logs/edgeHub_log.txt":     "Starting Edge Hub\nFalling back to in-memory store",
		"../../etc/passwd":         "x",
		"network/bridge.json":      `[{"Name":"bridge"}]`,
		"inspect/edgeAgent.json":   "not JSON",
		"logs/aziot-edged_log.txt": "x",
	}), Options{})
	if err != nil || len(check) == 0 {
		t.Fatal(err)
	}
	rows, _ := ready.Judge(f)
	want := map[string]ready.Status{
		"release.support":     ready.OK,
		"engine.logs":         ready.Warning,
		"release.rolling-tag": ready.Warning,
		"store.memory":        ready.Error,
		"engine.network":      ready.Unknown,
		"disk.free":           ready.Skipped,
		"module.secrets":      ready.Skipped,
	}
	for _, r := range rows {
		if s, ok := want[r.ID]; ok && s != r.Status {
			t.Errorf("%s is %s: %s; want %s", r.ID, r.Status, r.Summary, s)
		}
		if strings.Contains(r.Summary, "hunter2") {
			t.Errorf("a secret is shown: %s", r.Summary)
		}
	}
	if f.Device.Hub != "h.test" || f.Device.ID != "d1" {
		t.Errorf("%+v", f.Device)
	}
}

func TestHostileBundles(t *testing.T) {
	t.Parallel()
	if _, _, err := Bundle(zipOf(t, map[string]string{"readme.txt": "x"}), Options{}); !errors.Is(err, ErrNotABundle) {
		t.Errorf("an archive of something else: %v", err)
	}
	if _, _, err := Bundle(zipOf(t, map[string]string{"inspect/a.json": strings.Repeat("x", 4<<20+10)}),
		Options{}); err == nil ||
		!strings.Contains(err.Error(), "larger") {
		t.Errorf("a file without end: %v", err)
	}
	plain := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(plain, []byte("no zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Bundle(plain, Options{}); err == nil {
		t.Error("a text was taken for an archive")
	}
}
