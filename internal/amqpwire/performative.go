package amqpwire

import "edgenet/report"

// Codes of the performatives (part 2, section 2.7; part 5, section 5.3.3).
const (
	CodeOpen           = 0x10
	CodeTransfer       = 0x14
	CodeDisposition    = 0x15
	CodeClose          = 0x18
	CodeError          = 0x1d
	CodeSASLMechanisms = 0x40
	CodeSASLOutcome    = 0x44
)

// Performative is one with all of its fields.
type Performative struct {
	Code   uint64
	fields []any
}

// Parse reads a whole body; an empty one is a heartbeat's.
func Parse(body []byte) (Performative, error) {
	if len(body) == 0 {
		return Performative{}, nil
	}
	code, f, err := Start(body)
	if err != nil {
		return Performative{}, err
	}
	f.d.rest = f.d.take(f.size)
	var fields []any
	for f.left > 0 && f.d.err == nil {
		fields = append(fields, f.Next())
	}
	if f.d.err != nil {
		return Performative{}, f.d.err
	}
	return Performative{code, fields}, nil
}

// Field gives a field, nil where it is absent.
func (p Performative) Field(i int) any {
	if i < len(p.fields) {
		return p.fields[i]
	}
	return nil
}

// Mechanisms reads the one field of sasl-mechanisms, which is an array of symbols or a
// single one (multiple="true", part 1, section 1.4).
func (p Performative) Mechanisms() []string {
	var out []string
	add := func(v any) {
		if s, ok := v.(string); ok && len(out) < 16 {
			out = append(out, report.Clean(s, 40))
		}
	}
	if many, ok := p.Field(0).([]any); ok {
		for _, v := range many {
			add(v)
		}
		return out
	}
	add(p.Field(0))
	return out
}

// Text gives a field that is a string or symbol, cleaned.
func (p Performative) Text(i int) string {
	s, _ := p.Field(i).(string)
	return report.Clean(s, 200)
}

// Number gives a field that is an unsigned number.
func (p Performative) Number(i int) (uint64, bool) {
	n, ok := p.Field(i).(uint64)
	return n, ok
}

// Problem gives condition and description of a close's error (part 2, section 2.8.14).
func (p Performative) Problem() (condition, description string, ok bool) {
	x, ok := p.Field(0).(described)
	if !ok || x.desc != uint64(CodeError) {
		return "", "", false
	}
	fields, _ := x.value.([]any)
	e := Performative{fields: fields}
	return e.Text(0), e.Text(1), true
}
