package twinsql

import "strings"

// The collections that a query can be asked of.
const (
	FromDevices = "devices"
	FromModules = "devices.modules"
	FromJobs    = "devices.jobs"
)

// MaxLength is the longest query that the hub reads, in characters.
const MaxLength = 8192

// Query is a parsed query.
type Query struct {
	Star    bool
	Columns []Column // empty with Star
	From    string   // one of the collections
	Top     int      // 0 means all
	Where   Condition
	Group   []string // the path of GROUP BY; nil without
}

// Column is one column of the result.
type Column struct {
	Name      string   // in the result's rows
	Path      []string // nil for COUNT()
	Aggregate string   // "" or COUNT, AVG, SUM, MIN, MAX
}

// Aggregates tells whether the query's rows are computed from many.
func (q *Query) Aggregates() bool {
	if q.Group != nil {
		return true
	}
	for _, c := range q.Columns {
		if c.Aggregate != "" {
			return true
		}
	}
	return false
}

// Dialect is what of the language is open. The zero value is the hub's way with twins.
type Dialect struct {
	// RoutingFunctions takes the functions that are documented for message routing.
	RoutingFunctions bool `json:"routingFunctions"`
	// RefuseGroupModules answers GROUP BY and aggregates on devices.modules with an error, which the
	// documentation says and nobody has shown.
	RefuseGroupModules bool `json:"refuseGroupModules"`
	// RefuseProjections takes SELECT * alone where nothing is aggregated, as the documentation says of
	// one page and not of the other.
	RefuseProjections bool `json:"refuseProjections"`
}

// Row is one document. Get gives Undefined where a path leads nowhere.
type Row interface {
	Get(path []string) any
}

// lookup follows a path from the top. The hub knows its own names in any case, and what users name
// by exactly that.
func (o Object) lookup(path []string) any {
	if len(path) == 0 {
		return o
	}
	value := o.Get(path[0])
	if _, none := value.(Undefined); none {
		for _, m := range o {
			if strings.EqualFold(m.Name, path[0]) {
				value = m.Value
				break
			}
		}
	}
	return At(value, path[1:])
}

// Document is an Object as a Row.
type Document struct{ Object }

// Get implements Row.
func (d Document) Get(path []string) any { return d.lookup(path) }

// Project gives the query's row of a document that passed its condition. It is for
// queries without aggregates.
func (q *Query) Project(r Row) Object {
	out := make(Object, 0, len(q.Columns))
	for _, c := range q.Columns {
		if v := r.Get(c.Path); defined(v) {
			out = append(out, Member{c.Name, v})
		}
	}
	return out
}

// Matches tells whether a document passes WHERE.
func (q *Query) Matches(r Row) bool {
	return q.Where == nil || q.Where.truth(r) == yes
}
