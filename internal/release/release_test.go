package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// built is one release of two platforms, shared by all tests: compiling takes most of
// their time.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "edgenet-release-test-")
	if err != nil {
		return "", err
	}
	var stderr strings.Builder
	if rc := run(context.Background(), arguments(dir), io.Discard, &stderr); rc != 0 {
		return dir, errors.New(stderr.String())
	}
	return dir, nil
})

func arguments(dir string) []string {
	return []string{"--version", "1.2.3", "--out", dir, "--platform", "linux_amd64,windows_amd64"}
}

func TestMain(m *testing.M) {
	rc := m.Run()
	if dir, err := built(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(rc)
}

func dist(t *testing.T) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// files gives every file below a directory with its digest.
func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path) //nolint:gosec // the test's
		h := sha256.Sum256(data)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = hex.EncodeToString(h[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTwoBuildsAreTheSameBytes(t *testing.T) {
	first := digests(t, dist(t))
	dir := t.TempDir()
	var stderr strings.Builder
	if rc := run(t.Context(), arguments(dir), io.Discard, &stderr); rc != 0 {
		t.Fatal(stderr.String())
	}
	second := digests(t, dir)
	if len(first) < 10 {
		t.Errorf("only %d files were built", len(first))
	}
	for name, h := range first {
		if second[name] != h {
			t.Errorf("%s differs between two builds", name)
		}
	}
	if len(second) != len(first) {
		t.Errorf("%d files, then %d", len(first), len(second))
	}
}

func TestChecksumsCoverEverything(t *testing.T) {
	dir := dist(t)
	text, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS")) //nolint:gosec // the test's
	if err != nil {
		t.Fatal(err)
	}
	all := digests(t, dir)
	delete(all, "SHA256SUMS")
	for line := range strings.Lines(string(text)) {
		h, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if all[name] != h {
			t.Errorf("%s: %s is written, %s is true", name, h, all[name])
		}
		delete(all, name)
	}
	for name := range all {
		t.Errorf("%s has no checksum", name)
	}
}

func TestArchivesHoldWhatBelongsToThem(t *testing.T) {
	dir := dist(t)
	packed, err := os.ReadFile(filepath.Join(dir, "edgenet_1.2.3_linux_amd64.tar.gz")) //nolint:gosec // the test's
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimPrefix(h.Name, "edgenet_1.2.3_linux_amd64/"))
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s names an owner", h.Name)
		}
	}
	wanted := []string{"edgenet", "LICENSE", "README.md", "man/edgenet-check.1", "completion/edgenet.bash",
		"systemd/edgenet-watch.service"}
	for _, want := range wanted {
		if !slices.Contains(names, want) {
			t.Errorf("no %s in the archive: %q", want, names)
		}
	}
	w, err := zip.OpenReader(filepath.Join(dir, "edgenet_1.2.3_windows_amd64.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	program := false
	for _, f := range w.File {
		program = program || f.Name == "edgenet_1.2.3_windows_amd64/edgenet.exe"
		if strings.Contains(f.Name, "systemd") {
			t.Errorf("%s has no use on Windows", f.Name)
		}
	}
	if !program {
		t.Error("no edgenet.exe in the archive")
	}
}

// program unpacks the one of this machine.
func program(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	unpack := exec.CommandContext(t.Context(), "tar", "-xzf",
		filepath.Join(dist(t), "edgenet_1.2.3_linux_amd64.tar.gz"), "-C", root,
		"--strip-components=1") //nolint:gosec // the test's
	if text, err := unpack.CombinedOutput(); err != nil {
		t.Skipf("no tar here: %s", text)
	}
	return filepath.Join(root, "edgenet")
}

func TestProgramSaysWhatItIs(t *testing.T) {
	program := program(t)
	text, err := exec.CommandContext(t.Context(), program, "version").CombinedOutput() //nolint:gosec // just built
	if err != nil || !strings.HasPrefix(string(text), "edgenet 1.2.3 (") || !strings.Contains(string(text), "go1.") {
		t.Errorf("%q, %v", text, err)
	}
	// The first form is answered before the program is set up, this one by the command.
	same, err := exec.CommandContext(t.Context(), program, "version",
		"--help=false").CombinedOutput() //nolint:gosec // just built
	if err != nil || string(same) != string(text) {
		t.Errorf("the command says %q, %v, and its short way %q", same, err, text)
	}
}

// TestVersionComesFirst holds the line to be answered before most packages are set up; the
// runtime tells of each that is.
func TestVersionComesFirst(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), program(t), "--version") //nolint:gosec // just built
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	text, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "init os ") {
		t.Fatalf("%v: %s", err, text)
	}
	for _, late := range []string{"init net ", "init net/http ", "init crypto/tls ", "init edgenet/"} {
		if strings.Contains(string(text), late) {
			t.Errorf("set up before the answer: %s", late)
		}
	}
}

// TestBillOfMaterials compares the list with the modules of the binary.
func TestBillOfMaterials(t *testing.T) {
	dir := dist(t)
	var b bom
	text, err := os.ReadFile(filepath.Join(dir, "edgenet_1.2.3.cdx.json")) //nolint:gosec // the test's
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	src, err := readSource(t.Context(), "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	program, err := src.compile(t.Context(), root, target{OS: "linux", Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		if !slices.ContainsFunc(b.Components, func(c component) bool {
			return c.Name == m.Path && c.Version == m.Version && c.PURL == "pkg:golang/"+m.Path+"@"+m.Version &&
				len(c.Hashes) == 1
		}) {
			t.Errorf("%s %s is linked and not listed", m.Path, m.Version)
		}
	}
	if slices.ContainsFunc(b.Components, func(c component) bool { return strings.Contains(c.Name, "nfpm") }) {
		t.Error("what builds packages is listed as if it were linked")
	}
}

func TestUsageErrors(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "old"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{}, {"--out", t.TempDir(), "more"}, {"--out", full}, {"--out", t.TempDir(), "--version", "v1"},
		{"--out", t.TempDir(), "--version", "1.2"},
		{"--out", t.TempDir(), "--version", "1.2.3 -X main.x=y"}, {"--out", t.TempDir(), "--platform", "plan9_386"},
	} {
		var stderr strings.Builder
		if rc := run(t.Context(), args, io.Discard, &stderr); rc != 2 || !strings.Contains(stderr.String(),
			"expected") {
			t.Errorf("%q: exit code %d, %q", args, rc, stderr.String())
		}
	}
}
