package bundle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"edgenet/report"
)

// ReportName is the member with the JSON report of the check.
const ReportName = "report.json"

// The bounds of an archive from elsewhere.
const (
	maxMembers = 64
	maxMember  = 4 << 20
)

// Member is one file of a bundle.
type Member struct {
	Name string
	Text []byte
}

// Write writes the archive.
func Write(w io.Writer, at time.Time, members []Member) error {
	z := zip.NewWriter(w)
	for _, m := range members {
		f, err := z.CreateHeader(&zip.FileHeader{Name: m.Name, Method: zip.Deflate, Modified: at.UTC()})
		if err != nil {
			return err
		}
		if _, err := f.Write(m.Text); err != nil {
			return err
		}
	}
	return z.Close()
}

// Is tells whether a text is an archive.
func Is(text []byte) bool { return bytes.HasPrefix(text, []byte("PK\x03\x04")) }

// Report takes the report of the check out of a bundle.
func Report(text []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, errors.New("a zip archive that cannot be read: it may have been cut off")
	}
	if len(z.File) > maxMembers {
		return nil, fmt.Errorf("%d files in the archive: expected a bundle of edgenet, with %d at most", len(z.File),
			maxMembers)
	}
	for _, f := range z.File {
		if f.Name != ReportName {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s in it: %s", ReportName, report.Clean(err.Error(), 120))
		}
		out, err := io.ReadAll(io.LimitReader(r, maxMember+1))
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s in it: %s", ReportName, report.Clean(err.Error(), 120))
		case len(out) > maxMember:
			return nil, fmt.Errorf("%s in it is larger than %d MiB", ReportName, maxMember>>20)
		}
		return out, r.Close()
	}
	return nil, fmt.Errorf("no %s in the archive: expected a bundle of edgenet; edgenet logs reads that of iotedge "+
		"support-bundle", ReportName)
}
