package outfile

import (
	"errors"
	"os"
)

// Open opens a file to which lines are added for a while, and reads what is there. A new
// one is its owner's alone. Links are judged as everywhere.
func Open(path string) (*os.File, error) {
	f, err := open(path)
	return f, wrong(path, err)
}

func open(path string) (*os.File, error) {
	p, err := find(path)
	switch {
	case err != nil:
		return nil, err
	case !p.regular():
		return nil, errors.New("is no file in which lines can be kept")
	}
	return os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o600)
}

// Add writes a text where an open file stands, its end: whole or not at all, also where this
// process is killed meanwhile (Linux) or the disk is full.
func Add(f *os.File, text string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		_, err := f.WriteString(text)
		return err
	}
	if err := addWhole(f, text); err != nil {
		_, back := f.Seek(info.Size(), 0)
		return errors.Join(err, f.Truncate(info.Size()), back)
	}
	return nil
}
