package render

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"edgenet/report"
)

// frameEvery bounds how often rows are redrawn: ten times a second is smooth for a
// spinner and cheap over a serial line or SSH.
const frameEvery = 100 * time.Millisecond

// Live shows a row for each path while it is probed, on a terminal: it settles in
// place. Start it once, Update it from any goroutine, and end it with Finish or
// Close, after which no goroutine of it is left and the cursor is back. Write
// nothing else to the terminal in between.
//
// A terminal that is made narrower meanwhile is not noticed until the end.
type Live struct {
	w io.Writer
	o TextOptions

	mu      sync.Mutex
	table   table
	report  report.Report // the plan, its results replaced as they settle
	began   time.Time
	drawn   int    // rows on the terminal that are to be drawn over
	last    string // the frame on the terminal
	frame   int
	note    string // behind the count of paths
	err     error  // the first of writing
	started bool
	ended   bool

	stop, done chan struct{}
}

// NewLive prepares; nothing is written before Start. With Quiet no rows are shown.
func NewLive(w io.Writer, o TextOptions) *Live {
	o = *newPen(o).o
	return &Live{w: w, o: o, stop: make(chan struct{}), done: make(chan struct{})}
}

// Start shows the planned results, which have no status yet, and begins to redraw.
// A second Start, or one after the end, does nothing.
func (l *Live) Start(r *report.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started || l.ended || l.o.Quiet {
		return
	}
	l.started, l.began = true, time.Now()
	l.report = *r
	l.report.Results = append([]report.Result(nil), r.Results...)
	l.table = newTable(newPen(l.o), r)
	l.write("\x1b[?25l")
	l.draw()
	go l.run()
}

func (l *Live) run() {
	defer close(l.done)
	tick := time.NewTicker(frameEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
			l.mu.Lock()
			l.frame++
			l.draw()
			l.mu.Unlock()
		}
	}
}

// Update settles the row of the result's id at the next frame. An id that was not
// planned is ignored. Safe for many goroutines at once.
func (l *Live) Update(res report.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.report.Results {
		if l.report.Results[i].ID == res.ID {
			l.report.Results[i] = res
			return
		}
	}
}

// Note says something behind the count of paths, from the next frame on.
func (l *Live) Note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note = text
}

// Finish replaces the rows by the text of the report. The error is the first that
// writing met.
func (l *Live) Finish(r *report.Report) error {
	if !l.end() {
		return l.err
	}
	if err := Text(l.w, r, l.o); l.err == nil {
		l.err = err
	}
	return l.err
}

// Close takes the rows off the terminal and shows nothing in their place; after
// Finish it does nothing. For deferring, and for results that go elsewhere.
func (l *Live) Close() error {
	l.end()
	return l.err
}

// end stops redrawing, erases the rows and gives the cursor back; true the first
// time.
func (l *Live) end() bool {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return false
	}
	l.ended = true
	l.mu.Unlock()
	if !l.started {
		return true
	}
	close(l.stop)
	<-l.done
	l.write(l.home() + "\x1b[J\x1b[?25h")
	return true
}

// home moves to the first row that was drawn. Every row ends in a line feed, so
// that the cursor stands at the start of the row below them.
func (l *Live) home() string {
	if l.drawn == 0 {
		return "\r"
	}
	return "\r\x1b[" + strconv.Itoa(l.drawn) + "A"
}

// draw writes the frame in one piece, over the one before; nothing where nothing
// changed. The lock is held.
func (l *Live) draw() {
	lines := l.lines()
	var b strings.Builder
	for _, row := range lines {
		b.WriteString(l.table.print(row) + "\x1b[K\r\n")
	}
	if b.String() == l.last {
		return
	}
	head := l.home()
	l.last, l.drawn = b.String(), len(lines)
	l.write(head + b.String())
}

func (l *Live) write(s string) {
	if _, err := io.WriteString(l.w, s); err != nil && l.err == nil {
		l.err = err
	}
}

// lines is the frame: heading, rows, how many are through. One column stays free,
// since some terminals wrap when the last one is written.
func (l *Live) lines() []line {
	width := l.o.Width - 1
	elapsed := report.MillisOf(time.Since(l.began).Truncate(frameEvery))
	settled := 0
	rows := make([]line, 0, len(l.report.Results))
	for _, res := range l.report.Results {
		if res.Status != "" {
			settled++
		}
		rows = append(rows, l.table.fit(l.row(res, elapsed), width))
	}
	status := strconv.Itoa(settled) + " of " + strconv.Itoa(len(rows)) + " paths"
	if l.note != "" {
		status += l.table.dot() + l.table.clean(l.note)
	}
	out := []line{
		l.table.fit(line{{"edgenet ", dim}, {status + l.table.dot(), dim}, {l.table.clean(l.report.Target.Hub), bold}},
			width),
		l.table.fit(l.table.head(), width),
	}
	most := l.o.Height - 2 // more would scroll, and what has scrolled cannot be drawn over
	if l.o.Height <= 0 || len(out)+len(rows) <= most {
		return append(out, rows...)
	}
	if room := most - len(out) - 1; room > 0 {
		hidden := len(rows) - room
		rows = append(l.visible(rows, room), l.table.fit(line{{"  and " + strconv.Itoa(hidden) + " more", plain}},
			width))
		return append(out, rows...)
	}
	return out[:max(1, min(most, len(out)))]
}

// visible chooses the rows for a terminal that is too low for all: those that still
// run, then the latest.
func (l *Live) visible(rows []line, room int) []line {
	keep := make([]bool, len(rows))
	left := room
	for _, wantRunning := range []bool{true, false} {
		for i := len(rows) - 1; i >= 0 && left > 0; i-- {
			if !keep[i] && (l.report.Results[i].Status == "") == wantRunning {
				keep[i] = true
				left--
			}
		}
	}
	var out []line
	for i, row := range rows {
		if keep[i] {
			out = append(out, row)
		}
	}
	return out
}

// row is one line: spinner and elapsed time while it runs, then what came of it.
// Whether a failure matters is known at the end, so that no row is red here.
func (l *Live) row(res report.Result, elapsed report.Millis) line {
	t := l.table
	switch s := standingOf(res, report.Verdict{}); s {
	case running:
		cells := t.cells(res, span{l.spinner(), cyan}, s, duration(elapsed))
		if res.Cause != "" { // tried again: what it met last stays in sight
			cells = append(cells, span{"  " + t.place(res.Endpoint, res.Hop, res.Stage) + ": " + t.title(res), dim})
		}
		return cells
	case fault:
		cells := t.cells(res, t.pen.mark(concern), concern, duration(ownTime(res)))
		return append(cells, span{"  " + t.place(res.Endpoint, res.Hop, res.Stage) + ": " + t.title(res), plain})
	default:
		return t.row(res, s, report.Verdict{})[0]
	}
}

func (l *Live) spinner() string {
	if !l.o.Unicode {
		return padRight(`|/-\`[l.frame%4:l.frame%4+1], l.table.mark)
	}
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	return string(frames[l.frame%len(frames)])
}
