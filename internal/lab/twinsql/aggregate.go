package twinsql

import "edgenet/internal/sorting"

// Aggregation adds up the documents of a query with aggregates, one after the other.
type Aggregation struct {
	query  *Query
	groups map[any]*group // by the value of GROUP BY
	order  []*group
}

type group struct {
	key   any
	count int
	cells []cell // one a column
}

type cell struct {
	n, sum     float64
	least, top any
}

// Aggregate begins to add up.
func (q *Query) Aggregate() *Aggregation {
	return &Aggregation{query: q, groups: make(map[any]*group)}
}

// Add takes a document that passed WHERE.
func (a *Aggregation) Add(r Row) {
	var key any
	if a.query.Group != nil {
		key = r.Get(a.query.Group)
	}
	index := key
	switch key.(type) {
	case Object, []any: // no primitives: the hub does not group by them
		key = Undefined{}
		index = key
	}
	g := a.groups[index]
	if g == nil {
		g = &group{key: key, cells: make([]cell, len(a.query.Columns))}
		a.groups[index] = g
		a.order = append(a.order, g)
	}
	g.count++
	for i, c := range a.query.Columns {
		if c.Aggregate != "" && c.Path != nil {
			g.cells[i].add(r.Get(c.Path))
		}
	}
}

func (c *cell) add(v any) {
	if n, ok := v.(float64); ok {
		c.n, c.sum = c.n+1, c.sum+n
	}
	if !defined(v) || v == nil {
		return
	}
	if c.least == nil || compare("<", v, c.least) == yes {
		c.least = v
	}
	if c.top == nil || compare(">", v, c.top) == yes {
		c.top = v
	}
}

// Rows are the result: one row without GROUP BY, else one a group in the order of the keys.
func (a *Aggregation) Rows() []Object {
	if a.query.Group == nil && len(a.order) == 0 {
		a.order = []*group{{cells: make([]cell, len(a.query.Columns))}}
	}
	sorting.By(a.order, func(x, y *group) int {
		switch {
		case compare("<", x.key, y.key) == yes:
			return -1
		case compare("<", y.key, x.key) == yes:
			return 1
		}
		return rankOf(x.key) - rankOf(y.key)
	})
	out := make([]Object, 0, len(a.order))
	for _, g := range a.order {
		out = append(out, a.row(g))
	}
	return out
}

func rankOf(v any) int {
	switch v.(type) {
	case Undefined:
		return 0
	case nil:
		return 1
	case bool:
		return 2
	case float64:
		return 3
	}
	return 4
}

func (a *Aggregation) row(g *group) Object {
	out := make(Object, 0, len(a.query.Columns))
	for i, c := range a.query.Columns {
		v := g.value(c.Aggregate, &g.cells[i])
		if defined(v) {
			out = append(out, Member{c.Name, v})
		}
	}
	return out
}

func (g *group) value(aggregate string, c *cell) any {
	switch {
	case aggregate == "":
		return g.key
	case aggregate == "COUNT":
		return float64(g.count)
	case aggregate == "SUM":
		return c.sum
	case aggregate == "AVG" && c.n > 0:
		return c.sum / c.n
	case aggregate == "MIN" && c.least != nil:
		return c.least
	case aggregate == "MAX" && c.top != nil:
		return c.top
	}
	return Undefined{}
}
