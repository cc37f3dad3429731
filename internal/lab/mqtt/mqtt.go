// Package mqtt reads and writes the packets of MQTT 3.1.1 (OASIS, October 2014)
// that a server meets: strictly, as an IoT hub does, which closes on the first
// violation. Sections in comments are the specification's.
//
// It is a codec and nothing else: sessions and topics are the caller's. QoS 2
// packets are named and not read, since no hub takes them.
package mqtt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Packet types (2.2.1).
const (
	TypeConnect     byte = 1
	TypeConnack     byte = 2
	TypePublish     byte = 3
	TypePuback      byte = 4
	TypeSubscribe   byte = 8
	TypeSuback      byte = 9
	TypeUnsubscribe byte = 10
	TypeUnsuback    byte = 11
	TypePingreq     byte = 12
	TypePingresp    byte = 13
	TypeDisconnect  byte = 14
)

// Return codes of a CONNACK (3.2.2.3).
const (
	Accepted              byte = 0
	UnacceptableVersion   byte = 1
	IdentifierRejected    byte = 2
	ServerUnavailable     byte = 3
	BadUserNameOrPassword byte = 4
	NotAuthorized         byte = 5
)

// ErrMalformed is wrapped by everything that is wrong with a packet itself.
var ErrMalformed = errors.New("mqtt: malformed packet")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Packet is one packet, its body still unread.
type Packet struct {
	Type  byte
	Flags byte
	Body  []byte
}

// Read reads one packet whose body has at most limit bytes; the length is
// checked before anything is allocated.
func Read(r io.Reader, limit int) (Packet, error) {
	var b [1]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return Packet{}, err
	}
	p := Packet{Type: b[0] >> 4, Flags: b[0] & 15}
	if err := p.checkFlags(); err != nil {
		return Packet{}, err
	}
	length := 0
	for shift := 0; ; shift += 7 { // 2.2.3: at most four bytes
		if shift > 21 {
			return Packet{}, malformed("a remaining length of more than four bytes")
		}
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return Packet{}, unexpected(err)
		}
		length |= int(b[0]&127) << shift
		if b[0]&128 == 0 {
			break
		}
	}
	if length > limit {
		return Packet{}, malformed("%d bytes, at most %d are taken", length, limit)
	}
	p.Body = make([]byte, length)
	_, err := io.ReadFull(r, p.Body)
	return p, unexpected(err)
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// checkFlags holds the flags against 2.2.2.
func (p Packet) checkFlags() error {
	want := byte(0)
	switch p.Type {
	case 0, 15:
		return malformed("packet type %d", p.Type)
	case TypePublish:
		if p.Flags>>1&3 == 3 {
			return malformed("QoS 3")
		}
		return nil
	case TypeSubscribe, TypeUnsubscribe, 6:
		want = 2
	}
	if p.Flags != want {
		return malformed("flags %#x on packet type %d", p.Flags, p.Type)
	}
	return nil
}

// body reads fields off the front of a packet's body.
type body struct {
	b   []byte
	err error
}

func (r *body) take(n int) []byte {
	if r.err != nil || n > len(r.b) {
		if r.err == nil {
			r.err = malformed("a field ends behind the packet's end")
		}
		return make([]byte, min(n, 2))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *body) byte() byte     { return r.take(1)[0] }
func (r *body) uint16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }

func (r *body) bytes() []byte { return r.take(int(r.uint16())) }

// text reads a UTF-8 string; 1.5.3 forbids U+0000.
func (r *body) text() string {
	b := r.bytes()
	if r.err == nil && (!utf8.Valid(b) || strings.IndexByte(string(b), 0) >= 0) {
		r.err = malformed("a string that is not UTF-8, or with U+0000")
	}
	return string(b)
}

// end returns the first error, leftover bytes among them.
func (r *body) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.err = malformed("%d bytes too many", len(r.b))
	}
	return r.err
}
