package amqp

// Descriptor codes of the security layer (5.3.3).
const (
	codeMechanisms uint64 = 0x40
	codeInit       uint64 = 0x41
	codeOutcome    uint64 = 0x44
)

// Outcomes of SASL (5.3.3.6).
const (
	SASLOK   uint8 = 0
	SASLAuth uint8 = 1 // authentication failed
)

// Mechanisms is 5.3.3.1.
type Mechanisms struct{ Names []Symbol }

func (*Mechanisms) code() uint64 { return codeMechanisms }
func (m *Mechanisms) list() []any {
	array := make(Array, len(m.Names))
	for i, name := range m.Names {
		array[i] = name
	}
	return []any{array}
}

// Init is 5.3.3.2.
type Init struct {
	Mechanism Symbol
	Response  []byte
	Hostname  *string
}

func (*Init) code() uint64 { return codeInit }
func (i *Init) list() []any {
	return []any{i.Mechanism, i.Response, opt(i.Hostname)}
}

// Outcome is 5.3.3.5.
type Outcome struct {
	Code       uint8
	Additional []byte
}

func (*Outcome) code() uint64 { return codeOutcome }
func (o *Outcome) list() []any {
	var additional any
	if o.Additional != nil {
		additional = o.Additional
	}
	return []any{o.Code, additional}
}

var saslParsers = map[uint64]func(*fields) performative{
	codeMechanisms: func(f *fields) performative { return &Mechanisms{texts(f.at(0))} },
	codeInit: func(f *fields) performative {
		return &Init{Mechanism: must[Symbol](f, 0), Response: or[[]byte](f, 1, nil), Hostname: field[string](f, 2)}
	},
	codeOutcome: func(f *fields) performative {
		return &Outcome{Code: must[uint8](f, 0), Additional: or[[]byte](f, 1, nil)}
	},
}
