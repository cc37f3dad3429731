package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/record"
	"edgenet/internal/logs/redact"
	"edgenet/internal/logs/source"
	"edgenet/report"
)

// Options say what to read and what is known besides. The zero value reads standard input's
// like: nothing is filtered, and no zone is assumed.
type Options struct {
	Since, Until time.Time // zero: no bound
	Zone         *int      // minutes east of UTC of times that do not say
	Year         int       // of times that do not say
	Component    string    // only this one's events
	Tool         report.Tool
}

// ErrNoLog is what holds nothing of the runtime.
var ErrNoLog = errors.New("nothing of it is a log of the IoT Edge runtime")

// Read reads all inputs and concludes. An error means that nothing could be read.
func Read(ctx context.Context, set *source.Set, o Options) (*Report, error) {
	g := &gatherer{o: o, matcher: pattern.NewMatcher(), filter: redact.New()}
	var first error
	for i, in := range set.Inputs {
		if err := g.input(ctx, i, in); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if first == nil {
				first = err
			}
			g.unread = append(g.unread, report.Clean(err.Error(), 300))
		}
	}
	for _, err := range set.Unread {
		g.unread = append(g.unread, g.clean(err.Error(), 300))
	}
	if g.known == 0 {
		if first != nil && g.records == 0 {
			return nil, first
		}
		return nil, noLog(set, g)
	}
	g.sort()
	return conclude(g, set), nil
}

func noLog(set *source.Set, g *gatherer) error {
	what := "no file"
	if len(set.Inputs) == 1 {
		what = set.Inputs[0].Name
	} else if len(set.Inputs) > 1 {
		what = fmt.Sprintf("%d files", len(set.Inputs))
	}
	for _, in := range g.inputs {
		if slices.ContainsFunc(in.Format, record.IsExport) {
			return fmt.Errorf("%s: %w: it is an export (%s), and none of its entries is a line of edgeAgent, "+
				"edgeHub or "+
				"the daemons. If one of its columns holds such lines, cut that column out, or name it LogEntry",
				report.Clean(what, 120), ErrNoLog, strings.Join(in.Format, ", "))
		}
	}
	holds := fmt.Sprintf("%d lines with a head that looks like theirs", g.records)
	if len(g.others) > 0 {
		holds = "there are lines of " + strings.Join(g.others, ", ")
	}
	return fmt.Errorf("%s: %w: expected lines of edgeAgent, edgeHub, aziot-identityd, aziot-edged, iotedged or "+
		"dockerd "+
		"(%s). sudo iotedge support-bundle --since 7d collects them", report.Clean(what, 120), ErrNoLog, holds)
}

// maxOthers is how many other programs are named.
const maxOthers = 5

// other keeps the name of a program that is none of the runtime's.
func (g *gatherer) other(name string) {
	if name = g.clean(name, 40); len(g.others) < maxOthers && name != "" && !slices.Contains(g.others, name) {
		g.others = append(g.others, name)
	}
}

// gatherer turns inputs into events.
type gatherer struct {
	o       Options
	matcher *pattern.Matcher
	filter  *redact.Filter
	inputs  []Input
	events  []*pattern.Event
	jumps   []jump
	ends    map[pattern.Who]int64 // the last moment of each component
	begins  map[pattern.Who]int64
	seen    map[pattern.Who]int // records of each component
	debug   map[pattern.Who]bool
	unread  []string
	known   int // records whose component or meaning is known
	records int
	gaps    map[pattern.Who]int // errors that no row knows
	strange []string            // the first ones of them, by their text
	aliens  []string            // the first errors of other programs that were pasted beside, by their text
	others  []string            // programs whose lines these are, where they are none of the runtime's
}

type jump struct {
	record.Jump
	input int
}

// clean makes a stranger's text fit for any output: no secret, no control character.
func (g *gatherer) clean(s string, most int) string { return report.Clean(g.filter.Text(s), most) }

func (g *gatherer) input(ctx context.Context, n int, in source.Input) (err error) {
	r, err := in.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	defer func() { err = errors.Join(err, closed(r)) }()
	c := newCollector(g, n, in.Tag)
	sum, err := record.Read(ctx, r, record.Options{Tag: in.Tag, Zone: g.o.Zone, Year: g.o.Year,
		Modified: in.Modified,
		Keep:     c.keep}, c.take)
	c.finish()
	g.add(n, in, sum, c)
	switch {
	case errors.Is(err, record.ErrBinary):
		return fmt.Errorf("%s: %w; of the engine's local log driver, give the output of: docker logs CONTAINER",
			in.Name, err)
	case err != nil:
		g.inputs[len(g.inputs)-1].Truncated = true
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	return nil
}

// closed closes what was only read; what fails then is no failure of the reading.
func closed(r io.Closer) error {
	_ = r.Close()
	return nil
}

// add takes over what an input gave.
func (g *gatherer) add(n int, in source.Input, sum record.Summary, c *collector) {
	shown := Input{Name: report.Clean(in.Name, 200), Component: c.component(), Format: sum.Formats,
		Records: sum.Records, Lines: sum.Lines, First: momentOf(sum.First, true), Last: momentOf(sum.Last, true),
		Zone: sum.Zone, Order: sum.Order, Level: "Information", Truncated: sum.Truncated, NotUnderstood: c.gaps,
		Repeated: sum.Repeated, LongLines: sum.LongLines, Lost: sum.Lost, Unlisted: c.unlisted()}
	if shown.Format == nil {
		shown.Format = []string{}
	}
	if sum.Debug {
		shown.Level = "Debug"
	}
	g.inputs = append(g.inputs, shown)
	g.records += sum.Records
	g.known += c.known
	for _, j := range sum.Jumps {
		g.jumps = append(g.jumps, jump{j, n})
	}
	if g.ends == nil {
		g.ends, g.begins, g.seen, g.debug, g.gaps = map[pattern.Who]int64{}, map[pattern.Who]int64{},
			map[pattern.Who]int{}, map[pattern.Who]bool{}, map[pattern.Who]int{}
	}
	only := pattern.WhoIs(shown.Component)
	for who, s := range c.by {
		g.seen[who] += s.records
		g.gaps[who] += s.gaps
		g.debug[who] = g.debug[who] || sum.Debug && only == who
		end := s.last
		if only == who && sum.Last > 0 && (g.o.Until.IsZero() || sum.Last <= g.o.Until.UnixMilli()) {
			end = sum.Last
		}
		g.ends[who] = max(g.ends[who], end)
		if b := s.first; b != 0 && (g.begins[who] == 0 || b < g.begins[who]) {
			g.begins[who] = b
		}
	}
	g.events = append(g.events, c.events()...)
}
