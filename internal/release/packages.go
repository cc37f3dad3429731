package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the deb packager
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers the rpm packager
)

// packages writes deb and rpm for the targets that have them.
func (b *build) packages(context.Context) error {
	for _, t := range b.targets {
		for format, arch := range map[string]string{"deb": t.Deb, "rpm": t.RPM} {
			if arch == "" {
				continue
			}
			if err := b.pack(t, format, arch); err != nil {
				return fmt.Errorf("%s for %s: %w", format, t, err)
			}
		}
	}
	return nil
}

func (b *build) pack(t target, format, arch string) error {
	contents, err := b.contents(t)
	if err != nil {
		return err
	}
	scripts := filepath.Join(b.source.Root, "deploy", "package")
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "edgenet", Arch: arch, Platform: "linux", Version: b.source.Version, MTime: b.source.Time,
		DisableGlobbing: true,
		Section:         "net", Priority: "optional", License: "MIT",
		Maintainer: "The edgenet maintainers <edgenet@localhost>",
		Description: "Find out how an IoT Edge device reaches its cloud, and what stops it\n" +
			"edgenet probes the ways out to Azure IoT Hub with real handshakes, directly and\n" +
			"through the site's proxy, says which hop, stage and cause stopped each one and\n" +
			"who can fix it, and names the UpstreamProtocol that works.",
		Overridables: nfpm.Overridables{
			Contents: contents,
			Scripts: nfpm.Scripts{
				PostInstall: filepath.Join(scripts, "postinstall.sh"),
				PreRemove:   filepath.Join(scripts, "preremove.sh"),
				PostRemove:  filepath.Join(scripts, "postremove.sh"),
			},
			Deb: nfpm.Deb{Compression: "gzip"},
			RPM: nfpm.RPM{Compression: "gzip", BuildHost: "localhost", Group: "Applications/Internet"},
		},
	})
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := packager.Package(info, &out); err != nil {
		return err
	}
	return b.put(packager.ConventionalFileName(info), out.Bytes())
}

// contents are the binary and all of the payload that is installed. nfpm reads files by
// their names, so what exists in memory alone is written out first.
func (b *build) contents(t target) (files.Contents, error) {
	info := func(mode os.FileMode) *files.ContentFileInfo {
		return &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: b.source.Time}
	}
	all := files.Contents{{Source: b.binaries[t.String()], Destination: "/usr/bin/edgenet", FileInfo: info(0o755)}}
	for _, f := range b.payload {
		if f.Installed == "" {
			continue
		}
		source := filepath.Join(b.tmp, "payload", filepath.FromSlash(f.Installed))
		if err := os.MkdirAll(filepath.Dir(source), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(source, f.Data, 0o600); err != nil {
			return nil, err
		}
		c := &files.Content{Source: source, Destination: f.Installed, FileInfo: info(0o644)}
		if f.Config {
			c.Type = files.TypeConfigNoReplace
		}
		all = append(all, c)
	}
	return all, nil
}
