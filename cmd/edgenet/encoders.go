package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/render/html"
)

// encoder is one format of reports.
type encoder struct {
	name string // for --format; empty: files alone
	ext  string // of --output's files; empty: standard output alone
	many bool   // several reports make one document
	// write writes one report, or several where many says so.
	write func(io.Writer, ...*report.Report) error
}

// encoders is the table of all formats. Text is the display's matter where it goes to
// a terminal.
func encoders(o render.TextOptions) []encoder {
	one := func(write func(io.Writer, *report.Report) error) func(io.Writer, ...*report.Report) error {
		return func(w io.Writer, reports ...*report.Report) error {
			for _, r := range reports {
				if err := write(w, r); err != nil {
					return err
				}
			}
			return nil
		}
	}
	text := func(w io.Writer, r *report.Report) error { return render.Text(w, r, o) }
	page := func(w io.Writer, r *report.Report) error { return html.Write(w, r, html.Options{}) }
	return []encoder{
		{name: "text", write: one(text)},
		{name: "json", ext: ".json", write: one(render.JSON)},
		{name: "jsonl", ext: ".jsonl", many: true, write: one(render.JSONL)},
		{name: "markdown", ext: ".md", many: true, write: render.Markdown},
		{name: "html", ext: ".html", write: one(page)},
		{name: "csv", ext: ".csv", many: true, write: render.CSV},
		{name: "junit", ext: ".xml", many: true, write: render.JUnit},
		{ext: ".prom", many: true, write: render.Prometheus},
	}
}

// formats are the names for --format.
func formats() []string {
	var out []string
	for _, e := range encoders(render.TextOptions{}) {
		if e.name != "" {
			out = append(out, e.name)
		}
	}
	return out
}

// endings are those of --output's files.
func endings() []string {
	var out []string
	for _, e := range encoders(render.TextOptions{}) {
		if e.ext != "" {
			out = append(out, e.ext)
		}
	}
	return out
}

// format finds the encoder of a name.
func format(name string, o render.TextOptions) (encoder, bool) {
	all := encoders(o)
	i := slices.IndexFunc(all, func(e encoder) bool { return e.name != "" && e.name == name })
	if i < 0 {
		return encoder{}, false
	}
	return all[i], true
}

// ofFile finds the encoder of a file's ending.
func ofFile(path string) (encoder, bool) {
	all := encoders(render.TextOptions{})
	i := slices.IndexFunc(all, func(e encoder) bool { return e.ext != "" && e.ext == strings.ToLower(filepath.Ext(path)) })
	if i < 0 {
		return encoder{}, false
	}
	return all[i], true
}

// checkOutputs refuses formats that are none, and those that cannot hold what the
// flags ask for.
func (f *checkFlags) checkOutputs() error {
	e, ok := format(f.format, render.TextOptions{})
	if !ok {
		return fmt.Errorf("--format %q: expected %s%s", report.Clean(f.format, 40), alternatives(formats()), didYouMean(f.format, formats()))
	}
	switch {
	case f.targets != "" && e.name != "text" && !e.many:
		return fmt.Errorf("-f %s holds one report, and --targets makes several: expected text, jsonl, markdown, csv or junit", e.name)
	case f.every > 0 && e.name != "text" && e.name != "jsonl":
		return fmt.Errorf("-f %s holds one round, and --every makes many: expected text or jsonl; a file of -o may have any format, and is written anew after each round", e.name)
	}
	for _, path := range f.outputs {
		e, ok := ofFile(path)
		if !ok {
			return fmt.Errorf("--output %q: expected a name that ends in %s", report.Clean(path, 100), alternatives(endings()))
		}
		if f.targets != "" && !e.many {
			return fmt.Errorf("--output %q: %s holds one report, and --targets makes several: expected .jsonl, .md, .csv, .xml or .prom", report.Clean(path, 100), e.ext)
		}
		if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
			return fmt.Errorf("--output %q: there is no folder %s: make it first", report.Clean(path, 100), filepath.Dir(path))
		}
	}
	return nil
}

// writeFiles writes the reports beside standard output, each file whole or not at all.
func (f *checkFlags) writeFiles(reports ...*report.Report) error {
	for _, path := range f.outputs {
		e, _ := ofFile(path) // checkOutputs saw it
		if err := writeWhole(path, 0o644, func(w io.Writer) error { return e.write(w, reports...) }); err != nil {
			return runError{fmt.Errorf("--output %s: %w", path, err)}
		}
	}
	return nil
}

// alternatives joins with commas and an "or".
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
