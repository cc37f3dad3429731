package record

import (
	"slices"
	"time"
)

// Record is one thing that somebody said.
type Record struct {
	Line      int    // where it begins, from 1
	At        int64  // milliseconds since 1970, UTC
	Timed     bool   // At is known
	Uncertain string // what of At was guessed: zone, year; empty: nothing
	Form      Form
	Level     Level
	Tag       string // who spoke, as the wrapping says; may be empty
	PID       string
	Context   string // the class or module within the sender
	Said      string
	More      []string // what belongs to it: causes, and the frames that tell something
	Cut       bool     // it was longer than what is kept
}

// Options say what to keep and what is known besides the log.
type Options struct {
	Tag      string    // who spoke where the log does not say
	Zone     *int      // minutes east of UTC of times that do not say
	Year     int       // of times that do not say
	Modified time.Time // when the log was written at the latest; zero: not known
	// Keep decides by its head whether a record is handed on; what has no head is asked for
	// with FormNone. The text is good during the call alone.
	Keep func(tag string, form Form, level Level, text []byte) bool
}

// Jump is a place at which a clock moved.
type Jump struct {
	Line  int
	At    int64 // by the clock that moved
	By    time.Duration
	Tag   string
	Sure  bool // another clock in the same line says so
	Count int  // lines that show it
}

// Orders of a log.
const (
	Ascending  = "ascending"
	Descending = "descending"
	Mixed      = "mixed"
	Unordered  = "unknown"
)

// Summary is what was met on the way.
type Summary struct {
	Formats     []string // wrappings and forms, in the order in which they were met
	Lines       int
	Records     int
	First, Last int64 // 0: no time
	Zone        string
	Order       string
	Debug       bool // debug lines are on
	Truncated   bool // begins or ends within a record
	LongLines   int
	Lost        int // entries whose text was not kept
	Repeated    bool
	Jumps       []Jump
}

func (s *Summary) met(kind string) {
	if !slices.Contains(s.Formats, kind) && len(s.Formats) < 12 {
		s.Formats = append(s.Formats, kind)
	}
}
