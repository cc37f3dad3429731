package inputs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"edgenet/internal/infile"
	"edgenet/internal/secret"
	"edgenet/report"
	"edgenet/report/watch"
)

// Watched is what a file of JSON lines tells of one hub.
type Watched struct {
	Hub    string
	Points []watch.Point
	Beats  int
	Last   *report.Report // the last full one; nil where there are beats alone
	text   []byte
}

// Lines tells whether a text is several JSON documents, one a line: a watch, or the reports
// of a list.
func Lines(text []byte) bool {
	first, rest, more := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return bytes.HasPrefix(first, []byte(`{"schema":"edgenet.beat/`)) ||
		more && len(bytes.TrimSpace(rest)) > 0 && json.Valid(first)
}

// head is what every line has.
type head struct {
	Schema string `json:"schema"`
}

// ParseLines reads reports and beats, one a line, hub by hub in the order of the file. A
// last line that was cut off in the middle is passed over.
func ParseLines(text []byte) ([]Watched, error) {
	p := &lineParser{index: map[string]int{}}
	n := 0
	for len(text) > 0 {
		n++
		var line []byte
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		text = rest
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := p.line(line); err != nil {
			if !whole && !json.Valid(line) { // the power went off while it was written
				break
			}
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return p.done()
}

type lineParser struct {
	list  []Watched
	index map[string]int // of the list, by hub
	early []watch.Point  // before the first report
}

func (p *lineParser) line(line []byte) error {
	var h head
	if err := json.Unmarshal(line, &h); err != nil {
		return fmt.Errorf("not JSON: %s", report.Clean(err.Error(), 160))
	}
	switch h.Schema {
	case report.BeatSchema:
		return p.beat(line)
	case report.Schema:
	default:
		return fmt.Errorf("its schema is %q: expected %q or %q", secret.Show(h.Schema, 60), report.Schema,
			report.BeatSchema)
	}
	if _, err := infile.BoundJSON(line); err != nil {
		return err
	}
	var r report.Report
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("not a JSON report: %s", report.Clean(err.Error(), 160))
	}
	w, err := p.of(secret.Show(r.Target.Hub, 260))
	if err != nil {
		return err
	}
	w.Points = append(w.Points, watch.PointOf(&r))
	w.text = line
	return nil
}

// beat belongs to its hub; one that names none, to the only one.
func (p *lineParser) beat(line []byte) error {
	var b report.Beat
	if err := json.Unmarshal(line, &b); err != nil {
		return fmt.Errorf("not a beat: %s", report.Clean(err.Error(), 160))
	}
	point := watch.Point{At: watch.Moment{At: b.At, Took: b.DurationMs.Duration()}, Status: watch.ReadStatus(b.Status)}
	if b.Hub == "" && len(p.list) == 0 {
		p.early = append(p.early, point)
		return nil
	}
	if i, known := p.index[secret.Show(b.Hub, 260)]; known {
		p.list[i].add(point)
	} else if b.Hub == "" && len(p.list) == 1 {
		p.list[0].add(point)
	}
	return nil
}

// add takes a beat: what it does not say is as it was.
func (w *Watched) add(p watch.Point) {
	w.Beats++
	if n := len(w.Points); n > 0 && w.Points[n-1].Status == p.Status {
		last := w.Points[n-1]
		p.Protocol, p.Route, p.Cause = last.Protocol, last.Route, last.Cause
	}
	w.Points = append(w.Points, p)
}

// maxHubs bounds the hubs of a file, as check bounds those of a list.
const maxHubs = 10_000

func (p *lineParser) of(hub string) (*Watched, error) {
	i, known := p.index[hub]
	switch {
	case !known && len(p.list) == maxHubs:
		return nil, fmt.Errorf("more than %d hubs in it: expected fewer", maxHubs)
	case !known:
		i, p.list = len(p.list), append(p.list, Watched{Hub: hub})
		p.index[hub] = i
		if i == 0 {
			p.list[0].Points, p.list[0].Beats = p.early, len(p.early)
		}
	}
	return &p.list[i], nil
}

func (p *lineParser) done() ([]Watched, error) {
	if len(p.list) == 0 && len(p.early) > 0 {
		return []Watched{{Points: p.early, Beats: len(p.early)}}, nil
	}
	if len(p.list) == 0 {
		return nil, errors.New("no report in it")
	}
	for i := range p.list {
		r, err := ParseReport(p.list[i].text)
		if err != nil {
			return nil, err
		}
		p.list[i].Last, p.list[i].text = r, nil
	}
	return p.list, nil
}
