package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// writeWhole puts a file in place of another in one move, so that nobody who reads it
// meanwhile (node_exporter, a web server) sees half of it, and a failure leaves what was
// there. Mode zero keeps that of the file that is there. What is no file (a pipe, a terminal)
// is written to as it is.
func writeWhole(path string, mode os.FileMode, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return writeInto(path, write)
		}
		if mode == 0 {
			mode = info.Mode().Perm()
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".edgenet-*")
	if err != nil {
		return err
	}
	if err = errors.Join(write(tmp), tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// whole writes a text that is there already.
func whole(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}
