package jsonedit

import (
	"bytes"
	"encoding/json"
)

// maxDepth bounds the nesting; manifests have some ten levels.
const maxDepth = 500

var bom = []byte("\xef\xbb\xbf") // Windows editors start files so

// Parse reads one JSON value that fills the text. The error is a *SyntaxError.
func Parse(text []byte) (*Document, error) { return parse(&parser{text: text}) }

func parse(p *parser) (*Document, error) {
	text := p.text
	if bytes.HasPrefix(text, bom) {
		p.at = len(bom)
	}
	root := p.value(0)
	if p.space(); p.bad == nil && p.at < len(text) {
		p.expected(p.instead("the end of the text"))
	}
	d := &Document{Text: text, Root: root, Loose: p.loosened, lines: lineStarts(text)}
	if p.bad != nil {
		p.bad.Line, p.bad.Column = d.Position(p.badAt)
		return nil, p.bad
	}
	return d, nil
}

type parser struct {
	text     []byte
	at       int
	bad      *SyntaxError
	badAt    int
	loose    bool // read as Newtonsoft.Json does
	loosened *Looseness
}

// expected notes the first fault; everything after it gives up.
func (p *parser) expected(what string) {
	if p.bad != nil {
		return
	}
	p.bad, p.badAt = &SyntaxError{Expected: what}, p.at
	p.at = len(p.text)
}

// instead says what stands where something else is expected, for the things that people
// really put there.
func (p *parser) instead(what string) string {
	rest := p.text[min(p.at, len(p.text)):]
	switch {
	case len(rest) > 0 && rest[0] == 0:
		return what + ", and no NUL characters: the file is cut off, or in another encoding"
	case bytes.HasPrefix(rest, []byte("<!")), bytes.HasPrefix(rest, []byte("<?")), bytes.HasPrefix(rest,
		[]byte("<html")):
		return what + ": this is a page of HTML or XML"
	case bytes.HasPrefix(p.text, []byte("---")), bytes.HasPrefix(p.text, []byte("- ")):
		return what + ": this is YAML"
	case len(rest) > 0 && (rest[0] == '}' || rest[0] == ']') && p.at > 0 && p.afterComma():
		return what + ", or no comma before " + string(rest[0])
	case bytes.HasPrefix(rest, []byte("${")), bytes.HasPrefix(p.text[max(p.at-1, 0):],
		[]byte("{{")), bytes.HasPrefix(rest, []byte("<")), bytes.HasPrefix(rest, []byte("#{")),
		len(rest) > 1 && rest[0] == '$' && (rest[1] >= 'A' && rest[1] <= 'Z' || rest[1] >= 'a' && rest[1] <= 'z'):
		return what + ": a placeholder without quotes stands here, to be filled in before anybody reads the file"
	}
	return what
}

// afterComma tells whether a comma stands before the place, white space aside.
func (p *parser) afterComma() bool {
	before := bytes.TrimRight(p.text[:p.at], " \t\r\n")
	return len(before) > 0 && before[len(before)-1] == ','
}

func (p *parser) space() {
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			p.at++
		case p.loose && p.looseSpace():
		default:
			if !p.loose && c == '/' && p.at+1 < len(p.text) && (p.text[p.at+1] == '/' || p.text[p.at+1] == '*') {
				p.expected("no comment: JSON has none")
			}
			return
		}
	}
}

// next is the byte to read, 0 at the end.
func (p *parser) next() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value(depth int) *Node {
	p.space()
	n := &Node{Start: p.at}
	switch c := p.next(); {
	case depth > maxDepth:
		p.expected("less than 500 levels")
	case p.loose && p.looseValue(n, depth):
	case c == '{':
		p.object(n, depth)
	case c == '[':
		p.array(n, depth)
	case c == '"':
		n.Kind, n.Text = String, p.str()
	case c == '-' || c >= '0' && c <= '9':
		n.Kind = Number
		p.number()
		n.Text = string(p.text[n.Start:p.at])
	case c == 't':
		p.word(n, Bool, "true")
	case c == 'f':
		p.word(n, Bool, "false")
	case c == 'n':
		p.word(n, Null, "null")
	default:
		p.expected(p.instead("a value"))
	}
	n.End = p.at
	return n
}

func (p *parser) word(n *Node, k Kind, w string) {
	if !bytes.HasPrefix(p.text[p.at:], []byte(w)) {
		p.expected(w)
		return
	}
	n.Kind, n.Text = k, w
	p.at += len(w)
}

func (p *parser) object(n *Node, depth int) {
	n.Kind = Object
	p.at++
	if p.space(); p.next() == '}' {
		p.at++
		return
	}
	for p.bad == nil {
		p.space()
		m := Member{KeyStart: p.at}
		switch {
		case p.loose && p.looseEnd('}', len(n.Members)):
			return
		case p.loose && p.looseKey(&m):
		case p.next() != '"':
			p.expected(p.instead(`a key in double quotes`))
			return
		default:
			m.Key = p.str()
		}
		m.KeyEnd = p.at
		if p.space(); p.next() != ':' {
			p.expected("a colon after the key")
			return
		}
		p.at++
		m.Value = p.value(depth + 1)
		n.Members = append(n.Members, m)
		if !p.more('}') {
			return
		}
	}
}

func (p *parser) array(n *Node, depth int) {
	n.Kind = Array
	p.at++
	if p.space(); p.next() == ']' {
		p.at++
		return
	}
	for p.bad == nil {
		if p.loose {
			if p.space(); p.looseEnd(']', len(n.Items)) {
				return
			}
		}
		n.Items = append(n.Items, p.value(depth+1))
		if !p.more(']') {
			return
		}
	}
}

// more reads what stands after a member: a comma, or the end.
func (p *parser) more(end byte) bool {
	p.space()
	switch p.next() {
	case ',':
		p.at++
		return true
	case end:
		p.at++
	default:
		p.expected("a comma or " + string(end))
	}
	return false
}

// str reads a string and gives its value.
func (p *parser) str() string {
	start := p.at
	p.at++
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			var s string
			if json.Unmarshal(p.text[start:p.at], &s) != nil { // which replaces what is no UTF-8
				p.at = start
				p.expected(`a string with valid escapes (\" \\ \/ \b \f \n \r \t \uXXXX)`)
			}
			return s
		case c == '\\':
			p.at += 2
		case c < 0x20:
			p.expected("the end of the string, or its control characters escaped")
			return ""
		default:
			p.at++
		}
	}
	p.at = start
	p.expected("the end of this string")
	return ""
}

func (p *parser) digits() bool {
	start := p.at
	for c := p.next(); c >= '0' && c <= '9'; c = p.next() {
		p.at++
	}
	return p.at > start
}

func (p *parser) number() {
	if p.next() == '-' {
		p.at++
	}
	if p.next() == '0' {
		p.at++
	} else if !p.digits() {
		p.expected(p.instead("a digit"))
		return
	}
	if p.next() == '.' {
		if p.at++; !p.digits() {
			p.expected("a digit")
			return
		}
	}
	if c := p.next(); c == 'e' || c == 'E' {
		p.at++
		if c := p.next(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			p.expected("a digit")
		}
	}
}
