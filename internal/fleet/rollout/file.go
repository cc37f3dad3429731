package rollout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"edgenet/internal/fleet"
	"edgenet/internal/outfile"
)

// File is a journal on the disk. One run at a time holds it.
type File struct {
	mu sync.Mutex
	f  *os.File
	j  *fleet.Journal
}

// ErrInUse tells of a journal that another run holds.
var ErrInUse = errors.New("another run holds this journal: wait for its end")

// OpenFile opens a journal and reads it, or makes an empty one. What a kill cut off at its
// end is taken away.
func OpenFile(path string) (*File, error) {
	f, err := outfile.Open(path)
	if err != nil {
		return nil, err
	}
	j, err := prepare(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	syncFolder(filepath.Dir(path))
	return &File{f: f, j: j}, nil
}

func prepare(f *os.File) (*fleet.Journal, error) {
	if err := lock(f); err != nil {
		return nil, err
	}
	j, err := fleet.ReadJournal(f)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(j.Size); err != nil {
		return nil, err
	}
	_, err = f.Seek(j.Size, io.SeekStart)
	return j, err
}

// syncFolder makes a new file's name last. Systems that cannot do it lose nothing else.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil { //nolint:gosec // where the journal is
		_ = d.Sync()
		_ = d.Close()
	}
}

// Append writes a line and waits until the disk has it.
func (f *File) Append(e fleet.Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.add(append(line, '\n')); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := f.f.Sync(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// add takes back a line that came in part: a disk that is full leaves whole lines. One that
// a kill cut off is taken away when the file is opened again.
func (f *File) add(line []byte) error {
	size, err := f.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := f.f.Write(line); err != nil {
		_, back := f.f.Seek(size, io.SeekStart)
		return errors.Join(err, f.f.Truncate(size), back)
	}
	return nil
}

// Journal is what the file said when it was opened.
func (f *File) Journal() *fleet.Journal { return f.j }

// Close gives the file back.
func (f *File) Close() error { return f.f.Close() }
