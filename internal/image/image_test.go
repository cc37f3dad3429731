package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// programs are small static programs, really compiled, once each.
var programs = map[Platform]func() ([]byte, error){
	amd64: sync.OnceValues(func() ([]byte, error) { return compile(amd64) }),
	armv7: sync.OnceValues(func() ([]byte, error) { return compile(armv7) }),
}

var amd64, armv7 = Platform{Architecture: "amd64"}, Platform{Architecture: "arm", Variant: "v7"}

func compile(p Platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "image-test-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	src, out := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() { println(\"here\") }\n"), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", out, src) //nolint:gosec // a file of ours
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS=linux", "GOARCH="+p.Architecture, "GOARM="+
		strings.TrimPrefix(p.Variant, "v"))
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	return os.ReadFile(out) //nolint:gosec // just built
}

func program(t *testing.T, p Platform) []byte {
	t.Helper()
	b, err := programs[p]()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newImage(t *testing.T, binary []byte, o Options) *Image {
	t.Helper()
	i, err := New(binary, o)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// entry is a tar's entry with what it holds.
type entry struct {
	*tar.Header
	data []byte
}

func untar(t *testing.T, r io.Reader) map[string]entry {
	t.Helper()
	out := map[string]entry{}
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := out[h.Name]; twice {
			t.Errorf("%s is in the tar twice", h.Name)
		}
		out[h.Name] = entry{h, data}
	}
}

func TestLayerHoldsNothingElse(t *testing.T) {
	t.Parallel()
	binary := program(t, amd64)
	var b bytes.Buffer
	if err := layer(&b, binary, []File{{"/etc/edgenet/b.pem", []byte("B")},
		{"/etc/edgenet/a.pem", []byte("A")}}); err != nil {
		t.Fatal(err)
	}
	got := untar(t, &b)
	for name, want := range map[string]struct {
		mode int64
		uid  int
	}{
		"edgenet": {0o555, 0}, "var/": {0o755, 0}, "var/lib/": {0o755, 0}, "var/lib/edgenet/": {0o700, UserID},
		"etc/": {0o755, 0}, "etc/edgenet/": {0o755, 0}, "etc/edgenet/a.pem": {0o444, 0},
		"etc/edgenet/b.pem": {0o444, 0},
	} {
		h, ok := got[name]
		if !ok {
			t.Errorf("%s is not in the layer", name)
			continue
		}
		if h.Mode != want.mode || h.Uid != want.uid || h.Gid != want.uid || !h.ModTime.Equal(epoch) {
			t.Errorf("%s: mode %o user %d:%d time %s, want %o %d", name, h.Mode, h.Uid, h.Gid, h.ModTime,
				want.mode, want.uid)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s is in the layer and should not be", name)
	}
}

func TestSameInputSameDigest(t *testing.T) {
	t.Parallel()
	binary := program(t, amd64)
	files := []File{{"/x/1", []byte("1")}, {"/x/2", []byte("2")}}
	a := newImage(t, binary, Options{Platform: amd64, Files: files})
	b := newImage(t, bytes.Clone(binary), Options{Platform: amd64, Files: []File{files[1], files[0]}})
	if a.ID() != b.ID() {
		t.Errorf("the same input gives %s and %s", a.ID(), b.ID())
	}
	for what, o := range map[string]Options{
		"version": {Platform: amd64, Files: files, Version: "2"},
		"files":   {Platform: amd64, Files: files[:1]},
	} {
		if c := newImage(t, binary, o); c.ID() == a.ID() {
			t.Errorf("another %s, and the same digest", what)
		}
	}
	d1, d2 := t.TempDir(), t.TempDir()
	one, _, err := Layout(d1, "t", a)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := Layout(d2, "t", b)
	if err != nil || one != two {
		t.Errorf("layouts %s and %s, %v", one, two, err)
	}
}

func TestRefusesWhatCannotStart(t *testing.T) {
	t.Parallel()
	good := program(t, amd64)
	for name, c := range map[string]struct {
		binary []byte
		o      Options
		want   string
	}{
		"no program": {[]byte("#!/bin/sh\n"), Options{Platform: amd64}, "no Linux program"},
		"nothing":    {nil, Options{Platform: amd64}, "no Linux program"},
		"another architecture": {good, Options{Platform: Platform{Architecture: "arm64"}},
			"it is for amd64, expected arm64"},
		"unknown architecture": {good, Options{Platform: Platform{Architecture: "vax"}}, "expected amd64"},
		"relative file":        {good, Options{Platform: amd64, Files: []File{{Path: "etc/x"}}}, "clean path"},
		"file above the root":  {good, Options{Platform: amd64, Files: []File{{Path: "/../etc/x"}}}, "clean path"},
		"file in place of it":  {good, Options{Platform: amd64, Files: []File{{Path: BinaryPath}}}, "clean path"},
		"file twice": {good, Options{Platform: amd64, Files: []File{{Path: "/x"}, {Path: "/x"}}},
			"of its own"},
	} {
		if _, err := New(c.binary, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want …%s…", name, err, c.want)
		}
	}
}

// TestReadsLikeDebugELF holds the reader of the header to the library's, over a program cut anywhere
// and with any byte of its headers changed.
func TestReadsLikeDebugELF(t *testing.T) {
	t.Parallel()
	for _, p := range []Platform{amd64, armv7} {
		good := program(t, p)
		for n := range 400 {
			_ = runnable(good[:n], p) // must not panic
			odd := slices.Clone(good[:4096])
			odd[n] ^= 0x55
			f, err := elf.NewFile(bytes.NewReader(append(odd, good[4096:]...)))
			if err != nil {
				continue // it reads more than is needed here, and refuses more
			}
			got := runnable(odd, p)
			if errors.Is(got, errNoELF) && (n >= 28 && n < 48 || n >= 54 && n < 58) {
				continue // where the program headers are: debug/elf takes some that lie behind the file
			}
			dynamic := slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
			if wrong := uint16(f.Machine) != machines[p.Architecture]; wrong != (got != nil && !errors.Is(got, ErrDynamic)) ||
				!wrong && dynamic != errors.Is(got, ErrDynamic) {
				t.Errorf("byte %d: %v; debug/elf says %s, dynamic %v", n, got, f.Machine, dynamic)
			}
		}
	}
}

func TestRefusesDynamic(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || machines[runtime.GOARCH] == 0 {
		t.Skip("needs a Linux program that is dynamically linked")
	}
	for _, path := range []string{"/bin/ls", "/bin/cat", "/bin/sh"} {
		b, err := os.ReadFile(path) //nolint:gosec // of the system
		if err != nil {
			continue
		}
		if _, err := New(b, Options{Platform: Platform{Architecture: runtime.GOARCH}}); errors.Is(err, ErrDynamic) {
			return
		}
	}
	t.Skip("this system's programs are all static")
}

func TestArchive(t *testing.T) {
	t.Parallel()
	binary := program(t, amd64)
	i := newImage(t, binary, Options{Platform: amd64, Version: "1.2"})
	var b bytes.Buffer
	if err := i.Archive(&b, "edgenet:1.2"); err != nil {
		t.Fatal(err)
	}
	got := untar(t, &b)
	var m []archived
	if err := json.Unmarshal(got["manifest.json"].data, &m); err != nil || len(m) != 1 || len(m[0].Layers) != 1 {
		t.Fatalf("manifest %s: %v", got["manifest.json"].data, err)
	}
	if m[0].RepoTags[0] != "edgenet:1.2" || digest(got[m[0].Config].data) != i.ID() {
		t.Errorf("manifest %+v does not lead to the image %s", m[0], i.ID())
	}
	sum := sha256.Sum256(got[m[0].Layers[0]].data)
	var c config
	if err := json.Unmarshal(got[m[0].Config].data, &c); err != nil {
		t.Fatal(err)
	}
	if want := "sha256:" + hex.EncodeToString(sum[:]); c.RootFS.DiffIDs[0] != want {
		t.Errorf("the configuration names layer %s, which is %s", c.RootFS.DiffIDs[0], want)
	}
	if c.Config.User != "10001:10001" || c.Config.Entrypoint[0] != "/edgenet" || c.OS != "linux" ||
		c.Architecture != "amd64" {
		t.Errorf("configuration %s", got[m[0].Config].data)
	}
	if x := untar(t, bytes.NewReader(got[m[0].Layers[0]].data)); !bytes.Equal(x["edgenet"].data, binary) {
		t.Error("the binary in the layer is not the one given")
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	index, written, err := Layout(dir, "1.2", newImage(t, program(t, amd64), Options{Platform: amd64}),
		newImage(t, program(t, armv7), Options{Platform: armv7}))
	if err != nil {
		t.Fatal(err)
	}
	var top, all indexJSON
	read(t, filepath.Join(dir, "index.json"), &top)
	if top.Manifests[0].Digest != index || top.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != "1.2" {
		t.Fatalf("index.json %+v, index %s", top, index)
	}
	read(t, blob(dir, index), &all)
	if len(all.Manifests) != 2 || all.Manifests[1].Platform.Variant != "v7" {
		t.Fatalf("index %+v", all)
	}
	var m manifestJSON
	read(t, blob(dir, all.Manifests[1].Digest), &m)
	z := layerOf(t, dir, m)
	if m.Layers[0].Size != written[1].LayerBytes || written[1].Digest != all.Manifests[1].Digest {
		t.Errorf("written %+v, layer %+v", written[1], m.Layers[0])
	}
	if _, ok := untar(t, z)["edgenet"]; !ok {
		t.Error("no binary in the layer")
	}
}

func layerOf(t *testing.T, dir string, m manifestJSON) io.Reader {
	t.Helper()
	b, err := os.ReadFile(blob(dir, m.Layers[0].Digest))
	if err != nil {
		t.Fatal(err)
	}
	if digest(b) != m.Layers[0].Digest {
		t.Errorf("layer %s is %s", m.Layers[0].Digest, digest(b))
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func blob(dir, digest string) string {
	return filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(digest, "sha256:"))
}

func read(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path) //nolint:gosec // of the test
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestLayoutSparesOtherFiles: a mistyped directory loses nothing.
func TestLayoutSparesOtherFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "index.json")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := newImage(t, program(t, amd64), Options{Platform: amd64})
	if _, _, err := Layout(dir, "t", i); err == nil || !strings.Contains(err.Error(), "neither empty nor") {
		t.Errorf("a directory with other files: %v", err)
	}
	if b, _ := os.ReadFile(mine); string(b) != "mine" { //nolint:gosec // of the test
		t.Error("the file was written over")
	}
	again := t.TempDir()
	for range 2 {
		if _, _, err := Layout(again, "t", i); err != nil {
			t.Errorf("writing a layout again: %v", err)
		}
	}
}
