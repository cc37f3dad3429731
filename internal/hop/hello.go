package hop

import (
	"crypto/tls"
	"net"

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
	New          // TLS 1.3 alone
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
	case New:
		c.MinVersion = tls.VersionTLS13
	case Large:
		c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384}
	}
}

// sketch is the shortest ClientHello that IoT Hub answers with its certificates: TLS 1.2 with suites that
// the hub's list and every TLS library have, and a server name (RFC 5246, section 7.4.1.2; RFC 6066,
// section 3; RFC 8422, section 5.1). Whoever reads server names on the way sees the same as in any other.
func sketch(name string) []byte {
	return helloOf([]byte{0xc0, 0x2f, 0xc0, 0x30, 0xc0, 0x2b}, serverName(name), // ECDHE with AES-GCM
		extension(10, sized(2, []byte{0, 23})),            // P-256
		extension(13, sized(2, []byte{8, 4, 4, 1, 4, 3}))) // RSA-PSS, RSA and ECDSA with SHA-256
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
