package outfile

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// temporary is a file on its way. It has no name where the system can do that, so that
// whoever is killed leaves nothing.
type temporary struct {
	file *os.File
	name string // empty while it has none
}

// prefix begins the names of files on their way to path.
func prefix(path string) string { return "." + filepath.Base(path) + ".edgenet-" }

func temporaryName(path string) string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return filepath.Join(filepath.Dir(path), prefix(path)+hex.EncodeToString(b[:]))
}

// newTemporary makes one beside path. The umask applies to its mode.
func newTemporary(path string, mode fs.FileMode) (*temporary, error) {
	if f, err := unnamed(filepath.Dir(path), mode); err == nil {
		hold(f)
		return &temporary{file: f}, nil
	} else if !errors.Is(err, errors.ErrUnsupported) {
		return nil, err
	}
	name := temporaryName(path)
	f, err := os.OpenFile(
		name,
		os.O_RDWR|os.O_CREATE|os.O_EXCL,
		mode,
	) //nolint:gosec // beside the file that the user names
	if err != nil {
		return nil, err
	}
	hold(f)
	return &temporary{file: f, name: name}, nil
}

// place gives the file its name. One that is new gets it at once; one that takes the
// place of another has a name of its own from one system call to the next: no system can
// put a file without a name in another's place. On Linux a process of its own makes the
// two calls. What is left where everything is killed at once (a container, a loss of
// power), or on another system, is taken away by the next run.
func (t *temporary) place(path string, there bool) error {
	if t.name == "" {
		if !there {
			if err := link(t.file, path); !errors.Is(err, fs.ErrExist) {
				return errors.Join(err, t.close())
			} // somebody was faster
		}
		return errors.Join(replace(t.file, temporaryName(path), path), t.close())
	}
	if err := t.close(); err != nil { // Windows renames no file that is open
		return err
	}
	if err := os.Rename(t.name, path); err != nil {
		return err
	}
	t.name = ""
	return nil
}

func (t *temporary) close() error {
	f := t.file
	if t.file = nil; f == nil {
		return nil
	}
	return f.Close()
}

// discard takes away what was not placed.
func (t *temporary) discard() {
	_ = t.close() // the error that led here says more
	if t.name != "" {
		_ = os.Remove(t.name)
	}
}

// sweep takes away what a killed run left beside path.
func sweep(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // it will be said when the file is written
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), prefix(path)) {
			continue
		}
		if name := filepath.Join(filepath.Dir(path), e.Name()); abandoned(name) {
			_ = os.Remove(name)
		}
	}
}

// tryFolder tells whether a file can be made in a folder, without making one where that
// can be told.
func tryFolder(path string) error {
	dir := filepath.Dir(path)
	if f, err := unnamed(dir, 0o600); err == nil {
		return f.Close()
	} else if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	t, err := newTemporary(path, 0o600)
	if err != nil {
		return err
	}
	t.discard()
	return nil
}
