package amqp

import "fmt"

// performative is the list behind a descriptor that opens a frame's body.
type performative interface {
	code() uint64
	list() []any
}

// Performative is one of the transport's (2.7): *Open, *Begin, *Attach, *Flow,
// *Transfer, *Disposition, *Detach, *End, *Close.
type Performative interface{ performative }

// SASL is one of the security layer's (5.3.3): *Mechanisms, *Init, *Outcome.
type SASL interface{ performative }

// fields reads a performative's list by position, where trailing fields may be
// missing and null means absent (1.4). The first wrong type is kept in err.
type fields struct {
	name string
	list []any
	err  error
}

func (f *fields) at(i int) any {
	if i < len(f.list) {
		return f.list[i]
	}
	return nil
}

func (f *fields) wrong(i int, want string) {
	if f.err == nil {
		f.err = fmt.Errorf("amqp: field %d of %s is %T, expected %s", i, f.name, f.list[i], want)
	}
}

// field reads field i where it is a T; absent gives nil.
func field[T any](f *fields, i int) *T {
	v := f.at(i)
	if v == nil {
		return nil
	}
	t, ok := v.(T)
	if !ok {
		f.wrong(i, fmt.Sprintf("%T", t))
		return nil
	}
	return &t
}

// must reads field i, which has to be there.
func must[T any](f *fields, i int) T {
	var zero T
	p := field[T](f, i)
	if p == nil {
		if f.err == nil {
			f.err = fmt.Errorf("amqp: field %d of %s is missing", i, f.name)
		}
		return zero
	}
	return *p
}

// or reads field i or gives the default.
func or[T any](f *fields, i int, otherwise T) T {
	if p := field[T](f, i); p != nil {
		return *p
	}
	return otherwise
}

// opt turns a pointer into a field: nil becomes null.
func opt[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// texts reads a symbol or an array of them ("multiple", 1.4).
func texts(v any) []Symbol {
	switch v := v.(type) {
	case Symbol:
		return []Symbol{v}
	case Array:
		var out []Symbol
		for _, item := range v {
			if s, ok := item.(Symbol); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// optMap writes a map field, absent where it is nil.
func optMap(m Map) any {
	if m == nil {
		return nil
	}
	return m
}

// Described values come back as raw lists; described checks the descriptor.
func described(v any, want uint64) ([]any, bool) {
	d, ok := v.(Described)
	if !ok || d.Descriptor != any(want) {
		return nil, false
	}
	list, ok := d.Value.([]any)
	return list, ok
}
