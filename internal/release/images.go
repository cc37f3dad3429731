package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"edgenet/internal/image"
)

// images writes one OCI image layout with the command line for every Linux target that
// has an image: docker run --rm --network host edgenet check --hub HOST.
func (b *build) images(context.Context) error {
	var all []*image.Image
	for _, t := range b.targets {
		if !t.Image {
			continue
		}
		binary, err := os.ReadFile(b.binaries[t.String()])
		if err != nil {
			return err
		}
		i, err := image.New(binary, image.Options{
			Platform: image.Platform{Architecture: t.Arch, Variant: t.Variant}, Version: b.source.Version,
			Command: []string{"--help"},
		})
		if err != nil {
			return fmt.Errorf("image for %s: %w", t, err)
		}
		all = append(all, i)
	}
	if len(all) == 0 {
		return nil
	}
	_, _, err := image.Layout(filepath.Join(b.out, "image"), b.source.Version, all...)
	return err
}
