package hop

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"net"
	"slices"

	"edgenet/internal/neterr"
)

// Hello changes a ClientHello for an experiment. The zero value is the runtime's own.
type Hello struct {
	Name   string // the server name in place of TLSOptions.ServerName; zero means that one
	NoName bool   // no server name at all
	Size   Size
}

// Size is how large a ClientHello is.
type Size int

// The sizes. Runtime is the zero value.
const (
	Runtime Size = iota
	Small        // TLS 1.2 alone, one curve: what an old middlebox knows
	Large        // post-quantum key shares, larger than one packet: what new runtimes send
)

func (h Hello) apply(c *tls.Config) {
	switch {
	case h.NoName:
		c.ServerName = ""
	case h.Name != "":
		c.ServerName = h.Name
	}
	switch h.Size {
	case Small:
		c.MaxVersion, c.CurvePreferences = tls.VersionTLS12, []tls.CurveID{tls.CurveP256}
	case Large:
		c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384}
	}
}

// sketch is the shortest ClientHello that IoT Hub answers with its certificates: TLS 1.2 with suites that
// the hub's list and every TLS library have, and a server name (RFC 5246, section 7.4.1.2; RFC 6066,
// section 3; RFC 8422, section 5.1). Whoever reads server names on the way sees the same as in any other.
func sketch(name string) []byte {
	sized := func(body []byte, width int) []byte { // behind its length
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(body)))[4-width:], body...) //nolint:gosec // short
	}
	extension := func(kind byte, list []byte) []byte { return append([]byte{0, kind}, sized(sized(list, 2), 2)...) }
	server := extension(0, append([]byte{0}, sized([]byte(name), 2)...))
	groups := extension(10, []byte{0, 0x17})                       // P-256
	algorithms := extension(13, []byte{8, 4, 4, 1, 4, 3})          // RSA-PSS, RSA and ECDSA with SHA-256
	suites := sized([]byte{0xc0, 0x2f, 0xc0, 0x30, 0xc0, 0x2b}, 2) // ECDHE with AES-GCM
	body := append([]byte{3, 3}, make([]byte, 32)...)              // the version, a random number
	_, _ = rand.Read(body[2:])                                     // which never fails
	body = slices.Concat(body, []byte{0}, suites, []byte{1, 0},    // no session, no compression
		sized(slices.Concat(server, groups, algorithms), 2))
	return append([]byte{22, 3, 1}, sized(append([]byte{1}, sized(body, 3)...), 2)...)
}

// CutAtHello says the shortest hello for a name over a connection, and tells whether it ended without an
// answer: silence is none of both. The connection is good for nothing after it.
func CutAtHello(c net.Conn, name string) bool {
	if g, guarded := c.(interface{ NetConn() net.Conn }); guarded { // nobody waits for acknowledgements here
		c = g.NetConn()
	}
	_, err := c.Write(sketch(name))
	if err == nil {
		_, err = c.Read(make([]byte, 1))
	}
	switch neterr.Of(err) {
	case neterr.Reset, neterr.EOF:
		return true
	}
	return false
}
