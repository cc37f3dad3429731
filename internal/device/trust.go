package device

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"edgenet/internal/secret"
)

// ReadTrustBundle reads the certificates that a trust-bundle setting names, in the
// device's own file system: a file, or what certd has under an id. config.toml has the
// file, and `iotedge config apply` gives edged the id of a list that has the file and the
// Edge CA in it. What certd has not made yet is left out, as certd does; with nothing
// there the error is fs.ErrNotExist.
func (d *Device) ReadTrustBundle(s Setting) ([]byte, error) {
	b := bundle{device: d, seen: map[string]bool{}}
	if s.Place == ConfigD {
		var err error
		if b.preloaded, err = d.preloaded(aziotDir(s.File)); err != nil {
			return nil, err
		}
	}
	if err := b.add(s.Value.Reveal(), 0); err != nil {
		return nil, err
	}
	if len(b.pem) == 0 {
		return nil, fmt.Errorf("certd has no certificate of it: %w", fs.ErrNotExist)
	}
	return b.pem, nil
}

// Bounds of a list of certificates in lists.
const (
	maxBundleDepth = 8
	maxBundleItems = 100
)

// bundle collects certificates by their ids.
type bundle struct {
	device    *Device
	preloaded map[string][]string
	seen      map[string]bool
	pem       []byte
}

// add takes in what an item of the list names: a file:// URI, a list of certd's, or a
// certificate that certd issued.
func (b *bundle) add(item string, depth int) error {
	if b.seen[item] || depth > maxBundleDepth || len(b.seen) >= maxBundleItems {
		return nil
	}
	b.seen[item] = true
	if name, ok := strings.CutPrefix(item, "file://"); ok {
		return b.read(name)
	}
	if strings.Contains(item, ":") || b.preloaded == nil {
		return fmt.Errorf("%q is not a file:// URI", secret.Show(item, 60))
	}
	list, ok := b.preloaded[item]
	if !ok {
		if err := b.read(CertdFile(item)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	for _, inner := range list {
		if err := b.add(inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) read(name string) error {
	text, err := b.device.tree.read(name)
	if err == nil {
		b.pem = append(append(b.pem, text...), '\n')
	}
	return err
}

// preloadedCerts is the table of certd's certificates that somebody else made: ids with a
// URI, or with a list of ids and URIs.
const preloadedCerts = "preloaded_certs."

// preloaded reads that table as certd does: the later file wins.
func (d *Device) preloaded(dir string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, file := range d.serviceFiles(dir, "certd") {
		text, err := d.tree.read(file)
		if err != nil {
			return nil, err
		}
		e, err := parseTOML(file, ConfigD, text)
		if err != nil {
			return nil, err
		}
		for key, v := range e {
			id, ok := strings.CutPrefix(key, preloadedCerts)
			switch {
			case !ok || strings.HasSuffix(id, "]"): // an item, which comes with its list
			case v.kind == kindString:
				out[id] = []string{v.value}
			case v.kind == kindList:
				out[id] = items(e, key)
			}
		}
	}
	return out, nil
}

// items are the texts of a list.
func items(e entries, key string) []string {
	out := []string{}
	for i := range maxItems {
		if v, ok := e[fmt.Sprintf("%s[%d]", key, i)]; ok {
			out = append(out, v.value)
		}
	}
	return out
}

// CertdFile is where certd keeps a certificate that it fetched or made: the letters and
// digits of its id, and the id's SHA-256 (aziot-certd-config, util.rs).
func CertdFile(id string) string {
	sum := sha256.Sum256([]byte(id))
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, id)
	return stateDirs[0] + "/certd/certs/" + plain + "-" + hex.EncodeToString(sum[:]) + ".cer"
}

// aziotDir is the folder of all daemons' folders, from a daemon's own file:
// aziot/edged/config.toml or aziot/edged/config.d/00-super.toml.
func aziotDir(file string) string {
	dir := path.Dir(file)
	if path.Base(dir) == "config.d" {
		dir = path.Dir(dir)
	}
	return path.Dir(dir)
}
