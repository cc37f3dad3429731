//go:build !linux

package outfile

import (
	"errors"
	"io/fs"
	"os"
)

// unnamed: only Linux makes files without a name.
func unnamed(string, fs.FileMode) (*os.File, error) { return nil, errors.ErrUnsupported }

func link(*os.File, string) error { return errors.ErrUnsupported }

func replace(*os.File, string, string) error { return errors.ErrUnsupported }

// addWhole appends a text.
func addWhole(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return err
}

// overWhole writes over a file.
func overWhole(f *os.File, text string) error { return overInSteps(f, text, before(f)) }
