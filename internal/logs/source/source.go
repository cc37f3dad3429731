// Package source opens what a person gives as a log: files, folders, compressed files,
// support bundles, standard input. Nothing is unpacked to a disk.
package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"edgenet/internal/infile"
	"edgenet/internal/logs/pattern"
	"edgenet/internal/supportbundle"
)

// Input is one log, not opened yet.
type Input struct {
	Name     string
	Tag      string // who wrote it, where the name says so
	Modified time.Time
	Open     func() (io.ReadCloser, error)
}

// Set is all that was given.
type Set struct {
	Inputs     []Input
	Containers []supportbundle.Container
	Whole      bool    // a bundle, a folder or a host: what is missing in it is missing
	Unread     []error // what could not be opened
	closers    []io.Closer
}

// Close lets go of what is open.
func (s *Set) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// The bounds of a folder.
const (
	maxFiles = 2000
	maxDepth = 8
)

// Open looks at the paths; - is standard input. Close has to be called whatever comes back.
func Open(paths []string, stdin io.Reader) (*Set, error) {
	s := &Set{}
	for _, p := range paths {
		if p == "-" {
			s.Inputs = append(s.Inputs, Input{Name: "standard input",
				Open: func() (io.ReadCloser, error) { return unpacked("standard input", io.NopCloser(stdin)) }})
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			return s, err
		}
		if info.IsDir() {
			s.Whole = true
			if err := s.folder(p); err != nil {
				return s, err
			}
			continue
		}
		if err := s.file(p, p, info); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *Set) folder(root string) error {
	count := 0
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			s.Unread = append(s.Unread, err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.Count(rel, string(filepath.Separator)) >= maxDepth {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(name) // of what a link leads to
		if err != nil || !info.Mode().IsRegular() {
			return nil //nolint:nilerr // no log
		}
		if count++; count > maxFiles {
			return fmt.Errorf("%s: more than %d files: name those that are meant", root, maxFiles)
		}
		if err := s.inspectFile(name); err != nil {
			return err
		}
		if isOther(rel) {
			return nil
		}
		if err := s.file(name, filepath.ToSlash(rel), info); err != nil {
			s.Unread = append(s.Unread, err)
		}
		return nil
	})
}

// inspectFile reads the description of a container in an unpacked bundle.
func (s *Set) inspectFile(name string) error {
	if filepath.Base(filepath.Dir(name)) != "inspect" || !strings.HasSuffix(name, ".json") ||
		strings.HasSuffix(name, "_err.json") {
		return nil
	}
	text, err := infile.Reader{}.Read(context.Background(), name)
	if err != nil || len(text) > 4<<20 {
		return nil //nolint:nilerr // it is no log, and goes without
	}
	if list, err := supportbundle.ParseInspect(text, strings.TrimSuffix(filepath.Base(name), ".json")); err == nil {
		s.Containers = append(s.Containers, list...)
	}
	return nil
}

// isOther tells what of an unpacked bundle is no log.
func isOther(rel string) bool {
	rel = filepath.ToSlash(rel)
	return strings.Contains("/"+rel, "/inspect/") || strings.Contains("/"+rel, "/network/") ||
		strings.HasSuffix(rel, "check.json")
}

func (s *Set) file(name, shown string, info fs.FileInfo) error {
	if err := infile.Regular(name); err != nil { // it is read more than once
		return fmt.Errorf("%s %w, or - for standard input", shown, err)
	}
	head, err := firstBytes(name)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return s.archive(name, shown)
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return fmt.Errorf("%s is a tar archive: unpack it first and give the folder", shown)
	}
	tag := tagOf(shown)
	if sender, ok := supportbundle.Sender(filepath.ToSlash(name)); ok && tag == "" {
		tag = sender
	}
	s.Inputs = append(s.Inputs, Input{Name: shown, Tag: tag, Modified: info.ModTime(),
		Open: func() (io.ReadCloser, error) {
			f, err := os.Open(name)
			if err != nil {
				return nil, err
			}
			return unpacked(shown, f)
		}})
	return nil
}

func firstBytes(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, 300)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

func (s *Set) archive(name, shown string) error {
	b, err := supportbundle.Open(name)
	if err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	s.closers = append(s.closers, b)
	s.Whole = true
	made := b.Made
	if made.IsZero() {
		if info, err := os.Stat(name); err == nil {
			made = info.ModTime()
		}
	}
	containers, unread := b.Containers()
	s.Containers = append(s.Containers, containers...)
	s.Unread = append(s.Unread, unread...)
	found := false
	for _, e := range b.Entries() {
		tag, ok := supportbundle.Sender(e.Name)
		if !ok && (isOther(e.Name) || !looksLikeLog(e.Name)) {
			continue
		}
		if tag == "" {
			tag = tagOf(e.Name)
		}
		found = true
		s.Inputs = append(s.Inputs, Input{Name: e.Name, Tag: tag, Modified: made, Open: func() (io.ReadCloser, error) {
			r, err := e.Open()
			if err != nil {
				return nil, err
			}
			return unpacked(e.Name, r)
		}})
	}
	if !found {
		return fmt.Errorf("%s: %w", shown, supportbundle.ErrNoBundle)
	}
	return nil
}

func looksLikeLog(name string) bool {
	return slices.Contains([]string{".txt", ".log", ".gz", ".json", ".out", ""}, strings.ToLower(filepath.Ext(name)))
}

// tagOf tells who wrote a log where the file's name says so.
func tagOf(name string) string {
	base := filepath.Base(name)
	if who := pattern.WhoIs(base); who != 0 && who != pattern.Module && who != pattern.Systemd {
		return who.Name()
	}
	return ""
}

// The bounds of a compressed file.
const (
	maxRatio  = 600
	graceSize = 256 << 20
)

// unpacked takes compression off, where there is one.
func unpacked(name string, r io.ReadCloser) (io.ReadCloser, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, r.Close())
	}
	switch {
	case len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b:
		in := &counter{r: b}
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", name, err), r.Close())
		}
		return &pair{&bomb{r: z, in: in, name: name}, r}, nil
	case len(head) >= 4 && string(head) == "PK\x03\x04":
		return nil, errors.Join(fmt.Errorf("%s is a zip archive within something else: give it as a file of its own",
			name), r.Close())
	case len(head) >= 4 && (string(head) == "\x28\xb5\x2f\xfd" || string(head) == "\xfd7zX" ||
		string(head[:3]) == "BZh"):
		return nil, errors.Join(fmt.Errorf("%s is compressed in a way that is not read: unpack it first", name),
			r.Close())
	}
	return &pair{b, r}, nil
}

type pair struct {
	io.Reader
	io.Closer
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bomb ends a reading that yields too much for what went in.
type bomb struct {
	r    io.Reader
	in   *counter
	out  int64
	name string
}

func (b *bomb) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.out += int64(n); b.out > graceSize && b.out > b.in.n*maxRatio {
		return 0, fmt.Errorf("%s unpacks to far more than a log does: it is not read any further", b.name)
	}
	return n, err
}

// Closes adds what Close has to let go of.
func (s *Set) Closes(c io.Closer) { s.closers = append(s.closers, c) }
