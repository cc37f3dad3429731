package supportbundle

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"edgenet/internal/infile"
	"edgenet/internal/lazyregexp"
)

// The bounds of an archive.
const (
	maxEntries = 20000
	maxRatio   = 600       // of what comes out to what went in, past graceSize
	graceSize  = 256 << 20 // so much any entry may hold
	maxTotal   = 64 << 30  // of all entries together
)

// ErrNoBundle is an archive without a log.
var ErrNoBundle = errors.New("no log of the runtime in it")

// Bundle is an opened archive. Close has to be called.
type Bundle struct {
	Made time.Time // by its name; zero: not told
	zip  *zip.ReadCloser

	left  int64 // of all that may be unpacked
	whole int   // what was read of small entries
}

var madeRE = lazyregexp.New(`(\d{4})_(\d\d)_(\d\d)_(\d\d)_(\d\d)_(\d\d)_UTC`)

// Open opens the archive.
func Open(name string) (*Bundle, error) {
	if err := infile.Regular(name); err != nil { // an archive is read from its end
		return nil, err
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	if len(z.File) > maxEntries {
		_ = z.Close() // nothing was written
		return nil, fmt.Errorf("%d entries: a support bundle has no more than %d", len(z.File), maxEntries)
	}
	b := &Bundle{zip: z, left: maxTotal}
	if g := madeRE().FindString(name); g != "" {
		if t, err := time.Parse("2006_01_02_15_04_05_UTC", g); err == nil {
			b.Made = t
		}
	}
	return b, nil
}

// Close lets go of the archive.
func (b *Bundle) Close() error { return b.zip.Close() }

// Entry is a file in the archive.
type Entry struct {
	Name string // as in the archive, with slashes
	file *zip.File
	b    *Bundle
}

// Modified is when the archive says it was written.
func (e Entry) Modified() time.Time { return e.file.Modified }

// Entries lists the files of the archive.
func (b *Bundle) Entries() []Entry {
	var list []Entry
	for _, f := range b.zip.File {
		if !f.FileInfo().IsDir() {
			list = append(list, Entry{strings.ReplaceAll(f.Name, `\`, "/"), f, b})
		}
	}
	return list
}

// Newest is when the archive says that its newest file was written.
func (b *Bundle) Newest() (t time.Time) {
	for _, e := range b.Entries() {
		if e.Modified().After(t) {
			t = e.Modified()
		}
	}
	return t
}

// Open opens the entry for reading. What grows beyond all measure ends with an error.
func (e Entry) Open() (io.ReadCloser, error) {
	r, err := e.file.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	packed := int64(min(e.file.CompressedSize64, 1<<50)) //nolint:gosec // bounded beside
	return &bounded{ReadCloser: r, name: e.Name, limit: max(graceSize, packed*maxRatio), total: &e.b.left}, nil
}

// bounded ends a reading that yields too much.
type bounded struct {
	io.ReadCloser
	name  string
	limit int64
	total *int64
}

func (r *bounded) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.limit -= int64(n)
	*r.total -= int64(n)
	if r.limit < 0 || *r.total < 0 {
		return 0, fmt.Errorf("%s unpacks to far more than a log does: it is not read any further", r.name)
	}
	return n, err
}

// Sender gives who wrote a log, by its name in the archive: logs/edgeHub_log.txt,
// logs/aziot-identityd.txt; false for everything else.
func Sender(name string) (string, bool) {
	dir, base := path.Split(name)
	if path.Base(dir) != "logs" || !strings.HasSuffix(base, ".txt") || strings.Contains(base, "_err") {
		return "", false
	}
	base = strings.TrimSuffix(base, ".txt")
	return strings.TrimSuffix(base, "_log"), true
}
