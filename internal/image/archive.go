package image

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// archived is the one entry of a docker archive's manifest.json.
type archived struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// Archive writes the image as a docker archive, what `docker load`, `podman load` and
// the engine's POST /images/load read, under the name REPOSITORY:TAG. The layer is not
// compressed: the way to an engine's socket is short, and a device's processor slow.
func (i *Image) Archive(w io.Writer, name string) error {
	configName := strings.TrimPrefix(i.ID(), "sha256:") + ".json"
	layerName := strings.TrimPrefix(i.diffID, "sha256:") + ".tar"
	manifest, err := json.Marshal([]archived{{configName, []string{name}, []string{layerName}}})
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	header := func(name string, size int64) error {
		return t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o444, Size: size, ModTime: epoch,
			Format: tar.FormatUSTAR})
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{"manifest.json", manifest}, {configName, i.config}} {
		if err := header(f.name, int64(len(f.data))); err != nil {
			return err
		}
		if _, err := t.Write(f.data); err != nil {
			return err
		}
	}
	var size counter
	if err := layer(&size, i.binary, i.files); err != nil {
		return err
	}
	if err := header(layerName, int64(size)); err != nil {
		return err
	}
	if err := layer(t, i.binary, i.files); err != nil {
		return fmt.Errorf("layer: %w", err)
	}
	return t.Close()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
