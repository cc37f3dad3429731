package render

import (
	"io"
	"strings"

	"edgenet/report"
)

// TextOptions say what the reader's terminal can show and how much is wanted. The
// zero value is what suits a pipe or a log: 80 columns, no colour, ASCII alone.
type TextOptions struct {
	Width   int  // columns; zero means 80, less than 20 means 20
	Height  int  // rows of the terminal, which bound Live and the closing; zero means unknown
	Color   bool // ANSI colours; they never carry meaning alone
	Unicode bool // glyphs and punctuation beyond ASCII; false means words in their place
	Verbose bool // every step of every path
	HubOnly bool // what the device needs beside its hub was not asked about, which is said
	Quiet   bool // the verdict's sentence alone, in one line; wins over Verbose
}

func newPen(o TextOptions) pen {
	if o.Width <= 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 20)
	return pen{&o}
}

// Text writes the report for a person: heading, a picture of the ways, paths, details, and
// last, where the eye is, what fits into the last screenful: the verdict, who does what,
// what would do instead, and where more is.
func Text(w io.Writer, r *report.Report, o TextOptions) error {
	p := newPen(o)
	if o.Quiet {
		_, err := io.WriteString(w, p.clean(r.Verdict.Reason)+"\n")
		return err
	}
	st := standings(r)
	t := newTable(p, r)
	blocks := [][]line{p.heading(r), p.picture(r, st), t.block(r, st)}
	if o.Verbose {
		blocks = append(blocks, p.steps(r, st))
	}
	l := p.allActions(r)
	do := inOrder(l.todo, r)
	end, folded := p.closing(r, do)
	blocks = append(blocks, p.actionBlock("GOOD TO KNOW", l.know))
	if len(do.first) > 0 {
		blocks = append(blocks, p.actionBlock("LESS PRESSING", do.later))
	}
	if folded {
		blocks = append(blocks, p.actionBlock("WHAT TO DO, IN FULL", do.shown()))
	}
	blocks = append(blocks, p.container(r), end)
	_, err := io.WriteString(w, p.join(blocks))
	return err
}

// join prints the blocks with an empty line between them.
func (p pen) join(blocks [][]line) string {
	var b strings.Builder
	for _, block := range blocks {
		if len(block) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, l := range block {
			b.WriteString(p.print(p.fit(l, p.o.Width)))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

var sourceWords = map[string]string{
	"flag": "--hub", "device_info": "the runtime's device_info", "container": "a running container",
	"module-env": "the module's environment", "lab": "the built-in lab", "targets": "the list of targets",
}

// heading says what was checked, where its name came from, when, and which proxies
// the routes stand for.
func (p pen) heading(r *report.Report) []line {
	out := []line{{{"edgenet ", dim}, {p.clean(r.Target.Hub), bold}}}
	facts := []string{}
	if r.Target.Source != "" {
		source, known := sourceWords[r.Target.Source]
		if !known {
			source = p.clean(r.Target.Source)
		}
		facts = append(facts, "name from "+source)
	}
	if !r.StartedAt.IsZero() {
		facts = append(facts, r.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if r.DurationMs > 0 {
		facts = append(facts, "took "+duration(r.DurationMs))
	}
	out = append(out, p.flowed(facts, 0)...)
	if device := DeviceWords(r.Device); device != "" {
		out = append(out, p.flowed([]string{"this device: " + p.clean(device)}, 0)...)
	}
	for _, route := range r.Routes {
		if route.URL == "" {
			continue
		}
		facts := []string{p.clean(route.ID) + " = " + p.clean(route.URL)}
		if route.Source != "" {
			facts = append(facts, "from "+p.clean(route.Source))
		}
		out = append(out, p.flowed(facts, 0)...)
	}
	if r.Partial {
		out = append(out, p.wrapped("! "+"Incomplete: stopped before every path was through. What is here was "+
			"really seen.", 0, yellow)...)
	}
	return out
}

// wrapped gives the text in lines that are all indented alike.
func (p pen) wrapped(text string, indent int, s style) []line {
	var out []line
	for _, l := range wrap(text, p.o.Width-indent) {
		out = append(out, line{{strings.Repeat(" ", indent), plain}, {l, s}})
	}
	return out
}

// flowed gives facts in indented lines.
func (p pen) flowed(facts []string, indent int) []line {
	var out []line
	for _, l := range p.flow(facts, p.o.Width-indent) {
		out = append(out, line{{strings.Repeat(" ", indent), plain}, {l, plain}})
	}
	return out
}

// verdict is the sentence that the reader came for.
func (p pen) verdict(r *report.Report, d detail) []line {
	glyph, s := p.of("✗ ", "FAIL: "), red
	switch r.Verdict.ExitCode {
	case 0:
		if glyph, s = p.of("✓ ", "OK: "), "1;32"; onceSet(r) {
			glyph, s = p.of("! ", "ONLY IF SET: "), "1;33"
		}
	case 3:
		glyph, s = p.of("! ", "WARNING: "), "1;33"
	case 130:
		glyph, s = p.of("– ", "STOPPED: "), "1;33"
	}
	hang := 0
	if p.o.Unicode { // a word goes on at the margin, where scripts look
		hang = displayWidth(glyph)
	}
	var out []line
	for i, l := range wrap(plainHeadline(r), p.o.Width-displayWidth(glyph)) {
		if i > 0 {
			glyph = strings.Repeat(" ", hang)
		}
		out = append(out, line{{glyph, s}, {l, s}})
	}
	for _, l := range p.limited(wrap(p.clean(r.Verdict.Reason), p.o.Width-hang), reasonLines, d) {
		out = append(out, line{{strings.Repeat(" ", hang), plain}, {l, bold}})
	}
	if up := r.Verdict.UpstreamProtocol; up != nil && r.Verdict.ExitCode == 3 &&
		r.Verdict.Expected != "" && r.Verdict.Expected != *up {
		out = append(out, line{{strings.Repeat(" ", hang) + "UpstreamProtocol: ", plain},
			{p.clean(up.RuntimeName()), s}, {"   instead of " + p.clean(r.Verdict.Expected.RuntimeName()), plain}})
	}
	if d < noWhy {
		out = append(out, p.wrapped(upstreamWords, hang, plain)...)
	}
	return out
}

// plainHeadline answers the first question in plain words: does it work?
func plainHeadline(r *report.Report) string {
	switch v := r.Verdict; {
	case v.ExitCode == 130:
		return "Stopped early."
	case len(v.Closed) > 0 && v.ExitCode == 0:
		return "Closed, as it has to be."
	case len(v.Closed) > 0:
		return "Not as it has to be."
	case v.ExitCode == 3:
		return "The device would lose contact as it is set; another setting works."
	case onceSet(r):
		return "It works only if it is set."
	case v.ExitCode == 0:
		return "It works."
	case v.UpstreamProtocol != nil:
		return "It does not work yet."
	}
	return "It does not work."
}

// upstreamWords explain the one setting that everything is about.
const upstreamWords = "(UpstreamProtocol sets how edgeAgent and edgeHub connect to the hub.)"
