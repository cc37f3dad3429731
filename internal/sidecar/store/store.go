package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"edgenet/internal/outfile"
	"edgenet/internal/sidecar/machine"
)

// Bounds of the file: at compactAt it is written anew, and of a larger one than maxFile,
// which is none of ours, nothing is read.
const (
	compactAt = 256 << 10 // bytes
	maxFile   = 8 << 20   // bytes
	maxLog    = 256       // transitions that are kept, as the machine keeps them
	fileName  = "edgenet.state"
)

// Store is the module's state on the disk. It is used by one goroutine at a time.
type Store struct {
	dir  string
	file *os.File
	size int64 // of the file's good part
	now  contents
}

// contents is what all records together say.
type contents struct {
	memory  machine.Memory
	log     []machine.Transition
	section json.RawMessage
}

// New gives a store in a directory that exists. Nothing is opened; empty means that there
// is no directory, and every Save says so.
func New(dir string) *Store { return &Store{dir: dir} }

// Loaded is what the disk remembers.
type Loaded struct {
	Memory  machine.Memory
	Log     []machine.Transition // oldest first
	Section json.RawMessage      // the desired section, nil for none
	Skipped int                  // damaged records
}

// Load reads the file and makes it ready for Save: what a crash left half written at its
// end is cut off. An error means that nothing is remembered; Save may work all the same.
func (s *Store) Load() (Loaded, error) {
	if err := s.open(); err != nil {
		return Loaded{}, err
	}
	text, err := io.ReadAll(io.NewSectionReader(s.file, 0, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is longer than %d MiB: not one of edgenet's", s.path(), maxFile>>20)
	}
	if err != nil {
		return Loaded{}, errors.Join(err, s.startOver())
	}
	good, skipped := s.now.read(text)
	s.size = int64(good)
	return Loaded{s.now.memory, s.now.log, s.now.section, skipped}, s.file.Truncate(s.size)
}

func (s *Store) path() string { return filepath.Join(s.dir, fileName) }

// errNotRegular is the error of a file that is a link, a pipe or a device.
var errNotRegular = errors.New("not a regular file (links are not followed)")

// errNoDir is the error of a store without a directory.
var errNoDir = errors.New("no directory for it (--state)")

func (s *Store) open() error {
	if s.file != nil {
		return nil
	}
	if s.dir == "" {
		return errNoDir
	}
	_ = os.Remove(s.path() + ".new") // of a process of an earlier version that ended while it wrote
	before, err := os.Lstat(s.path())
	if err == nil && !before.Mode().IsRegular() { // who may write here must not choose what else is written to
		return errNotRegular
	}
	f, err := os.OpenFile(s.path(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return short(err)
	}
	info, err := f.Stat()
	if after, lerr := os.Lstat(s.path()); err == nil && (lerr != nil || !info.Mode().IsRegular() ||
		!os.SameFile(info, after)) {
		err = errNotRegular
	}
	if err != nil {
		return errors.Join(short(err), f.Close())
	}
	s.file, s.size = f, 0
	return nil
}

// short leaves the path out of an error: it stands in the twin, where it is no news.
func short(err error) error {
	var o *outfile.Error
	if errors.As(err, &o) {
		err = o.Err
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}

// startOver gives up a file that cannot be read: the next Save writes a new one.
func (s *Store) startOver() error {
	s.size = compactAt
	return nil
}

// Save adds a record and returns once it is on the disk, or says why it is not. After an
// error the file is as it was before, and the record is not remembered.
func (s *Store) Save(r machine.Record) error {
	fresh := s.file == nil
	if err := s.open(); err != nil {
		return err
	}
	if fresh { // the disk was away; what this process knows is newer than what is on it
		s.size = compactAt
	}
	next := s.now.with(r)
	line, err := encode(r)
	if err != nil {
		return err
	}
	if s.size+int64(len(line)) > compactAt {
		err = s.rewrite(next)
	} else {
		err = s.add(line)
	}
	if err != nil {
		return err
	}
	s.now = next
	return nil
}

// add appends a line. Where that fails half way, the half is taken back; where that fails
// too, the file is opened and written anew next time.
func (s *Store) add(line []byte) error {
	_, err := s.file.WriteAt(line, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil {
		s.size += int64(len(line))
		return nil
	}
	if s.file.Truncate(s.size) != nil {
		_ = s.file.Close()
		s.file = nil
	}
	return short(err)
}

// rewrite puts one record of everything in the place of the file, whole or not at all.
func (s *Store) rewrite(c contents) error {
	line, err := encode(machine.Record{Memory: c.memory, New: c.log, Desired: c.section})
	if err != nil {
		return err
	}
	err = outfile.Write(context.Background(), s.path(), outfile.Options{Private: true, Plain: true},
		outfile.Text(string(line)))
	if err != nil {
		return short(err)
	}
	_ = s.file.Close() // the old one, which has no name any more
	s.file = nil
	if err := s.open(); err != nil { // the next Save tries again
		return err
	}
	s.size = int64(len(line))
	return syncDir(s.dir)
}

// syncDir makes a rename last through a loss of power. Not every file system can.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the operator names it
	if err != nil {
		return nil
	}
	_ = d.Sync()
	return d.Close()
}

// Close closes the file.
func (s *Store) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
