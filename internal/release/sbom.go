package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// The parts of CycloneDX 1.6 that are used.
type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	SerialNumber string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     bomMetadata  `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type bomMetadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type     string       `json:"type"`
	Ref      string       `json:"bom-ref"`
	Name     string       `json:"name"`
	Version  string       `json:"version"`
	PURL     string       `json:"purl,omitempty"`
	Hashes   []hash       `json:"hashes,omitempty"`
	Licenses []licenseRef `json:"licenses,omitempty"`
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

type licenseRef struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// billOfMaterials lists what is really linked into the binaries, read from the binaries
// themselves: all modules of all targets, and the Go standard library.
func (b *build) billOfMaterials(context.Context) error {
	modules := map[string]*debug.Module{}
	goVersion := ""
	for _, t := range b.targets {
		info, err := buildinfo.ReadFile(b.binaries[t.String()])
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		goVersion = info.GoVersion
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			modules[m.Path] = m
		}
	}
	self := component{Type: "application", Ref: "edgenet", Name: "edgenet", Version: b.source.Version}
	self.Licenses = make([]licenseRef, 1)
	self.Licenses[0].License.ID = "MIT"
	std := strings.TrimPrefix(goVersion, "go")
	parts := []component{{Type: "library", Ref: "std", Name: "std", Version: std, PURL: "pkg:golang/std@" + std}}
	for _, m := range modules {
		c, err := moduleComponent(m)
		if err != nil {
			return err
		}
		parts = append(parts, c)
	}
	slices.SortFunc(parts, func(x, y component) int { return cmp.Compare(x.Ref, y.Ref) })
	uses := dependency{Ref: self.Ref}
	for _, p := range parts {
		uses.DependsOn = append(uses.DependsOn, p.Ref)
	}
	out, err := json.MarshalIndent(bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		SerialNumber: "urn:uuid:" + serial(b.source, uses.DependsOn),
		Metadata:     bomMetadata{b.source.Time.Format(time.RFC3339), self},
		Components:   parts, Dependencies: []dependency{uses},
	}, "", "  ")
	if err != nil {
		return err
	}
	return b.put("edgenet_"+b.source.Version+".cdx.json", append(out, '\n'))
}

// moduleComponent is a linked module. Its hash is the one of go.sum (h1, a SHA-256 over
// the module's file list), in hex as CycloneDX wants it.
func moduleComponent(m *debug.Module) (component, error) {
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
	if h, ok := strings.CutPrefix(m.Sum, "h1:"); ok {
		raw, err := base64.StdEncoding.DecodeString(h)
		if err != nil {
			return c, fmt.Errorf("sum of %s: %w", m.Path, err)
		}
		c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
	}
	return c, nil
}

// serial is a UUID (version 8, RFC 9562) made of what the list is about: the same release
// has the same number.
func serial(s source, refs []string) string {
	h := sha256.Sum256([]byte(s.Version + "\n" + s.Commit + "\n" + strings.Join(refs, "\n")))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	x := hex.EncodeToString(h[:16])
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}
