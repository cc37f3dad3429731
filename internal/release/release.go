package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// made is one finished file.
type made struct {
	Name string // below --out, in slashes
	Size int64
}

// release builds everything into o.out, checksums last.
func release(ctx context.Context, o options) ([]made, error) {
	src, err := readSource(ctx, o.version)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "edgenet-release-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()          // only what was compiled is left
	if err := os.MkdirAll(o.out, 0o755); err != nil { //nolint:gosec // a release is public
		return nil, err
	}
	b := build{source: src, out: o.out, tmp: tmp, binaries: map[string]string{}}
	if err := b.compileAll(ctx, o); err != nil {
		return nil, err
	}
	steps := []func(context.Context) error{
		b.writePayload, b.archives, b.packages, b.images, b.billOfMaterials, b.manifests, b.provenance,
	}
	for _, s := range steps {
		if err := s(ctx); err != nil {
			return nil, err
		}
	}
	if err := b.checksums(); err != nil {
		return nil, err
	}
	return b.list()
}

// build is a release on its way.
type build struct {
	source   source
	out, tmp string
	targets  []target          // those that are wanted
	binaries map[string]string // by target: path of the binary
	payload  []file            // what goes beside the binary, see payload.go
}

func (b *build) compileAll(ctx context.Context, o options) error {
	for _, t := range targets() {
		if !o.wants(t) {
			continue
		}
		path, err := b.source.compile(ctx, b.tmp, t)
		if err != nil {
			return err
		}
		b.targets = append(b.targets, t)
		b.binaries[t.String()] = path
	}
	return nil
}

// archiveName is the name of a target's archive.
func (b *build) archiveName(t target) string {
	ending := ".tar.gz"
	if t.OS == "windows" {
		ending = ".zip"
	}
	return b.baseName(t) + ending
}

func (b *build) baseName(t target) string {
	return fmt.Sprintf("edgenet_%s_%s", b.source.Version, t)
}

// list names every file below the release, sorted.
func (b *build) list() ([]made, error) {
	var all []made
	err := filepath.Walk(b.out, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		name, err := filepath.Rel(b.out, path)
		all = append(all, made{filepath.ToSlash(name), info.Size()})
		return err
	})
	slices.SortFunc(all, func(x, y made) int { return strings.Compare(x.Name, y.Name) })
	return all, err
}
