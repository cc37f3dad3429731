package supportbundle

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Bounds of what is read whole.
const (
	maxDocument  = 4 << 20
	maxDocuments = 16 << 20  // of all together
	maxTailed    = 512 << 20 // of a log of which the end is wanted
)

// The folders of an archive that hold what the engine says.
const (
	Inspect = "inspect" // of each container
	Network = "network" // of each network
)

// Document is a small file of the archive, whole.
type Document struct {
	Name string // without folder and ending: inspect/edgeHub.json is edgeHub
	Text []byte
}

// Documents reads the JSON files of a folder; what cannot be read is told in unread.
func (b *Bundle) Documents(folder string) (list []Document, unread []error) {
	for _, e := range b.Entries() {
		dir, base := path.Split(path.Clean(e.Name))
		if path.Base(dir) != folder || !strings.HasSuffix(base, ".json") || strings.HasSuffix(base, "_err.json") {
			continue
		}
		text, err := e.Whole()
		if errors.Is(err, errTooMuch) {
			return list, append(unread, err) // so will be what follows
		}
		if err != nil {
			unread = append(unread, err)
			continue
		}
		list = append(list, Document{strings.TrimSuffix(base, ".json"), text})
	}
	return list, unread
}

// Check is what the runtime's own check printed, nil where it is not in the archive.
func (b *Bundle) Check() ([]byte, error) {
	for _, e := range b.Entries() {
		if path.Base(e.Name) == "check.json" {
			return e.Whole()
		}
	}
	return nil, nil
}

// Log finds the log of a component by its name: edgeHub.
func (b *Bundle) Log(component string) (Entry, bool) {
	for _, e := range b.Entries() {
		if who, ok := Sender(e.Name); ok && who == component {
			return e, true
		}
	}
	return Entry{}, false
}

var errTooMuch = errors.New("larger, with what was read before it, than all that a support bundle holds of its kind")

// Whole reads a small entry.
func (e Entry) Whole() ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	err = errors.Join(err, r.Close())
	if e.b.whole += len(text); err == nil && e.b.whole > maxDocuments {
		err = errTooMuch
	}
	if err == nil && len(text) > maxDocument {
		err = fmt.Errorf("larger than %d MiB: nothing that a support bundle holds", maxDocument>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return text, nil
}

// Tail reads the last bytes of an entry, most of them at the most.
func (e Entry) Tail(most int) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	in := io.LimitReader(r, maxTailed+1)
	var kept []byte
	chunk := make([]byte, 64<<10)
	for total := 0; ; {
		n, err := in.Read(chunk)
		if total += n; total > maxTailed {
			return nil, fmt.Errorf("%s: its end is past %d MiB", e.Name, maxTailed>>20)
		}
		if kept = append(kept, chunk[:n]...); len(kept) > 2*most {
			kept = append(kept[:0], kept[len(kept)-most:]...)
		}
		if errors.Is(err, io.EOF) {
			return kept[max(0, len(kept)-most):], nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
}
