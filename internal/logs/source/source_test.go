package source_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/logs/source"
	"edgenet/internal/supportbundle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// archive writes a zip with the given files.
func archive(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for n, text := range files {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBundle(t *testing.T) {
	t.Parallel()
	path := archive(t, "support_bundle_2024_11_05_10_30_00_UTC.zip", map[string]string{
		"logs/edgeHub_log.txt": "hub", "logs/aziot-identityd.txt": "id", "logs/docker.txt": "d",
		"logs/sensor_log.txt": "m", "logs/edgeAgent_err.txt": "no such container",
		"inspect/edgeHub.json":   `[{"Name":"/edgeHub","RestartCount":3,"State":{"OOMKilled":true},"Config":{"Env":["UpstreamProtocol=AmqpWs","https_proxy=http://u:pw@p:1"]},"HostConfig":{"Dns":["192.0.2.1"]}}]`,
		"inspect/edgeAgent.json": "no JSON", "network/azure-iot-edge.json": "[]", "check.json": "{}",
		"../../etc/passwd.txt": "evil",
	})
	set, err := source.Open([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = set.Close() }()
	tags := map[string]string{}
	for _, in := range set.Inputs {
		r, err := in.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		_ = r.Close()
		tags[in.Tag] = string(text)
		if in.Modified.Year() != 2024 || in.Modified.Hour() != 10 {
			t.Errorf("%s: made %s", in.Name, in.Modified)
		}
	}
	for tag, text := range map[string]string{"edgeHub": "hub", "aziot-identityd": "id", "docker": "d", "sensor": "m"} {
		if tags[tag] != text {
			t.Errorf("%s: %q", tag, tags[tag])
		}
	}
	if len(set.Containers) != 1 || set.Containers[0].Env["UpstreamProtocol"] != "AmqpWs" ||
		!set.Containers[0].OOMKilled || set.Containers[0].DNS[0] != "192.0.2.1" || len(set.Unread) != 1 || !set.Whole {
		t.Errorf("%+v, unread %v", set.Containers, set.Unread)
	}
	b, err := supportbundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if text, err := b.Check(); err != nil || string(text) != "{}" {
		t.Errorf("check.json: %q, %v", text, err)
	}
}

// zeros gives n bytes that compress to almost nothing.
type zeros int64

func (z *zeros) Read(p []byte) (int, error) {
	if *z <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), int(*z))
	clear(p[:n])
	*z -= zeros(n)
	return n, nil
}

// TestBombs: what unpacks to far more than a log does ends with an error, without having
// been held.
func TestBombs(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("unpacks 300 MB")
	}
	dir := t.TempDir()
	gz := filepath.Join(dir, "edgeHub.log.gz")
	f, err := os.Create(gz)
	if err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(f)
	size := zeros(600 << 20)
	if _, err := io.Copy(w, &size); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	set, err := source.Open([]string{gz}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := set.Inputs[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if n, err := io.Copy(io.Discard, r); err == nil || n > 400<<20 ||
		!strings.Contains(err.Error(), "far more than a log") {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestWhatIsNoLogIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, path := range map[string]string{
		"no file":       filepath.Join(dir, "none"),
		"broken zip":    write("a.zip", "PK\x03\x04 and no more"),
		"empty archive": archive(t, "b.zip", map[string]string{"photo.png": "x"}),
		"tar":           write("c.tar", strings.Repeat("\x00", 257)+"ustar\x0000"+strings.Repeat("\x00", 300)),
	} {
		set, err := source.Open([]string{path}, nil)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		_ = set.Close()
	}
	set, err := source.Open([]string{write("d.xz", "\xfd7zXZ....")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Inputs[0].Open(); err == nil || !strings.Contains(err.Error(), "unpack it first") {
		t.Errorf("xz: %v", err)
	}
}

// FuzzBundle opens a stranger's archive.
func FuzzBundle(f *testing.F) {
	f.Add([]byte("PK\x05\x06"+strings.Repeat("\x00", 18)), "support_bundle_2022_11_23_14_55_10_UTC.zip")
	f.Add([]byte("PK\x03\x04"), "x.zip")
	f.Fuzz(func(t *testing.T, p []byte, name string) {
		path := filepath.Join(t.TempDir(), "x.zip")
		if os.WriteFile(path, p, 0o600) != nil {
			return
		}
		b, err := supportbundle.Open(path)
		if err != nil {
			return
		}
		defer func() { _ = b.Close() }()
		for _, e := range b.Entries() {
			if r, err := e.Open(); err == nil {
				_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
				_ = r.Close()
			}
		}
		_, _ = b.Containers()
		_, _ = supportbundle.Sender(name)
	})
}
