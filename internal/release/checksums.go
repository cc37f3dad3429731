package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// sum is the SHA-256 of a file of the release, in hex.
func (b *build) sum(name string) (string, error) {
	return digestOf(filepath.Join(b.out, filepath.FromSlash(name)))
}

// checksums writes SHA256SUMS in the form that sha256sum --check reads, over all files.
func (b *build) checksums() error {
	all, err := b.list()
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, f := range all {
		h, err := b.sum(f.Name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%s  %s\n", h, f.Name)
	}
	return b.put("SHA256SUMS", []byte(text.String()))
}

// digestOf is the SHA-256 of any file, in hex.
func digestOf(path string) (string, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the checkout's
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:]), nil
}
