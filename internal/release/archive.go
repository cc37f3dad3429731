package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
)

// archives writes one archive a target: a folder with the binary and what belongs to it.
func (b *build) archives(context.Context) error {
	for _, t := range b.targets {
		binary, err := os.ReadFile(b.binaries[t.String()])
		if err != nil {
			return err
		}
		var out bytes.Buffer
		write := b.tarball
		if t.OS == "windows" {
			write = b.zipped
		}
		if err := write(&out, t, binary); err != nil {
			return err
		}
		if err := b.put(b.archiveName(t), out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// entry is a file of an archive.
type entry struct {
	name string
	mode os.FileMode
	data []byte
}

func (b *build) entries(t target, binary []byte) []entry {
	base := b.baseName(t) + "/"
	all := []entry{{base + t.binary(), 0o755, binary}}
	for _, f := range b.payload {
		if f.Name != "" && (t.OS == "linux" || filepath.Dir(f.Name) != "systemd") {
			all = append(all, entry{base + f.Name, 0o644, f.Data})
		}
	}
	return all
}

func (b *build) tarball(w io.Writer, t target, binary []byte) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(z)
	for _, e := range b.entries(t, binary) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Mode: int64(e.mode), Size: int64(len(e.data)),
			ModTime: b.source.Time, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(h); err != nil {
			return err
		}
		if _, err := archive.Write(e.data); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return z.Close()
}

func (b *build) zipped(w io.Writer, t target, binary []byte) error {
	archive := zip.NewWriter(w)
	for _, e := range b.entries(t, binary) {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: b.source.Time}
		h.SetMode(e.mode)
		f, err := archive.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(e.data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// put writes a file of the release.
func (b *build) put(name string, data []byte) error {
	path := filepath.Join(b.out, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a release is public
		return err
	}
	return os.WriteFile(path, data, 0o644) //nolint:gosec // a release is public
}
