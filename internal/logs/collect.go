package logs

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/record"
	"edgenet/internal/sorting"
)

// The bounds of what is kept of one input: the first events, and the last ones, which
// say how things stand.
const (
	maxFirst   = 8000
	maxLast    = 2000
	maxPending = 200
	maxRecent  = 64
)

// collector turns the records of one input into events, and folds those that say the same.
type collector struct {
	g       *gatherer
	input   int
	tag     string
	who     map[string]pattern.Who // by tag, so that names are looked at once
	current map[string]pattern.Who // of lines whose wrapping does not say: who spoke last
	pending []*record.Record
	head    []*pattern.Event
	tail    []*pattern.Event // a ring
	at      int
	order   int
	recent  map[string]*pattern.Event
	seed    maphash.Seed
	texts   map[textKey]bool // moments and texts that were met, against what is there twice
	by      map[pattern.Who]*share
	gaps    int
	known   int
	dropped int
	sampled int
	looked  int  // lines of others that were looked at for whose they are
	several bool // the input has lines of another component than its name says
}

// share is what one component has of an input.
type share struct {
	records, gaps int
	first, last   int64
}

type textKey struct {
	at   int64
	text uint64
}

func newCollector(g *gatherer, input int, tag string) *collector {
	return &collector{g: g, input: input, tag: tag, who: map[string]pattern.Who{}, current: map[string]pattern.Who{},
		recent: map[string]*pattern.Event{}, texts: map[textKey]bool{}, seed: maphash.MakeSeed(),
		by: map[pattern.Who]*share{}}
}

func (c *collector) whoIs(tag string) pattern.Who {
	w, ok := c.who[tag]
	if !ok {
		w = pattern.WhoIs(tag)
		if len(c.who) < 4096 {
			c.who[strings.Clone(tag)] = w
		}
	}
	return w
}

func (c *collector) keep(tag string, form record.Form, level record.Level, text []byte) bool {
	if c.g.matcher.Keep(tag, form, level, text) {
		return true
	}
	if form == record.FormNone && tag == "" {
		c.alien(text)
	}
	if c.looked < maxSampled && c.known == 0 {
		c.looked++
		if c.whoIs(tag) == pattern.Module && tag != c.tag {
			c.g.other(tag)
		} else if name := pattern.Other(text); name != "" {
			c.g.other(name)
		}
	}
	if c.sampled < maxSampled {
		who := c.g.matcher.Noise(tag, form, text)
		if said := c.whoIs(tag); who == 0 && form != record.FormNone && pattern.Runtime(said) {
			who = said // a line that no row knows, and its sender is told
		}
		if who != 0 {
			c.sampled++
			c.known++
			c.share(who).records++
		}
	}
	return false
}

// maxSampled is how many lines that say nothing are looked at to know whose log it is.
const maxSampled = 200

func (c *collector) share(who pattern.Who) *share {
	s := c.by[who]
	if s == nil {
		s = &share{}
		c.by[who] = s
	}
	return s
}

// take takes a record that is kept.
func (c *collector) take(rec *record.Record) {
	if rec.Timed && (!c.g.o.Since.IsZero() && rec.At < c.g.o.Since.UnixMilli() || !c.g.o.Until.IsZero() &&
		rec.At > c.g.o.Until.UnixMilli()) {
		return
	}
	c.order++
	who := c.whoIs(rec.Tag)
	if c.twice(rec) {
		return
	}
	who = c.stranger(rec, who)
	if who == pattern.Module && rec.Form != record.FormNone {
		if who = c.unnamed(rec); who == 0 {
			who = c.whoIs(c.tag)
		}
		if who == 0 || who == pattern.Module {
			return // a module that logs as the runtime does
		}
	}
	if who == 0 {
		if who = c.unnamed(rec); who == 0 {
			if len(c.pending) < maxPending {
				c.pending = append(c.pending, rec)
			}
			return
		}
	}
	c.match(rec, who)
}

// twice tells whether the very same record was met: a file that was joined to itself, or
// every line of it doubled.
func (c *collector) twice(rec *record.Record) bool {
	if !rec.Timed || rec.Form == record.FormNone {
		return false
	}
	var h maphash.Hash // of texts that a stranger may choose, so that the seed is the process's own
	h.SetSeed(c.seed)
	for _, part := range append([]string{rec.Tag, rec.Said}, rec.More...) {
		_, _ = h.WriteString(part) // it never fails
		_ = h.WriteByte(0)
	}
	k := textKey{rec.At, h.Sum64()}
	if c.texts[k] {
		return true
	}
	if len(c.texts) > 20000 {
		clear(c.texts)
	}
	c.texts[k] = true
	return false
}

// unnamed finds out who wrote a line whose wrapping does not say: by the line itself where
// one alone writes it, else who wrote the lines before.
func (c *collector) unnamed(rec *record.Record) pattern.Who {
	all := c.g.matcher.Writers(rec)
	key := rec.Tag + "\x00" + family(rec.Form)
	switch cur := c.before(rec); {
	case all.Name() != "":
		if len(c.current) < 256 {
			c.current[key] = all
		}
		return all
	case all == 0:
		return 0
	case cur&all != 0:
		return cur
	}
	return 0
}

// before tells who wrote the lines before. What a process prints beside its log is its own.
func (c *collector) before(rec *record.Record) pattern.Who {
	cur := c.current[rec.Tag+"\x00"+family(rec.Form)]
	if cur == 0 && rec.Form == record.FormNone {
		cur = c.current[rec.Tag+"\x00net"]
	}
	return cur
}

func family(f record.Form) string {
	switch f {
	case record.FormNET, record.FormOld, record.FormBoot:
		return "net"
	case record.FormRust, record.FormWin:
		return "rust"
	}
	return string(f)
}

// finish sees to the records whose sender could not be told when they came.
func (c *collector) finish() {
	for _, rec := range c.pending {
		all := c.g.matcher.Writers(rec)
		cur := c.before(rec)
		if cur&all == 0 {
			if cur = c.g.matcher.ByErrors(rec, all); cur == 0 {
				cur = byAge(rec, all)
			}
			if cur == 0 {
				if all != 0 {
					c.known++
				} else if cur = c.before(rec); cur != 0 && carriesError(rec) {
					c.match(rec, cur)
				}
				continue
			}
		}
		c.match(rec, cur)
	}
	c.pending = nil
}

// byAge tells the daemons apart whose lines are the same: aziot-edged came with 1.2, in
// April 2021.
func byAge(rec *record.Record, all pattern.Who) pattern.Who {
	const release = 1617753600_000
	switch {
	case all != pattern.Edged|pattern.Iotedged || !rec.Timed:
		return 0
	case rec.At < release:
		return pattern.Iotedged
	}
	return pattern.Edged
}

func (c *collector) match(rec *record.Record, who pattern.Who) {
	s := c.share(who)
	e, ok := c.g.matcher.Match(rec, who)
	const others = pattern.Console | pattern.Module | pattern.Systemd | pattern.Kernel
	if who&others == 0 && (ok || rec.Form != record.FormNone) {
		s.records++
		c.known++
		if rec.Timed {
			s.last = max(s.last, rec.At)
			if s.first == 0 || rec.At < s.first {
				s.first = rec.At
			}
		}
	}
	if ok && e.Unread != "" {
		e.Unread = c.g.clean(plain(e.Unread), 160)
	}
	if !ok && carriesError(rec) || ok && e.Unread != "" && (rec.Form != record.FormRust || carriesError(rec)) {
		c.gap(who, rec)
	}
	if !ok || e.Row.Kind == pattern.Noise {
		return
	}
	e.Who, e.Input, e.Order = who, c.input, c.order
	e.Component = who.Name()
	if who == pattern.Module {
		e.Component = "module:" + c.g.clean(rec.Tag, 60)
	}
	if c.g.o.Component != "" && !strings.EqualFold(c.g.o.Component, e.Component) {
		return
	}
	if !rec.Timed && who != pattern.Console {
		e.Uncertain = "order"
	}
	c.store(&e, rec)
}

// maxQuoted is how much of a text is looked through for secrets; far less of it is shown.
const maxQuoted = 16 << 10

// quoted is what is shown of a record: its text, and the error that was made out.
func quoted(e *pattern.Event, rec *record.Record) string {
	rec.Said = rec.Said[:min(len(rec.Said), maxQuoted)]
	if f := e.Failure(); f != nil && f.Quote != "" && !strings.Contains(rec.Said, f.Quote) {
		return rec.Said + " … " + f.Quote
	}
	return rec.Said
}

func (c *collector) events() []*pattern.Event {
	return slices.Concat(c.head, c.tail[c.at:], c.tail[:c.at])
}

func (c *collector) unlisted() int { return c.dropped }

// component names who wrote the input, where that is one alone.
func (c *collector) component() string {
	var only pattern.Who
	for who, s := range c.by {
		if s.records == 0 || who&(pattern.Console|pattern.Systemd|pattern.Clockd|pattern.Kernel) != 0 {
			continue
		}
		if only != 0 {
			return ""
		}
		only = who
	}
	if only == 0 {
		only = c.whoIs(c.tag)
	}
	return only.Name()
}

// sort puts the events of all inputs in the order of time; what has no time stays beside
// its neighbours. An input whose newest line comes first is turned round.
func (g *gatherer) sort() {
	near := map[int]int64{}
	for _, e := range g.events {
		if e.Timed {
			near[e.Input] = e.At
		} else {
			e.At, e.Last = near[e.Input], near[e.Input]
		}
	}
	sorting.By(g.events, func(a, b *pattern.Event) int {
		if n := cmp.Compare(a.At, b.At); n != 0 {
			return n
		}
		if a.Input != b.Input {
			return cmp.Compare(a.Input, b.Input)
		}
		if g.inputs[a.Input].Order == record.Descending {
			return cmp.Compare(b.Order, a.Order)
		}
		return cmp.Compare(a.Order, b.Order)
	})
}
