package mqtt

import (
	"encoding/binary"
	"strings"
)

// Connect is 3.1.
type Connect struct {
	Protocol     string
	Level        byte
	CleanSession bool
	KeepAlive    uint16 // seconds; 0 switches the rule off
	ClientID     string
	Will         *Publish
	UserName     string
	HasPassword  bool
	Password     string
}

// Connect reads a CONNECT. Protocol and Level are read first and the rest not at
// all where they are not MQTT 3.1.1's, since later versions go on differently.
func (p Packet) Connect() (Connect, error) {
	r := &body{b: p.Body}
	c := Connect{Protocol: r.text(), Level: r.byte()}
	if r.err != nil || c.Protocol != "MQTT" || c.Level != 4 {
		return c, r.err
	}
	flags := r.byte()
	if flags&1 != 0 {
		return c, malformed("the reserved flag is set")
	}
	c.CleanSession = flags&2 != 0
	c.KeepAlive = r.uint16()
	c.ClientID = r.text()
	if flags&4 != 0 {
		c.Will = &Publish{QoS: flags >> 3 & 3, Retain: flags&32 != 0, Topic: r.text(), Payload: r.bytes()}
		if c.Will.QoS == 3 {
			return c, malformed("a will of QoS 3")
		}
	} else if flags&0x38 != 0 {
		return c, malformed("flags of a will, and no will")
	}
	if flags&128 != 0 {
		c.UserName = r.text()
	}
	if c.HasPassword = flags&64 != 0; c.HasPassword {
		if flags&128 == 0 {
			return c, malformed("a password without user name")
		}
		c.Password = string(r.bytes())
	}
	return c, r.end()
}

// Publish is 3.3.
type Publish struct {
	Duplicate bool
	QoS       byte
	Retain    bool
	Topic     string
	ID        uint16 // with QoS above 0
	Payload   []byte
}

// Publish reads a PUBLISH.
func (p Packet) Publish() (Publish, error) {
	r := &body{b: p.Body}
	m := Publish{Duplicate: p.Flags&8 != 0, QoS: p.Flags >> 1 & 3, Retain: p.Flags&1 != 0, Topic: r.text()}
	if m.QoS > 0 {
		if m.ID = r.uint16(); r.err == nil && m.ID == 0 {
			return m, malformed("packet identifier 0")
		}
	}
	m.Payload = r.b
	if r.err == nil && (m.Topic == "" || strings.ContainsAny(m.Topic, "+#")) {
		return m, malformed("a topic name that is empty or a filter")
	}
	return m, r.err
}

// Subscription is one filter of a SUBSCRIBE (3.8) or UNSUBSCRIBE (3.10).
type Subscription struct {
	Filter string
	QoS    byte
}

// Subscribe reads a SUBSCRIBE or an UNSUBSCRIBE.
func (p Packet) Subscribe() (id uint16, filters []Subscription, err error) {
	r := &body{b: p.Body}
	id = r.uint16()
	for r.err == nil && len(r.b) > 0 {
		s := Subscription{Filter: r.text()}
		if p.Type == TypeSubscribe {
			s.QoS = r.byte()
		}
		if r.err == nil && (s.QoS > 2 || s.Filter == "") {
			return 0, nil, malformed("an empty filter, or QoS above 2")
		}
		filters = append(filters, s)
	}
	if r.err == nil && (len(filters) == 0 || id == 0) {
		return 0, nil, malformed("no filter, or packet identifier 0")
	}
	return id, filters, r.err
}

// ID reads a packet whose body is its identifier alone, such as a PUBACK.
func (p Packet) ID() (uint16, error) {
	r := &body{b: p.Body}
	id := r.uint16()
	return id, r.end()
}

// Empty checks that there is no body: PINGREQ and DISCONNECT.
func (p Packet) Empty() error { return (&body{b: p.Body}).end() }

// appendHeader writes the fixed header (2.2).
func appendHeader(b []byte, first byte, length int) []byte {
	b = append(b, first)
	for length >= 128 {
		b = append(b, byte(length)|128)
		length >>= 7
	}
	return append(b, byte(length))
}

// Connack is 3.2.
func Connack(sessionPresent bool, code byte) []byte {
	present := byte(0)
	if sessionPresent {
		present = 1
	}
	return []byte{TypeConnack << 4, 2, present, code}
}

// Encode writes a PUBLISH.
func (m Publish) Encode() []byte {
	first := TypePublish<<4 | m.QoS<<1
	if m.Duplicate {
		first |= 8
	}
	length := 2 + len(m.Topic) + len(m.Payload)
	if m.QoS > 0 {
		length += 2
	}
	b := appendHeader(nil, first, length)
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.Topic)))
	b = append(b, m.Topic...)
	if m.QoS > 0 {
		b = binary.BigEndian.AppendUint16(b, m.ID)
	}
	return append(b, m.Payload...)
}

// Puback is 3.4.
func Puback(id uint16) []byte { return []byte{TypePuback << 4, 2, byte(id >> 8), byte(id)} }

// Unsuback is 3.11.
func Unsuback(id uint16) []byte { return []byte{TypeUnsuback << 4, 2, byte(id >> 8), byte(id)} }

// Suback is 3.9: one granted QoS per filter.
func Suback(id uint16, granted []byte) []byte {
	b := appendHeader(nil, TypeSuback<<4, 2+len(granted))
	return append(binary.BigEndian.AppendUint16(b, id), granted...)
}

// Pingresp is 3.13.
func Pingresp() []byte { return []byte{TypePingresp << 4, 0} }

// Upkeep does what every server does alike: it answers PINGREQ, and takes PUBACK for what it
// published. Where the packet is neither, ok is false.
func Upkeep(p Packet, send func([]byte) error) (ok bool, err error) {
	switch p.Type {
	case TypePuback:
		_, err = p.ID()
	case TypePingreq:
		if err = p.Empty(); err == nil {
			err = send(Pingresp())
		}
	default:
		return false, nil
	}
	return true, err
}
