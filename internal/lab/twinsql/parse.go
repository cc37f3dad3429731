package twinsql

import (
	"strings"
	"unicode/utf8"
)

type parser struct {
	lexemes []lexeme
	dialect Dialect
	from    string
	depth   int
	terms   int
}

// maxNesting bounds brackets and NOTs, maxTerms the comparisons of a condition.
const (
	maxNesting = 64
	maxTerms   = 1000
)

// Parse reads a query. Errors are of type *SyntaxError.
func Parse(q string, d Dialect) (*Query, error) {
	if n := utf8.RuneCountInString(q); n > MaxLength {
		return nil, bad(0, "%d characters, at most %d are allowed", n, MaxLength)
	}
	lexemes, err := lex(q)
	if err != nil {
		return nil, err
	}
	p := &parser{lexemes: lexemes, dialect: d}
	return p.query()
}

// ParseCondition reads what stands behind WHERE, of documents of a collection.
func ParseCondition(text, from string, d Dialect) (Condition, error) {
	lexemes, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{lexemes: lexemes, dialect: d, from: from}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	return c, p.finish()
}

func (p *parser) peek() lexeme { return p.lexemes[0] }

func (p *parser) next() lexeme {
	l := p.lexemes[0]
	if l.kind != end {
		p.lexemes = p.lexemes[1:]
	}
	return l
}

// is tells whether the next lexeme is this keyword or symbol, and passes it if so.
func (p *parser) is(what string) bool {
	l := p.peek()
	if l.kind == symbol && l.text == what || l.kind == word && strings.EqualFold(l.text, what) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(what string) error {
	if !p.is(what) {
		return bad(p.peek().at, "expected %s", what)
	}
	return nil
}

func (p *parser) finish() error {
	if l := p.peek(); l.kind != end {
		return bad(l.at, "unexpected %q", l.text)
	}
	return nil
}

func (p *parser) query() (*Query, error) {
	q := &Query{}
	if err := p.expect("SELECT"); err != nil {
		return nil, err
	}
	// The columns are read once the collection is known: names may begin with it.
	columns := p.lexemes
	for depth := 0; p.peek().kind != end; p.next() {
		if l := p.peek(); depth == 0 && l.kind == word && strings.EqualFold(l.text, "FROM") {
			break
		}
	}
	if err := p.expect("FROM"); err != nil {
		return nil, err
	}
	if err := p.collection(q); err != nil {
		return nil, err
	}
	rest := p.lexemes
	p.lexemes = columns
	if err := p.selection(q); err != nil {
		return nil, err
	}
	if err := p.expect("FROM"); err != nil {
		return nil, err
	}
	p.lexemes = rest
	if err := p.clauses(q); err != nil {
		return nil, err
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return q, q.check(p.dialect)
}

// clauses are WHERE and GROUP BY.
func (p *parser) clauses(q *Query) (err error) {
	if p.is("WHERE") {
		if q.Where, err = p.or(); err != nil {
			return err
		}
	}
	if !p.is("GROUP") {
		return nil
	}
	if err := p.expect("BY"); err != nil {
		return err
	}
	q.Group, err = p.path()
	return err
}

func (p *parser) collection(q *Query) error {
	l := p.next()
	if l.kind != word || !strings.EqualFold(l.text, "devices") {
		return bad(l.at, "expected devices, devices.modules or devices.jobs")
	}
	q.From = FromDevices
	if p.is(".") {
		l := p.next()
		switch strings.ToLower(l.text) {
		case "modules":
			q.From = FromModules
		case "jobs":
			q.From = FromJobs
		default:
			return bad(l.at, "no collection devices.%s", l.text)
		}
	}
	p.from = q.From
	return nil
}

func (p *parser) selection(q *Query) error {
	if p.is("TOP") {
		l := p.next()
		n, ok := count(l)
		if !ok {
			return bad(l.at, "expected a whole number of at least 1 behind TOP")
		}
		q.Top = n
	}
	if p.is("*") {
		q.Star = true
		return nil
	}
	for {
		c, err := p.column(len(q.Columns))
		if err != nil {
			return err
		}
		q.Columns = append(q.Columns, c)
		if !p.is(",") {
			return nil
		}
	}
}

func count(l lexeme) (int, bool) {
	n := 0
	for _, c := range []byte(l.text) {
		if c < '0' || c > '9' || n > 1<<30 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, l.kind == number && n > 0
}

func isAggregate(word string) bool {
	switch word {
	case "COUNT", "AVG", "SUM", "MIN", "MAX":
		return true
	}
	return false
}

func (p *parser) column(i int) (c Column, err error) {
	l := p.peek()
	if name := strings.ToUpper(l.text); l.kind == word && isAggregate(name) && p.lexemes[1].text == "(" {
		c.Aggregate, c.Name = name, "$"+string(rune('1'+min(i, 8)))
		p.next()
		p.next()
		if name != "COUNT" {
			if c.Path, err = p.path(); err != nil {
				return c, err
			}
		}
		if err := p.expect(")"); err != nil {
			return c, err
		}
	} else {
		if c.Path, err = p.path(); err != nil {
			return c, err
		}
		c.Name = c.Path[len(c.Path)-1]
	}
	if p.is("AS") {
		l := p.next()
		if l.kind != word && l.kind != quoted {
			return c, bad(l.at, "expected a name behind AS")
		}
		c.Name = l.text
	}
	return c, nil
}

// reserved are the words that no path begins with; [[…]] makes them names.
func reserved(word string) bool {
	switch word {
	case "SELECT", "FROM", "WHERE", "GROUP", "BY", "AND", "NOT", "IN", "NIN", "AS", "TOP":
		return true
	}
	return false
}

// path is a name with members. The collection's own name in front is dropped.
func (p *parser) path() ([]string, error) {
	var path []string
	for {
		l := p.next()
		if l.kind != word && l.kind != quoted || l.kind == word && len(path) == 0 && reserved(strings.ToUpper(l.text)) {
			return nil, bad(l.at, "expected the name of a property")
		}
		path = append(path, l.text)
		if len(path) > maxNesting {
			return nil, bad(l.at, "more than %d members", maxNesting)
		}
		if !p.is(".") {
			break
		}
	}
	own := strings.Split(p.from, ".")
	if len(path) > len(own) && strings.EqualFold(strings.Join(path[:len(own)], "."), p.from) {
		path = path[len(own):]
	}
	return path, nil
}

// check holds a query against what the hub takes of each collection.
func (q *Query) check(d Dialect) error {
	if q.From == FromJobs {
		if !q.Star || q.Group != nil {
			return bad(0, "only SELECT * goes with devices.jobs")
		}
		return nil
	}
	aggregates := q.Aggregates()
	switch {
	case aggregates && q.Star:
		return bad(0, "SELECT * does not go with GROUP BY")
	case aggregates && q.From == FromModules && d.RefuseGroupModules:
		return bad(0, "aggregation is supported on devices alone")
	case !aggregates && !q.Star && d.RefuseProjections:
		return bad(0, "a projection needs an aggregate")
	}
	for _, c := range q.Columns {
		if aggregates && c.Aggregate == "" && strings.Join(c.Path, ".") != strings.Join(q.Group, ".") {
			return bad(0, "%s is neither aggregated nor in GROUP BY", strings.Join(c.Path, "."))
		}
	}
	return nil
}
