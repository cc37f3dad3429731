package fleet

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash/fnv"
	"time"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

// Bounds of a page. A page that found little after so many documents ends there, with a
// continuation, as the hub's do.
const (
	defaultPage = 100
	maxPage     = 1000
	maxScan     = 200_000
)

// page is what one call of a query gives.
type page struct {
	rows []byte // a JSON array
	kind string // x-ms-item-type
	next string // x-ms-continuation; empty at the end
}

// token is a continuation. It holds nothing that a stranger could not know.
type token struct {
	Query    uint64 `json:"q"`
	Position int    `json:"p"`
	Count    int    `json:"c"`
	Issued   int64  `json:"t"`
	Empty    bool   `json:"e,omitempty"` // an empty page went before
}

func (t token) text() string {
	b, err := json.Marshal(t)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(b)
}

func badRequest(code, message string) *hub.StatusError {
	return &hub.StatusError{Status: 400, Code: code, Message: message}
}

// readToken reads a continuation of this query.
func (f *Fleet) readToken(text string, query uint64) (token, error) {
	t := token{Query: query, Issued: f.clock().Unix()}
	if text == "" {
		return t, nil
	}
	refused := badRequest("ArgumentInvalid", "The continuation token is invalid.")
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return t, refused
	}
	t = token{}
	if err := json.Unmarshal(b, &t); err != nil || t.Query != query || t.Position < 0 || t.Count < 0 {
		return t, refused
	}
	if f.clock().Sub(time.Unix(t.Issued, 0)) > f.switches.TokenLife {
		return t, badRequest("ArgumentInvalid", "The continuation token has expired.")
	}
	return t, nil
}

// query answers one page of a query.
func (f *Fleet) query(text string, size int, continuation string) (page, error) {
	q, err := twinsql.Parse(text, f.dialect())
	if err != nil {
		var syntax *twinsql.SyntaxError
		if errors.As(err, &syntax) {
			return page{}, badRequest("ArgumentInvalid",
				"The query is invalid. Please check the format of the query and try again. ("+syntax.Error()+")")
		}
		return page{}, err
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash takes everything
	t, err := f.readToken(continuation, h.Sum64())
	if err != nil {
		return page{}, err
	}
	if size < 1 {
		size = defaultPage
	}
	size = min(size, maxPage)
	t.Issued = f.clock().Unix()
	if f.switches.EmptyPages && !t.Empty {
		t.Empty = true
		return page{rows: []byte("[]"), kind: itemType(q), next: t.text()}, nil
	}
	t.Empty = false
	if q.Top > 0 {
		size = min(size, q.Top-t.Count)
	}
	switch {
	case q.From == twinsql.FromJobs:
		return f.jobRows(q, size, t)
	case q.Aggregates():
		return f.groupRows(q, text, size, t)
	}
	return f.twinRows(q, size, t)
}

func itemType(q *twinsql.Query) string {
	switch {
	case q.From == twinsql.FromJobs:
		return "DeviceJob"
	case q.Star:
		return "Twin"
	}
	return "Raw"
}

// rowsOf is how many documents a collection has.
func (f *Fleet) rowsOf(from string) int {
	if from == twinsql.FromModules {
		return len(f.devices) * len(moduleNames)
	}
	return len(f.devices)
}

// visit shows the document at a position of a collection, as the index has it.
func (f *Fleet) visit(from string, position int, to int32, show func(twinsql.Row)) {
	n, m := position, 0
	if from == twinsql.FromModules {
		n, m = position/len(moduleNames), position%len(moduleNames)
	}
	if f.devices[n].due <= to {
		f.settle(n, to)
	}
	if module := moduleNames[m]; from == twinsql.FromModules {
		d := &f.devices[n]
		if module == "edgenet" && !d.is(running) && d.hub == nil {
			return // the module was never there
		}
		f.index.show(f, n, to, func() { show(moduleRow{f, n, module}) })
		return
	}
	f.index.show(f, n, to, func() { show(deviceRow{f, n}) })
}

// document is a whole row.
func document(r twinsql.Row) object {
	switch r := r.(type) {
	case moduleRow:
		return r.f.moduleTwin(r.n, r.module)
	case deviceRow:
		return r.f.deviceTwin(r.n)
	}
	return nil
}

func (f *Fleet) twinRows(q *twinsql.Query, size int, t token) (page, error) {
	p, all, to := page{kind: itemType(q), rows: []byte{'['}}, f.rowsOf(q.From), f.now()
	found, stop := 0, min(all, t.Position+maxScan)
	for ; t.Position < stop && found < size; t.Position++ {
		f.visit(q.From, t.Position, to, func(r twinsql.Row) {
			if !q.Matches(r) {
				return
			}
			if found++; found > 1 {
				p.rows = append(p.rows, ',')
			}
			row := object(nil)
			if q.Star {
				row = document(r)
			} else {
				row = q.Project(r)
			}
			p.rows = twinsql.Append(p.rows, row)
		})
	}
	p.rows = append(p.rows, ']')
	t.Count += found
	if t.Position < all && (q.Top == 0 || t.Count < q.Top) {
		p.next = t.text()
	}
	return p, nil
}

// groupCache is the last result that was counted, for its further pages.
type groupCache struct {
	query string
	rows  []object
}

func (f *Fleet) groupRows(q *twinsql.Query, text string, size int, t token) (page, error) {
	if t.Position == 0 || f.groups.query != text {
		sum, to := q.Aggregate(), f.now()
		for i := range f.rowsOf(q.From) {
			f.visit(q.From, i, to, func(r twinsql.Row) {
				if q.Matches(r) {
					sum.Add(r)
				}
			})
		}
		f.groups = groupCache{text, sum.Rows()}
	}
	return slice(f.groups.rows, q, size, t), nil
}

// slice is a page of rows that are all there.
func slice(rows []object, q *twinsql.Query, size int, t token) page {
	from := min(t.Position, len(rows))
	to := min(from+max(size, 0), len(rows))
	list := make([]any, 0, to-from)
	for _, r := range rows[from:to] {
		list = append(list, r)
	}
	p := page{rows: twinsql.Append(nil, list), kind: itemType(q)}
	t.Position, t.Count = to, t.Count+to-from
	if to < len(rows) && (q.Top == 0 || t.Count < q.Top) {
		p.next = t.text()
	}
	return p
}
