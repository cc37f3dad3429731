package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"text/template"
	"time"
)

// place is where whoever publishes a release puts its files. Nothing is published by
// this program, and the project has no address of its own yet: the manifests hold the
// placeholder, which has to be replaced before they are used.
const place = "https://example.invalid/edgenet/releases/download"

// manifests writes what winget and Homebrew install from, as files to publish.
func (b *build) manifests(context.Context) error {
	data := map[string]any{
		"Version": b.source.Version, "Place": place, "Date": b.source.Time.Format(time.DateOnly),
		"Sums": map[string]string{}, "Names": map[string]string{},
	}
	for _, t := range b.targets {
		h, err := b.sum(b.archiveName(t))
		if err != nil {
			return err
		}
		data["Sums"].(map[string]string)[t.String()] = h
		data["Names"].(map[string]string)[t.String()] = b.archiveName(t)
	}
	for _, m := range manifestTemplates {
		if !b.has(m.needs) {
			continue
		}
		var out bytes.Buffer
		parsed, err := template.New(m.name).Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(m.text)
		if err != nil {
			return err
		}
		if err := parsed.Execute(&out, data); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if err := b.put(m.name, out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether all of these targets were built.
func (b *build) has(names []string) bool {
	n := 0
	for _, t := range b.targets {
		for _, name := range names {
			if t.String() == name {
				n++
			}
		}
	}
	return n == len(names)
}

var manifestTemplates = []struct {
	name  string
	needs []string
	text  string
}{
	{"winget/edgenet.edgenet.yaml", []string{"windows_amd64", "windows_arm64"}, `PackageIdentifier: edgenet.edgenet
PackageVersion: {{.Version}}
DefaultLocale: en-US
ManifestType: version
ManifestVersion: 1.6.0
`},
	{"winget/edgenet.edgenet.locale.en-US.yaml", []string{"windows_amd64", "windows_arm64"},
		`PackageIdentifier: edgenet.edgenet
PackageVersion: {{.Version}}
PackageLocale: en-US
Publisher: edgenet
PackageName: edgenet
License: MIT
ShortDescription: Find out how an IoT Edge device reaches its cloud, and what stops it
ManifestType: defaultLocale
ManifestVersion: 1.6.0
`},
	{"winget/edgenet.edgenet.installer.yaml", []string{"windows_amd64", "windows_arm64"},
		`PackageIdentifier: edgenet.edgenet
PackageVersion: {{.Version}}
ReleaseDate: {{.Date}}
InstallerType: zip
NestedInstallerType: portable
Installers:
- Architecture: x64
  InstallerUrl: {{.Place}}/v{{.Version}}/{{.Names.windows_amd64}}
  InstallerSha256: {{upper .Sums.windows_amd64}}
  NestedInstallerFiles:
  - RelativeFilePath: edgenet_{{.Version}}_windows_amd64\edgenet.exe
    PortableCommandAlias: edgenet
- Architecture: arm64
  InstallerUrl: {{.Place}}/v{{.Version}}/{{.Names.windows_arm64}}
  InstallerSha256: {{upper .Sums.windows_arm64}}
  NestedInstallerFiles:
  - RelativeFilePath: edgenet_{{.Version}}_windows_arm64\edgenet.exe
    PortableCommandAlias: edgenet
ManifestType: installer
ManifestVersion: 1.6.0
`},
	{"homebrew/edgenet.rb", []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"},
		`class Edgenet < Formula
  desc "Find out how an IoT Edge device reaches its cloud, and what stops it"
  homepage "https://example.invalid/edgenet"
  version "{{.Version}}"
  license "MIT"

  on_macos do
    on_arm do
      url "{{.Place}}/v{{.Version}}/{{.Names.darwin_arm64}}"
      sha256 "{{.Sums.darwin_arm64}}"
    end
    on_intel do
      url "{{.Place}}/v{{.Version}}/{{.Names.darwin_amd64}}"
      sha256 "{{.Sums.darwin_amd64}}"
    end
  end
  on_linux do
    on_arm do
      url "{{.Place}}/v{{.Version}}/{{.Names.linux_arm64}}"
      sha256 "{{.Sums.linux_arm64}}"
    end
    on_intel do
      url "{{.Place}}/v{{.Version}}/{{.Names.linux_amd64}}"
      sha256 "{{.Sums.linux_amd64}}"
    end
  end

  def install
    bin.install "edgenet"
    man1.install Dir["man/*.1"]
    bash_completion.install "completion/edgenet.bash" => "edgenet"
    zsh_completion.install "completion/_edgenet"
    fish_completion.install "completion/edgenet.fish"
  end

  test do
    system bin/"edgenet", "check", "--lab", "-q"
  end
end
`},
}
