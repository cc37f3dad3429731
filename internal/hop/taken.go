package hop

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"
)

// Taken is what a peer takes of a hello of TLS 1.2 with all that OpenSSL offers. The zero value: nothing.
type Taken struct {
	Suite     string // by OpenSSL's name
	Group     uint16 // of an ECDHE exchange (RFC 8422, section 5.1.1)
	Bits      int    // of the prime of a DHE exchange
	Signature uint16 // of the exchange (RFC 8446, section 4.2.3)
	Old       string // the version, where it is older than was offered first
}

// leastDH is the least prime in bits that OpenSSL accepts at its default level 2.
const leastDH = 2048

// The groups and signatures that OpenSSL offers by default and this program's hello does not.
var (
	otherGroups     = map[uint16]string{25: "P-521", 30: "X448"}
	otherSignatures = map[uint16]string{0x0808: "Ed448", 0x0809: "RSA-PSS", 0x080a: "RSA-PSS", 0x080b: "RSA-PSS"}
)

// Beyond says what of it this program's own hello does not offer, beside the suite; empty where
// there is nothing.
func (t Taken) Beyond() string {
	if g := otherGroups[t.Group]; g != "" {
		return "the curve " + g
	}
	if s := otherSignatures[t.Signature]; s != "" {
		return "a certificate's key for " + s
	}
	return ""
}

// TooSmall says what of it OpenSSL refuses though it offers it; empty where there is nothing.
func (t Taken) TooSmall() string {
	if t.Bits > 0 && t.Bits < leastDH {
		return fmt.Sprintf("a Diffie-Hellman prime of %d bits, where OpenSSL's default level wants %d", t.Bits, leastDH)
	}
	return ""
}

var errNoServerHello = errors.New("no ServerHello")

// The types of handshake messages (RFC 5246, section 7.4).
const (
	serverHello       = 2
	serverKeyExchange = 12
	serverHelloDone   = 14
)

// readAnswer reads a peer's messages up to its key exchange. What comes after the ServerHello is of
// use where it comes, and missed by nobody where it does not.
func readAnswer(r io.Reader) (id uint16, t Taken, err error) {
	messages := &records{r: r}
	kind, body, err := messages.next()
	const session = 2 + 32 // version, random
	if err != nil {
		return 0, t, err
	}
	if kind != serverHello || len(body) <= session || len(body) < session+1+int(body[session])+2 {
		return 0, t, errNoServerHello
	}
	id = binary.BigEndian.Uint16(body[session+1+int(body[session]):])
	if version := binary.BigEndian.Uint16(body); version < tls.VersionTLS12 {
		t.Old = tls.VersionName(version)
	}
	for range 8 {
		kind, body, err = messages.next()
		if err != nil || kind == serverHelloDone {
			return id, t, nil //nolint:nilerr // see above
		}
		if kind == serverKeyExchange {
			t.exchange(body, strings.HasPrefix(suiteName(id), "DHE-"))
			return id, t, nil
		}
	}
	return id, t, nil
}

// exchange reads a ServerKeyExchange: of ECDHE (RFC 8422, section 5.4) a named curve, a point and a
// signature; of DHE (RFC 5246, section 7.4.3) three numbers, the first of them the prime, and a signature.
func (t *Taken) exchange(body []byte, dhe bool) {
	switch {
	case dhe && len(body) > 2:
		if prime := int(binary.BigEndian.Uint16(body)); prime > 0 && len(body) > 2+prime {
			t.Bits = (prime-1)*8 + bits.Len8(body[2])
		}
	case !dhe && len(body) > 4 && body[0] == 3:
		t.Group = binary.BigEndian.Uint16(body[1:])
		if at := 4 + int(body[3]); len(body) >= at+2 {
			t.Signature = binary.BigEndian.Uint16(body[at:])
		}
	}
}

// records takes handshake messages out of their records.
type records struct {
	r    io.Reader
	left []byte
}

// maxMessage bounds a message in bytes; a chain of certificates is one.
const maxMessage = 64 << 10

// next gives the next message.
func (x *records) next() (kind byte, body []byte, err error) {
	if err := x.fill(4); err != nil {
		return 0, nil, err
	}
	size := int(x.left[1])<<16 | int(x.left[2])<<8 | int(x.left[3])
	if size > maxMessage {
		return 0, nil, errNoServerHello
	}
	if err := x.fill(4 + size); err != nil {
		return 0, nil, err
	}
	kind, body = x.left[0], x.left[4:4+size]
	x.left = x.left[4+size:]
	return kind, body, nil
}

// fill reads records until so many bytes are there.
func (x *records) fill(n int) error {
	for len(x.left) < n {
		var head [5]byte
		if _, err := io.ReadFull(x.r, head[:]); err != nil {
			return err
		}
		size := int(binary.BigEndian.Uint16(head[3:]))
		if head[0] != 22 || head[1] != 3 || size == 0 || size > 1<<14+256 {
			return errNoServerHello
		}
		record := make([]byte, size)
		if _, err := io.ReadFull(x.r, record); err != nil {
			return err
		}
		x.left = append(x.left, record...)
	}
	return nil
}
