package main

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// packCommand makes an archive of a folder, the folder's name before each file's: pack
// FILE.zip FOLDER.
func packCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pack FILE.zip FOLDER")
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	z := zip.NewWriter(f)
	folder := ts.MkAbs(args[1])
	entries, err := os.ReadDir(folder)
	ts.Check(err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		ts.Check(err)
		w, err := z.Create(args[1] + "/" + e.Name())
		ts.Check(err)
		_, err = w.Write(text)
		ts.Check(err)
	}
	ts.Check(errors.Join(z.Close(), f.Close()))
}
