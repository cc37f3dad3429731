package machine

import (
	"slices"
	"time"
)

// saveRetry is how long after a refused write to the disk the next is tried.
const saveRetry = 5 * time.Minute

// disk is what is under way with the disk. Nothing waits for it but telemetry, and that
// only until the disk has said yes or no.
type disk struct {
	dirty        bool // the memory is not on the disk as it is
	sectionDirty bool // nor is the desired section
	saving       *saving
	savedSeq     uint64 // the last transition on the disk
	durable      uint64 // the last transition that may be sent
	saveAfter    time.Duration
}

// saving is a record under way.
type saving struct {
	seq     uint64
	section bool
}

func (t *turn) save() {
	if !t.dirty && !t.sectionDirty || t.saving != nil {
		return
	}
	if t.now.Mono < t.saveAfter { // the disk refused; until it is asked again memory has to do
		t.durable = t.Seq
		return
	}
	r := t.record(t.sectionDirty)
	t.saving = &saving{t.Seq, t.sectionDirty}
	t.dirty, t.sectionDirty = false, false
	t.do(Save{r})
}

// record is what the disk lacks.
func (s *State) record(section bool) Record {
	r := Record{Memory: s.Memory}
	for _, t := range s.Log {
		if t.Seq > s.savedSeq {
			r.New = append(r.New, t)
		}
	}
	if section {
		r.Desired = slices.Clone(s.Section)
	}
	return r
}

func (t *turn) saveDone(e SaveDone) {
	w := t.saving
	if w == nil {
		return
	}
	t.saving = nil
	t.durable = max(t.durable, w.seq) // where the disk refuses, memory has to do
	if e.Err != nil {
		if t.DiskError == "" {
			t.note(Error, "the state is kept in memory alone: %s", e.Err)
		}
		t.DiskError = e.Err.Error()
		t.dirty, t.sectionDirty = true, t.sectionDirty || w.section
		t.saveAfter = t.now.Mono + saveRetry
		return
	}
	if t.DiskError != "" {
		t.note(Info, "the state is on the disk again")
	}
	t.DiskError, t.savedSeq = "", w.seq
}

// saveAt is when the disk is tried again, 0 for not.
func (s *State) saveAt() time.Duration {
	if (s.dirty || s.sectionDirty) && s.saving == nil {
		return max(s.saveAfter, s.last.Mono+time.Millisecond)
	}
	return 0
}

// Unsaved is the record that the disk lacks when the process ends, false where it has all.
func (s *State) Unsaved() (Record, bool) {
	if !s.dirty && !s.sectionDirty && s.saving == nil {
		return Record{}, false
	}
	return s.record(s.sectionDirty || s.saving != nil && s.saving.section), true
}
