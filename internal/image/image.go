package image

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrDynamic is a binary that an image without libraries cannot run.
var ErrDynamic = errors.New("dynamically linked, and the image has no libraries: build it with CGO_ENABLED=0")

// Options say what the image is. Platform is required.
type Options struct {
	Platform Platform
	Version  string // zero means dev
	Files    []File // beside the binary; zero means none
	// Command is what the program is started with where whoever runs the image says
	// nothing. Zero means module.
	Command []string
}

// Image is a finished image. Its layer is written anew, the same each time, wherever
// it is needed, so that it takes no more memory than the binary.
type Image struct {
	Platform Platform
	version  string
	binary   []byte
	files    []File
	config   []byte
	diffID   string // of the layer's tar
}

// New makes an image of a binary, which must not be changed afterwards.
func New(binary []byte, o Options) (*Image, error) {
	if o.Version == "" {
		o.Version = "dev"
	}
	if len(o.Command) == 0 {
		o.Command = []string{"module"}
	}
	if err := runnable(binary, o.Platform); err != nil {
		return nil, fmt.Errorf("binary for %s: %w", o.Platform, err)
	}
	seen := map[string]bool{}
	for _, f := range o.Files {
		if !clean(f.Path) || seen[f.Path] {
			return nil, fmt.Errorf("image file %q: expected an absolute, clean path of its own, shorter than 100 bytes",
				f.Path)
		}
		seen[f.Path] = true
	}
	i := &Image{Platform: o.Platform, version: o.Version, binary: binary, files: o.Files}
	sum := sha256.New()
	if err := layer(sum, binary, o.Files); err != nil {
		return nil, fmt.Errorf("layer: %w", err)
	}
	i.diffID = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	var err error
	i.config, err = configJSON(o, i.diffID)
	return i, err
}

// ID is the image's id in an engine: the digest of its configuration.
func (i *Image) ID() string { return digest(i.config) }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
