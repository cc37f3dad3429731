package fleet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// JournalSchema names the journal's form.
const JournalSchema = "edgenet.journal/1"

// The kinds of writes.
const (
	WriteDeployment = "deployment"
	WriteTag        = "tag"
	WriteModuleTag  = "module-tag"
)

// The states of a write.
const (
	Intended = "intended" // about to be sent: it may have been carried out
	Done     = "done"
	Undone   = "undone" // as it was before, or never carried out
)

// Entry is one line of a journal. A line Intended is on the disk before its write is sent.
type Entry struct {
	At     time.Time       `json:"at"`
	N      int             `json:"n"`
	Kind   string          `json:"kind"`
	ID     string          `json:"id"` // of the deployment or the device
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	ETag   string          `json:"etag"`
	State  string          `json:"state"`

	Hub     string `json:"hub,omitempty"`
	Plan    string `json:"plan,omitempty"` // hash of the plan's file
	Wave    int    `json:"wave,omitempty"`
	Undoing bool   `json:"undoing,omitempty"` // the write takes an earlier one back
	Note    string `json:"note,omitempty"`    // why it was not carried out, or taken back
}

// Write is what a journal says of one write, by its last line.
type Write struct {
	Entry
	DoneAt time.Time // when it was carried out; zero: it was not, or nobody knows
	Taken  bool      // it is being taken back, or was
}

// Journal is what was written so far, in order.
type Journal struct {
	Writes []*Write
	Hub    string
	Plan   string
	N      int   // the last number
	Size   int64 // of the lines that are whole: behind it stands a line that a kill cut

	at map[string]int
}

// maxLine bounds a line of a journal.
const maxLine = 1 << 20

// entryStart is what every line of a journal begins with.
const entryStart = `{"at":"`

// ReadJournal reads a journal. A last line that is cut off was never followed by a write,
// and is left out, where it is one of a journal: whoever takes it away must not take away
// what somebody else wrote into a file that is none.
func ReadJournal(in io.Reader) (*Journal, error) {
	j := &Journal{at: map[string]int{}}
	r := bufio.NewReaderSize(in, maxLine+1)
	for line := 1; ; line++ {
		raw, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF) && len(j.Writes) == 0 && !bytes.HasPrefix(raw, []byte(entryStart)) &&
			!strings.HasPrefix(entryStart, string(raw)):
			return nil, fmt.Errorf("line %d: not a journal's", line)
		case errors.Is(err, io.EOF):
			return j, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("line %d: longer than %d bytes", line, maxLine)
		case err != nil:
			return nil, err
		}
		j.Size += int64(len(raw))
		if raw = bytes.TrimSpace(raw); len(raw) == 0 {
			continue
		}
		if err := j.line(raw); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func (j *Journal) line(raw []byte) error {
	var e Entry
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("not a journal's: %s", report.Clean(secret.Within(err.Error()), 120))
	}
	switch {
	case e.Kind != WriteDeployment && e.Kind != WriteTag && e.Kind != WriteModuleTag:
		return fmt.Errorf("kind %q: expected deployment, tag or module-tag", secret.Name(e.Kind, 40))
	case e.State != Intended && e.State != Done && e.State != Undone:
		return fmt.Errorf("state %q: expected intended, done or undone", secret.Name(e.State, 40))
	case e.ID == "":
		return errors.New("no id")
	case j.Plan != "" && e.Plan != "" && e.Plan != j.Plan:
		return errors.New("it is of another plan than the lines before")
	}
	j.Add(e)
	return nil
}

// Add takes in a line, as it is written too.
func (j *Journal) Add(e Entry) {
	if j.at == nil {
		j.at = map[string]int{}
	}
	j.N = max(j.N, e.N)
	if e.Hub != "" {
		j.Hub = e.Hub
	}
	if e.Plan != "" {
		j.Plan = e.Plan
	}
	key := e.Kind + " " + e.ID
	i, known := j.at[key]
	if !known {
		j.at[key] = len(j.Writes)
		j.Writes = append(j.Writes, &Write{Entry: e})
		i = len(j.Writes) - 1
	}
	w := j.Writes[i]
	switch {
	case e.Undoing || e.State == Undone:
		// Before and After stay those of the write itself.
		w.Taken, w.State, w.Note, w.ETag = true, e.State, e.Note, e.ETag
	default:
		w.Entry, w.Taken = e, false
	}
	switch e.State {
	case Done:
		w.DoneAt = e.At
	case Undone:
		w.DoneAt = time.Time{}
	}
}

// Of finds a write, nil where there is none.
func (j *Journal) Of(kind, id string) *Write {
	if i, ok := j.at[kind+" "+id]; ok {
		return j.Writes[i]
	}
	return nil
}

// Wave is the last wave that was begun.
func (j *Journal) Wave() int {
	n := 0
	for _, w := range j.Writes {
		n = max(n, w.Wave)
	}
	return n
}

// Stopped tells whether a wave was taken back, or its taking back was begun.
func (j *Journal) Stopped() (wave int, stopped bool) {
	for _, w := range j.Writes {
		if w.TakenBack() {
			return w.Wave, true
		}
	}
	return 0, false
}

// TakenBack tells of a write that was taken back after it had been carried out; one that was
// never carried out (somebody else's tag in the way) is no reason to stop.
func (w *Write) TakenBack() bool { return w.Taken && w.Note != NoteSkipped }

// NoteSkipped marks writes that were given up before they were carried out.
const NoteSkipped = "skipped"
