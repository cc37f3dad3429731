package device

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// tree is the file system of the device, which may be an image or a backup mounted
// somewhere. Its links lead within it, absolute ones too.
type tree struct{ root string }

// maxLinks is Linux's own bound (path_resolution(7)).
const maxLinks = 40

var errLinks = errors.New("too many symbolic links")

// resolve gives the real path of a device's path.
func (t tree) resolve(name string) (string, error) {
	if t.root == "/" {
		return name, nil
	}
	rest := strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
	at, links := "/", 0
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == ".." {
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		link, err := os.Readlink(filepath.Join(t.root, filepath.FromSlash(next)))
		if errors.Is(err, fs.ErrNotExist) { // nothing below it is a link either: opening will say
			return filepath.Join(t.root, filepath.FromSlash(path.Join(append([]string{next}, rest...)...))), nil
		}
		if err != nil { // no link
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errLinks
		}
		if link = filepath.ToSlash(link); path.IsAbs(link) {
			at = "/"
		}
		var parts []string
		for _, p := range strings.Split(link, "/") {
			if p != "" && p != "." {
				parts = append(parts, p)
			}
		}
		rest = slices.Concat(parts, rest)
	}
	return filepath.Join(t.root, filepath.FromSlash(at)), nil
}

// read reads a file without its byte order mark; errors have no path, which stands before them anyway.
func (t tree) read(name string) ([]byte, error) {
	text, err := t.raw(name)
	return bytes.TrimPrefix(text, []byte(byteOrderMark)), err
}

// raw is read for what systemd reads, which has rules of its own for the mark.
func (t tree) raw(name string) ([]byte, error) {
	real, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(real)
	if err == nil && info.Mode()&fs.ModeCharDevice != 0 {
		return nil, nil // /dev/null masks a unit or a drop-in
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("not a file") // a FIFO would wait for ever
	}
	text, err := readFile(real, maxFile)
	if len(text) > maxFile {
		return nil, fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	return text, err
}

// list names the entries of a directory that end so, sorted; a directory that is not
// there has none.
func (t tree) list(dir, suffix string) ([]string, error) {
	real, err := t.resolve(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(real)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			out = append(out, e.Name())
		}
	}
	return out, err
}

// exists tells whether there is such a file or directory; one that may not be looked at
// counts, as it is said to be unread.
func (t tree) exists(name string) bool {
	real, err := t.resolve(name)
	if err != nil {
		return false
	}
	_, err = os.Stat(real)
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// missing tells that there is surely no such file or directory: what cannot be told is to
// be looked at, and then said.
func (t tree) missing(name string) bool {
	real, err := t.resolve(name)
	if err != nil {
		return false
	}
	_, err = os.Stat(real)
	return errors.Is(err, fs.ErrNotExist)
}
