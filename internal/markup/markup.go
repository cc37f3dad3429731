// Package markup writes pages: markup of our own around what strangers wrote, which is escaped
// here and nowhere else. html/template would make the binary a sixth larger, since it keeps every
// method of every type in it; a page whose strangers' texts stand between tags and in quoted
// attributes alone needs no more than their escaping.
package markup

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"strings"
)

// Text is markup of our own. Only a constant becomes one without a conversion, so that the
// compiler keeps what a stranger wrote from being taken for markup.
type Text string

// Page is a page that is written. It is made whole before the first byte goes out.
type Page struct{ b strings.Builder }

// Put writes the markup with every % replaced by the next text, escaped for its place between
// tags or in a double-quoted attribute.
func (p *Page) Put(form Text, texts ...string) {
	rest := string(form)
	for _, text := range texts {
		before, after, _ := strings.Cut(rest, "%")
		p.b.WriteString(before)
		p.b.WriteString(html.EscapeString(text))
		rest = after
	}
	p.b.WriteString(rest)
}

// Own writes a style sheet or a script of our own as it is: its hash is what Policy allows.
func (p *Page) Own(text string) { p.b.WriteString(text) }

// Send hands the page out.
func (p *Page) Send(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Policy is the Content-Security-Policy of a page that may show itself, by this one style sheet,
// and run this one script; empty is none.
func Policy(style, script string) string {
	allowed := "default-src 'none'; style-src " + hash(style)
	if script != "" {
		allowed += "; script-src " + hash(script)
	}
	return allowed + "; img-src data:; base-uri 'none'; form-action 'none'"
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
