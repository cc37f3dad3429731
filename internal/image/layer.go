package image

import (
	"archive/tar"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"edgenet/internal/sorting"
)

// The user that the image runs as, and the one directory that is its own: an engine
// gives a fresh volume that is mounted there the directory's owner and mode.
const (
	UserID   = 10001
	StateDir = "/var/lib/edgenet"
	// BinaryPath is where the binary lies.
	BinaryPath = "/edgenet"
)

// File is one more file of the layer, readable by everybody.
type File struct {
	Path string // absolute, in slashes
	Data []byte
}

// epoch is the time of everything in the layer: an image that differs only in when it
// was made is the same image.
var epoch = time.Unix(0, 0).UTC()

// layer writes the layer's tar, the same bytes every time.
func layer(w io.Writer, binary []byte, files []File) error {
	t := tar.NewWriter(w)
	made := map[string]bool{}
	write := func(h tar.Header, data []byte) error {
		h.ModTime, h.Format, h.Size = epoch, tar.FormatUSTAR, int64(len(data))
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		_, err := t.Write(data)
		return err
	}
	parents := func(name string) error {
		for i := 1; i < len(name); i++ {
			if name[i] != '/' || made[name[:i]] {
				continue
			}
			made[name[:i]] = true
			if err := write(tar.Header{Typeflag: tar.TypeDir, Name: name[1:i] + "/", Mode: 0o755}, nil); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write(tar.Header{Typeflag: tar.TypeReg, Name: BinaryPath[1:], Mode: 0o555}, binary); err != nil {
		return err
	}
	if err := parents(StateDir); err != nil {
		return err
	}
	made[StateDir] = true
	if err := write(tar.Header{Typeflag: tar.TypeDir, Name: StateDir[1:] + "/", Mode: 0o700, Uid: UserID, Gid: UserID},
		nil); err != nil {
		return err
	}
	for _, f := range sorted(files) {
		if err := parents(f.Path); err != nil {
			return err
		}
		if err := write(tar.Header{Typeflag: tar.TypeReg, Name: f.Path[1:], Mode: 0o444}, f.Data); err != nil {
			return err
		}
	}
	return t.Close()
}

// sorted makes the order of the caller no part of the digest.
func sorted(files []File) []File {
	out := slices.Clone(files)
	sorting.By(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// clean tells whether a path can stand in the layer as it is.
func clean(name string) bool {
	return strings.HasPrefix(name, "/") && path.Clean(name) == name && name != "/" && name != BinaryPath &&
		name != StateDir && len(name) < 100
}
