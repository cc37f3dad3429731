package amqp

import (
	"errors"
	"fmt"
)

// Descriptor codes of a message's sections (3.2).
const (
	codeHeader        uint64 = 0x70
	codeDeliveryNotes uint64 = 0x71
	codeAnnotations   uint64 = 0x72
	codeProperties    uint64 = 0x73
	codeApplication   uint64 = 0x74
	codeData          uint64 = 0x75
	codeSequence      uint64 = 0x76
	codeValue         uint64 = 0x77
	codeFooter        uint64 = 0x78
)

// FormatBatch marks a delivery whose Data sections are whole messages: the
// vendor's batch of telemetry.
const FormatBatch uint32 = 0x80013700

// Message is a bare message with its annotations (3.2). Header, delivery
// annotations and footer are read over: nothing here depends on them.
type Message struct {
	Format                uint32
	Annotations           Map
	Properties            *Properties
	ApplicationProperties Map
	Data                  [][]byte
	Value                 any // of an amqp-value section
}

// Properties are 3.2.4, of which nothing is interpreted but copied.
type Properties struct {
	MessageID       any // ulong, uuid, binary or string
	To              string
	Subject         string
	ReplyTo         *string
	CorrelationID   any
	ContentType     string
	ContentEncoding string
}

func (p *Properties) list() []any {
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	symbol := func(s string) any {
		if s == "" {
			return nil
		}
		return Symbol(s)
	}
	return []any{
		p.MessageID, nil, text(p.To), text(p.Subject), opt(p.ReplyTo), p.CorrelationID,
		symbol(p.ContentType), symbol(p.ContentEncoding), nil, nil, nil, nil, nil,
	}
}

// Encode writes the message's sections in their order (3.2).
func (m *Message) Encode() []byte {
	var b []byte
	section := func(code uint64, v any) { b = appendValue(b, Described{code, v}) }
	if m.Annotations != nil {
		section(codeAnnotations, m.Annotations)
	}
	if m.Properties != nil {
		section(codeProperties, m.Properties.list())
	}
	if m.ApplicationProperties != nil {
		section(codeApplication, m.ApplicationProperties)
	}
	for _, data := range m.Data {
		section(codeData, data)
	}
	if m.Value != nil {
		section(codeValue, m.Value)
	}
	return b
}

// DecodeMessage reads a message that came in one or more transfers.
func DecodeMessage(b []byte) (*Message, error) {
	m := &Message{}
	d := newDecoder(b)
	for len(d.buf) > 0 {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		section, ok := v.(Described)
		if !ok {
			return nil, errors.New("amqp: a message section without descriptor")
		}
		code, ok := section.Descriptor.(uint64)
		if !ok {
			return nil, fmt.Errorf("amqp: a message section described by %v", section.Descriptor)
		}
		if err := m.section(code, section.Value); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Message) section(code uint64, value any) error {
	ok := true
	switch code {
	case codeAnnotations:
		m.Annotations, ok = value.(Map)
	case codeApplication:
		m.ApplicationProperties, ok = value.(Map)
	case codeProperties:
		var list []any
		if list, ok = value.([]any); ok {
			return m.properties(list)
		}
	case codeData:
		var data []byte
		data, ok = value.([]byte)
		m.Data = append(m.Data, data)
	case codeValue:
		m.Value = value
	case codeHeader, codeDeliveryNotes, codeSequence, codeFooter:
	default:
		return fmt.Errorf("amqp: no message section is described by %#x", code)
	}
	if !ok {
		return fmt.Errorf("amqp: message section %#x holds a %T", code, value)
	}
	return nil
}

func (m *Message) properties(list []any) error {
	f := &fields{name: "properties", list: list}
	p := &Properties{
		MessageID: f.at(0), Subject: or(f, 3, ""), ReplyTo: field[string](f, 4), CorrelationID: f.at(5),
		ContentType: string(or[Symbol](f, 6, "")), ContentEncoding: string(or[Symbol](f, 7, "")),
	}
	p.To, _ = asText(f.at(2))
	m.Properties = p
	return f.err
}

// Body is all data sections in one, or an amqp-value that is text or bytes.
func (m *Message) Body() []byte {
	switch v := m.Value.(type) {
	case string:
		return []byte(v)
	case []byte:
		return v
	}
	var b []byte
	for _, data := range m.Data {
		b = append(b, data...)
	}
	return b
}

// Operation is an annotation's text: the hub's twin requests carry their verb
// and resource there.
func (m *Message) Operation(name string) string { return m.Annotations.Text(name) }
