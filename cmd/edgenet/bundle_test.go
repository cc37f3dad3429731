package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/lab"
	"edgenet/internal/verify/testkit"
)

// siteNames are all that identifies a site in the settings that TestBundleAnonymous makes.
var siteNames = []string{"westplant", "line-4-west", "plant-3", "anna", "10.20.30.40", "proxy.corp", "mirror.intern",
	"lab.azure-devices"}

// A bundle with --anonymous holds no name and no address of the site, in no member, and
// explain reads it all the same; without it they are there.
func TestBundleAnonymous(t *testing.T) {
	t.Parallel()
	l, err := lab.Start(t.Context(), lab.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "etc/aziot"), 0o755); err != nil {
		t.Fatal(err)
	}
	settings := `hostname = "gw-17.proxy.corp"
[provisioning]
source = "manual"
connection_string = "HostName=westplant.azure-devices.net;DeviceId=line-4-west;SharedAccessKey=AAAA"
[agent.config]
image = "mirror.intern.westplant.io:5000/azureiotedge-agent:1.5"
[agent.env]
https_proxy = "http://anna:pw@proxy.corp.westplant.io:3128"
no_proxy = "10.20.30.40"
`
	if err := os.WriteFile(filepath.Join(root, "etc/aziot/config.toml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	i := l.Info()
	ways := []string{"--hub", i.Hub, "--ca-file", i.CAFile, "--root", root, "--label", "site=plant-3",
		"--connect-to", "proxy.corp.westplant.io:3128:127.0.0.1:9",
		"--connect-to", "mirror.intern.westplant.io:5000:127.0.0.1:9"}
	for _, c := range i.ConnectTo[:3] {
		ways = append(ways, "--connect-to", c)
	}
	named, anonymous := bundled(t, ways), bundled(t, append(ways, "--anonymous"))
	for _, name := range siteNames {
		if !strings.Contains(strings.ToLower(named), name) {
			t.Errorf("%q is in no bundle: the test proves nothing", name)
		}
		if at := strings.Index(strings.ToLower(anonymous), name); at >= 0 {
			t.Errorf("%q is in it: …%s…", name, anonymous[max(0, at-120):min(len(anonymous), at+80)])
		}
	}
}

// bundled is a bundle's members one after the other, and what explain says of it.
func bundled(t *testing.T, args []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "b.zip")
	var out, said testkit.Buffer
	a := &app{Console: &console.Console{Stdout: &out, Stderr: &said, Getenv: func(string) string { return "" }}}
	if code := run(context.Background(), append(append([]string{"bundle"}, args...), "-o", path), a); code != 0 {
		t.Fatalf("exit code %d: %s", code, said.String())
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	all := ""
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || strings.HasSuffix(f.Name, ".json") && !json.Valid(text) {
			t.Errorf("%s: %v, %s", f.Name, err, text)
		}
		all += string(text)
	}
	var told testkit.Buffer
	a.Stdout = &told
	if code := run(context.Background(), []string{"explain", path}, a); code == 2 || told.String() == "" {
		t.Errorf("explain: exit code %d: %s", code, said.String())
	}
	return all + told.String()
}
