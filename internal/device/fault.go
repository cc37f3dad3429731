package device

import (
	"fmt"

	"edgenet/report"
)

// FaultKind says what is wrong with an entry that can be read, but not by its reader.
type FaultKind string

// The kinds.
const (
	FaultConnection  FaultKind = "connection-string" // the daemon refuses it, or takes something else out of it
	FaultPlaceholder FaultKind = "placeholder"       // a text of the template that nobody filled in
	FaultType        FaultKind = "type"              // a number, list or table where the reader wants something else
	FaultMisplaced   FaultKind = "misplaced"         // the right key in the wrong table or file
	FaultSpelling    FaultKind = "spelling"          // the right key in another case
	FaultDuplicate   FaultKind = "duplicate"         // the same key twice
	FaultRefused     FaultKind = "refused"           // a key is missing, or two exclude each other
)

// Fault is an entry that does not do what it was written for.
type Fault struct {
	Kind     FaultKind
	Severity report.Severity
	Place    Place
	File     string
	Line     int
	Key      string
	Name     Name   // of the setting that was meant, where it is one
	Text     string // what is wrong, without a value that may be secret
	Remedy   string
}

// Where is file, line and key in one text.
func (f Fault) Where() string {
	return report.Clean(fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Key), 200)
}

// fault notes one; nothing is wrong with a file that nobody reads.
func (d *Device) fault(f Fault) {
	if !d.isLeftover(f.Place) {
		d.Faults = append(d.Faults, f)
	}
}
