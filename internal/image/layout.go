package image

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"edgenet/internal/outfile"
)

// Media types of the OCI image specification 1.0. Layers are gzip: every registry and
// engine reads it, the old ones on devices too, which zstd cannot say.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *platformJSON     `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type platformJSON struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant,omitempty"`
}

type manifestJSON struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

type indexJSON struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Manifests     []descriptor      `json:"manifests"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// Written is what Layout wrote for one platform.
type Written struct {
	Platform   Platform
	Digest     string // of the platform's manifest
	LayerBytes int    // compressed
}

// Layout writes the images as one multi-platform image into an OCI image layout: dir is
// made, and has to be empty or an older layout, of which unused blobs are left alone. The
// tag is what tools call the image by (oci:DIR:TAG). It returns the index's digest.
func Layout(dir, tag string, images ...*Image) (string, []Written, error) {
	if len(images) == 0 {
		return "", nil, errors.New("layout: no image")
	}
	if err := mayWrite(dir); err != nil {
		return "", nil, err
	}
	l := blobs(filepath.Join(dir, "blobs", "sha256"))
	if err := os.MkdirAll(string(l), 0o755); err != nil { //nolint:gosec // an image is public
		return "", nil, err
	}
	index := indexJSON{SchemaVersion: 2, MediaType: typeIndex, Annotations: labels(images[0].version)}
	var written []Written
	for _, i := range images {
		d, layerBytes, err := l.add(i)
		if err != nil {
			return "", nil, fmt.Errorf("layout: %s: %w", i.Platform, err)
		}
		index.Manifests = append(index.Manifests, d)
		written = append(written, Written{i.Platform, d.Digest, layerBytes})
	}
	d, err := l.putJSON(typeIndex, index)
	if err != nil {
		return "", nil, err
	}
	d.Annotations = map[string]string{"org.opencontainers.image.ref.name": tag}
	top, err := json.Marshal(indexJSON{SchemaVersion: 2, MediaType: typeIndex, Manifests: []descriptor{d}})
	if err != nil {
		return "", nil, err
	}
	if err := write(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`)); err != nil {
		return "", nil, err
	}
	return d.Digest, written, write(filepath.Join(dir, "index.json"), top) // last: it makes the layout whole
}

// mayWrite refuses a directory that holds something else.
func mayWrite(dir string) error {
	found, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(found) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("layout: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "oci-layout")); err != nil {
		return fmt.Errorf("layout: %s is neither empty nor an OCI image layout: name another directory", dir)
	}
	return nil
}

// blobs is the directory of content that is named by its digest.
type blobs string

func (l blobs) put(mediaType string, data []byte) (descriptor, error) {
	d := descriptor{MediaType: mediaType, Digest: digest(data), Size: len(data)}
	return d, write(filepath.Join(string(l), strings.TrimPrefix(d.Digest, "sha256:")), data)
}

func (l blobs) putJSON(mediaType string, v any) (descriptor, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	return l.put(mediaType, data)
}

// add writes one image's three blobs, and tells how large its layer became.
func (l blobs) add(i *Image) (descriptor, int, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return descriptor{}, 0, err
	}
	if err := errors.Join(layer(z, i.binary, i.files), z.Close()); err != nil {
		return descriptor{}, 0, err
	}
	layerD, err := l.put(typeLayer, b.Bytes())
	if err != nil {
		return descriptor{}, 0, err
	}
	configD, err := l.put(typeConfig, i.config)
	if err != nil {
		return descriptor{}, 0, err
	}
	d, err := l.putJSON(typeManifest, manifestJSON{2, typeManifest, configD, []descriptor{layerD}, labels(i.version)})
	d.Platform = &platformJSON{i.Platform.Architecture, "linux", i.Platform.Variant}
	return d, layerD.Size, err
}

// write puts a file there whole or not at all.
func write(path string, data []byte) error {
	return outfile.Write(context.Background(), path, outfile.Options{}, outfile.Text(string(data)))
}
