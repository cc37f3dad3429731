// Package console is what a command may touch of the process: its streams, environment and
// terminal. A command is a function of it and of its options, and is tested as one.
package console

import (
	"context"
	"fmt"
	"io"
	"strings"

	"edgenet/internal/infile"
	"edgenet/report"
	"edgenet/report/render"
)

// Console is the process as a command sees it. Stdout, Stderr and Getenv have to be there.
type Console struct {
	Stdin          io.Reader // nil means that there is none
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Width          func() int // of the terminal behind Stdout; nil, or 0, means it is none
	ErrWidth       func() int // of the one behind Stderr
	Height         func() int // rows of the terminal; nil, or 0, means unknown
	Root           string     // of the file system whose settings are read; empty means /
	Version        string     // of the program
}

// Read reads a file that a person names, standard input for "-".
func (c *Console) Read(ctx context.Context, path string) ([]byte, error) {
	return infile.Reader{Stdin: c.Stdin}.Read(ctx, path)
}

// Note says something beside the result.
func (c *Console) Note(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "edgenet: %s\n", c.Signs(report.Clean(fmt.Sprintf(format, args...), 600)))
}

// Signs is a text of ours for this locale: where nothing says that it knows more than ASCII (a
// Windows console with a code page of its own, an old terminal), ellipses, dashes and arrows
// take their ASCII forms. Letters stay, since they belong to names.
func (c *Console) Signs(text string) string {
	if c.utf8() {
		return text
	}
	return render.ASCIISigns(text)
}

// OutWidth is the width of the terminal behind standard output; 0 means it is none.
func (c *Console) OutWidth() int { return width(c.Width) }

// ErrorWidth is that of the terminal behind standard error.
func (c *Console) ErrorWidth() int { return width(c.ErrWidth) }

func width(f func() int) int {
	if f == nil {
		return 0
	}
	return f()
}

// Rows is the height of the terminal; 0 where there is none.
func (c *Console) Rows() int {
	if c.OutWidth() == 0 && c.ErrorWidth() == 0 {
		return 0
	}
	return width(c.Height)
}

// Plain tells that the terminal moves no cursor.
func (c *Console) Plain() bool { return c.Getenv("TERM") == "dumb" }

// TextOptions are those of the text on standard output: colour and glyphs only where they
// work.
func (c *Console) TextOptions(verbose, quiet bool) render.TextOptions {
	width := c.OutWidth()
	tty := width > 0 && !c.Plain()
	height := c.Rows()
	if width == 0 { // what is kept is read on any screen
		width, height = 100, 0
	}
	return render.TextOptions{
		Width:   width,
		Height:  height,
		Color:   tty && c.Getenv("NO_COLOR") == "",
		Unicode: c.utf8(),
		Verbose: verbose,
		Quiet:   quiet,
	}
}

// utf8 goes by the locale, as other programs do (POSIX: LC_ALL, LC_CTYPE, LANG).
func (c *Console) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(c.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// Status is a line on a terminal that the next output replaces; nothing elsewhere.
func (c *Console) Status(text string) {
	w := c.ErrorWidth()
	if w == 0 || c.Plain() {
		return
	}
	if len(text) >= w {
		text = ""
	}
	fmt.Fprintf(c.Stderr, "\r\x1b[K%s", c.Signs(text))
}
