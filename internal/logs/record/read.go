package record

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/sorting"
)

// Read reads the log to its end and hands on the records that are kept.
func Read(ctx context.Context, from io.Reader, o Options, emit func(*Record)) (Summary, error) {
	from = until{ctx, from}
	text, kind, err := decoded(from)
	if err != nil {
		return Summary{}, err
	}
	text, table := exported(text)
	r := &reader{o: o, emit: emit, lines: newLines(text), streams: map[string]*stream{}}
	for _, k := range []string{kind, table} {
		if k != "" {
			r.sum.met(k)
		}
	}
	r.prepare()
	r.loop(ctx)
	r.closeVerbose()
	left := slices.Collect(maps.Values(r.streams))
	sorting.By(left, func(a, b *stream) int { return a.line() - b.line() }) // in the order in which they began
	for _, s := range left {
		r.flush(s)
	}
	r.finish()
	if err := ctx.Err(); err != nil {
		return r.sum, err
	}
	return r.sum, r.lines.failed()
}

type reader struct {
	o       Options
	emit    func(*Record)
	lines   *lines
	peel    peeler
	look    look
	clues   clues
	streams map[string]*stream
	last    *stream // of the entry before
	key     []byte
	sum     Summary
	kinds   [maxDepth]string // of the entry before, to save the search
	form    Form
	v       verbose
}

// prepare looks at the beginning and takes over what the caller knows.
func (r *reader) prepare() {
	r.clues = clues{year: r.o.Year, typedYear: r.o.Year != 0}
	if !r.o.Modified.IsZero() {
		r.clues.near = r.o.Modified.UnixMilli()
		if r.clues.year == 0 {
			r.clues.year = r.o.Modified.Year()
		}
	}
	if r.o.Zone != nil {
		r.clues.zone, r.clues.zoneKnown = *r.o.Zone, true
	}
	head := r.lines.peek()
	r.look = lookAt(head)
	r.lines.cr, r.peel.entities = r.look.cr, r.look.entities
	if r.look.zoneKnown && r.o.Zone == nil {
		r.clues.zone, r.clues.zoneKnown = r.look.zone, true
	}
	if r.look.year != 0 && r.o.Year == 0 {
		r.clues.year = r.look.year
	}
}

// every is how many lines pass between two looks at the context.
const every = 4096

func (r *reader) loop(ctx context.Context) {
	for {
		line, ok := r.lines.next()
		if !ok {
			return
		}
		if r.lines.n%every == 0 && ctx.Err() != nil {
			return
		}
		if r.lines.cut {
			r.sum.LongLines++
		}
		if r.export(line) || r.verbose(line) {
			continue
		}
		e := r.peel.peel(line)
		r.take(&e)
	}
}

// take gives an entry to the stream that it belongs to.
func (r *reader) take(e *entry) {
	if e.lost {
		r.sum.Lost++
		return
	}
	if e.kinds != r.kinds {
		r.kinds = e.kinds
		for _, k := range e.kinds[:e.depth] {
			r.sum.met(k)
		}
	}
	s := r.streamOf(e)
	if e.partial || len(s.partial) > 0 {
		if room := maxLine - len(s.partial); room > 0 {
			s.partial = append(s.partial, e.body[:min(len(e.body), room)]...)
		}
		if e.partial {
			return
		}
		e.body = append([]byte(nil), s.partial...)
		s.partial = s.partial[:0]
		e.head, e.hasHead = readHead(e.body)
	}
	if bytes.IndexByte(e.body, '\n') < 0 {
		r.single(s, e)
		return
	}
	for _, part := range bytes.Split(e.body, []byte("\n")) {
		e.body = bytes.TrimSuffix(part, []byte("\r"))
		e.head, e.hasHead = readHead(e.body)
		r.single(s, e)
	}
}

// maxStreams bounds how many senders are told apart at a time.
const maxStreams = 256

func (r *reader) streamOf(e *entry) *stream {
	r.key = append(append(append(r.key[:0], e.tag...), 0), e.pid...)
	if r.last != nil && r.last.key == string(r.key) {
		return r.last
	}
	s, ok := r.streams[string(r.key)]
	if !ok {
		if len(r.streams) >= maxStreams {
			r.forget()
		}
		s = &stream{key: string(r.key), tag: string(e.tag), pid: string(e.pid)}
		if s.tag == "" {
			s.tag = r.o.Tag
		}
		r.streams[s.key] = s
	}
	s.used = r.lines.n
	r.last = s
	return s
}

// forget lets the stream go that was silent for longest.
func (r *reader) forget() {
	var oldest *stream
	for _, s := range r.streams {
		if oldest == nil || s.used < oldest.used {
			oldest = s
		}
	}
	r.flush(oldest)
	delete(r.streams, oldest.key)
}

func (r *reader) finish() {
	r.sum.Lines = r.lines.n
	if r.lines.unended && len(r.sum.Formats) > 0 && r.look.lf {
		r.sum.Truncated = true
	}
	r.sum.Order = r.look.order
	if r.sum.Zone == "" && r.clues.zoneKnown {
		r.sum.Zone = zoneText(r.clues.zone)
	}
}

func zoneText(minutes int) string {
	sign := "+"
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	return fmt.Sprintf("%s%02d:%02d", sign, minutes/60, minutes%60)
}

// export reads journald's export form, which is no text of lines: a field with a length
// holds any bytes.
func (r *reader) export(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("__CURSOR=")) {
		return false
	}
	r.sum.met("journald-export")
	e := entry{sure: true}
	e.wrap("journald-export")
	fields := map[string]string{}
	for count := 0; count < 512; count++ {
		line, ok := r.lines.next()
		if !ok || len(line) == 0 {
			break
		}
		name, value, plain := strings.Cut(string(line), "=")
		if !plain {
			size := r.lines.raw(8)
			if len(size) < 8 {
				break
			}
			n := int64(0)
			for i, c := range size {
				n |= int64(c) << (8 * i)
			}
			if n < 0 || n > 1<<30 {
				break
			}
			value = string(r.lines.raw(n))
			r.lines.raw(1) // the line's end
		}
		fields[name] = value
	}
	for _, name := range senders {
		if fields[name] != "" && fields[name] != "init.scope" {
			e.tag = []byte(fields[name])
			break
		}
	}
	if us, err := strconv.ParseInt(fields["__REALTIME_TIMESTAMP"], 10, 64); err == nil {
		e.at, e.hasAt = stamp{ms: us / 1000, zoned: true, dated: true, yeared: true}, true
	}
	e.pid, e.body = []byte(fields["_PID"]), []byte(fields["MESSAGE"])
	inner := r.peel.peel(e.body)
	e.head, e.hasHead = inner.head, inner.hasHead
	r.take(&e)
	return true
}

// between is how far apart in time lines of one record may have been written.
const between = 2 * time.Second

// until ends a reading with the context, also within a line that has no end.
type until struct {
	ctx context.Context
	in  io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.in.Read(p)
}
