package amqp

import (
	"errors"
	"fmt"
)

var parsers = map[uint64]func(*fields) performative{
	codeOpen: func(f *fields) performative {
		return &Open{
			ContainerID: must[string](f, 0), Hostname: field[string](f, 1),
			MaxFrameSize: or(f, 2, uint32(1<<32-1)), ChannelMax: or(f, 3, uint16(1<<16-1)),
			IdleTimeout: field[uint32](f, 4), Properties: or[Map](f, 9, nil),
		}
	},
	codeBegin: func(f *fields) performative {
		return &Begin{
			RemoteChannel: field[uint16](f, 0), NextOutgoingID: must[uint32](f, 1), IncomingWindow: must[uint32](f, 2),
			OutgoingWindow: must[uint32](f, 3), HandleMax: or(f, 4, uint32(1<<32-1)),
		}
	},
	codeAttach: func(f *fields) performative {
		return &Attach{
			Name: must[string](f, 0), Handle: must[uint32](f, 1), Role: Role(must[bool](f, 2)),
			SndSettleMode: field[uint8](f, 3), RcvSettleMode: field[uint8](f, 4), Source: f.at(5), Target: f.at(6),
			InitialDeliveryCount: field[uint32](f, 9), MaxMessageSize: field[uint64](f, 10),
			Properties: or[Map](f, 13, nil),
		}
	},
	codeFlow: func(f *fields) performative {
		return &Flow{
			NextIncomingID: field[uint32](f, 0), IncomingWindow: must[uint32](f, 1), NextOutgoingID: must[uint32](f, 2),
			OutgoingWindow: must[uint32](f, 3), Handle: field[uint32](f, 4), DeliveryCount: field[uint32](f, 5),
			LinkCredit: field[uint32](f, 6), Available: field[uint32](f, 7), Drain: or(f, 8, false),
			Echo: or(f, 9, false),
		}
	},
	codeTransfer: func(f *fields) performative {
		return &Transfer{
			Handle: must[uint32](f, 0), DeliveryID: field[uint32](f, 1), DeliveryTag: or[[]byte](f, 2, nil),
			MessageFormat: field[uint32](f, 3), Settled: field[bool](f, 4), More: or(f, 5, false),
			RcvSettleMode: field[uint8](f, 6), Aborted: or(f, 9, false),
		}
	},
	codeDisposition: func(f *fields) performative {
		return &Disposition{
			Role: Role(must[bool](f, 0)), First: must[uint32](f, 1), Last: field[uint32](f, 2),
			Settled: or(f, 3, false), State: f.at(4),
		}
	},
	codeDetach: func(f *fields) performative {
		return &Detach{Handle: must[uint32](f, 0), Closed: or(f, 1, false), Error: f.error(2)}
	},
	codeEnd:   func(f *fields) performative { return &End{f.error(0)} },
	codeClose: func(f *fields) performative { return &Close{f.error(0)} },
}

var names = map[uint64]string{
	codeOpen: "open", codeBegin: "begin", codeAttach: "attach", codeFlow: "flow", codeTransfer: "transfer",
	codeDisposition: "disposition", codeDetach: "detach", codeEnd: "end", codeClose: "close",
	codeMechanisms: "sasl-mechanisms", codeInit: "sasl-init", codeOutcome: "sasl-outcome",
}

// parse reads the performative at the front of a frame's body and returns what
// follows it.
func parse(body []byte, table map[uint64]func(*fields) performative) (performative, []byte, error) {
	d := newDecoder(body)
	v, err := d.value()
	if err != nil {
		return nil, nil, err
	}
	value, ok := v.(Described)
	if !ok {
		return nil, nil, errors.New("amqp: a frame without a performative")
	}
	code, ok := value.Descriptor.(uint64)
	make, known := table[code]
	if !ok || !known {
		return nil, nil, fmt.Errorf("amqp: no performative is described by %v", value.Descriptor)
	}
	list, ok := value.Value.([]any)
	if !ok {
		return nil, nil, fmt.Errorf("amqp: %s is not a list", names[code])
	}
	f := &fields{name: names[code], list: list}
	p := make(f)
	return p, d.buf, f.err
}

// error reads an error field.
func (f *fields) error(i int) *Error {
	list, ok := described(f.at(i), codeError)
	if !ok {
		return nil
	}
	e := &fields{name: "error", list: list}
	out := &Error{Condition: string(or[Symbol](e, 0, "")), Description: or(e, 1, ""), Info: or[Map](e, 2, nil)}
	if f.err == nil {
		f.err = e.err
	}
	return out
}
