package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// file is one file that stands beside the binary in archives and packages.
type file struct {
	Name string // in the archive, in slashes
	// Installed is where packages put it; empty means that they do not.
	Installed string
	Config    bool // packages keep it when the admin has changed it
	Data      []byte
}

// shells are those that completion is written for, with where their packages look.
var shells = []struct{ name, file, installed string }{
	{"bash", "edgenet.bash", "/usr/share/bash-completion/completions/edgenet"},
	{"zsh", "_edgenet", "/usr/share/zsh/site-functions/_edgenet"},
	{"fish", "edgenet.fish", "/usr/share/fish/vendor_completions.d/edgenet.fish"},
	{"powershell", "edgenet.ps1", ""},
}

// units are the systemd units of deploy/package.
var units = []string{"edgenet-watch.service", "edgenet-textfile.service", "edgenet-textfile.timer"}

// writePayload lets the program itself write its man pages and completion, and reads
// what the checkout holds.
func (b *build) writePayload(ctx context.Context) error {
	program, ok := b.binaries[here().String()]
	if !ok {
		var err error
		if program, err = b.source.compile(ctx, b.tmp, here()); err != nil {
			return err
		}
	}
	if err := b.documents(); err != nil {
		return err
	}
	if err := b.manPages(ctx, program); err != nil {
		return err
	}
	for _, s := range shells {
		text, err := output(ctx, "", program, "completion", s.name)
		if err != nil {
			return err
		}
		b.payload = append(b.payload, file{Name: "completion/" + s.file, Installed: s.installed,
			Data: []byte(text + "\n")})
	}
	slices.SortFunc(b.payload, func(x, y file) int { return strings.Compare(x.Name, y.Name) })
	return nil
}

func (b *build) documents() error {
	add := func(path, name, installed string, config bool) error {
		data, err := os.ReadFile(filepath.Join(b.source.Root, path)) //nolint:gosec // the checkout's
		b.payload = append(b.payload, file{Name: name, Installed: installed, Config: config, Data: data})
		return err
	}
	const doc = "/usr/share/doc/edgenet/"
	for _, name := range []string{"README.md", "CHANGELOG.md", "SECURITY.md"} {
		if err := add(name, name, doc+name, false); err != nil {
			return err
		}
	}
	if err := add("LICENSE", "LICENSE", doc+"copyright", false); err != nil {
		return err
	}
	for _, u := range units {
		if err := add("deploy/package/"+u, "systemd/"+u, "/usr/lib/systemd/system/"+u, false); err != nil {
			return err
		}
	}
	return add("deploy/package/edgenet.default", "systemd/edgenet.default", "/etc/default/edgenet", true)
}

func (b *build) manPages(ctx context.Context, program string) error {
	dir := filepath.Join(b.tmp, "man")
	if _, err := output(ctx, "", program, "man", "--dir", dir); err != nil {
		return err
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) == 0 {
		return fmt.Errorf("%s man --dir wrote no page (%w)", program, err)
	}
	for _, p := range pages {
		data, err := os.ReadFile(p) //nolint:gosec // just written
		if err != nil {
			return err
		}
		name := filepath.Base(p)
		packed, err := gzipped(data)
		if err != nil {
			return err
		}
		b.payload = append(b.payload,
			file{Name: "man/" + name, Data: data},
			file{Installed: "/usr/share/man/man1/" + name + ".gz", Data: packed})
	}
	return nil
}

// gzipped packs without a name and a time, so that the same text gives the same bytes.
func gzipped(data []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	err = z.Close()
	return out.Bytes(), err
}
