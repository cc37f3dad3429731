package hop

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"sync"

	"edgenet/internal/neterr"
)

// suite is a cipher suite of TLS 1.2 by its number and OpenSSL's name.
type suite struct {
	id   uint16
	name string
}

// opensslSuites are what OpenSSL 3 offers for TLS 1.2 by default (openssl ciphers -s -tls1_2
// ALL without what its default level 2 forbids), in its order. Package crypto/tls has only
// some of them.
var opensslSuites = []suite{
	{0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"}, {0xc030, "ECDHE-RSA-AES256-GCM-SHA384"},
	{0x009f, "DHE-RSA-AES256-GCM-SHA384"},
	{0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"}, {0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"},
	{0xccaa, "DHE-RSA-CHACHA20-POLY1305"},
	{0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"}, {0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"},
	{0x009e, "DHE-RSA-AES128-GCM-SHA256"},
	{0xc024, "ECDHE-ECDSA-AES256-SHA384"}, {0xc028, "ECDHE-RSA-AES256-SHA384"}, {0x006b, "DHE-RSA-AES256-SHA256"},
	{0xc023, "ECDHE-ECDSA-AES128-SHA256"}, {0xc027, "ECDHE-RSA-AES128-SHA256"}, {0x0067, "DHE-RSA-AES128-SHA256"},
	{0xc00a, "ECDHE-ECDSA-AES256-SHA"}, {0xc014, "ECDHE-RSA-AES256-SHA"}, {0x0039, "DHE-RSA-AES256-SHA"},
	{0xc009, "ECDHE-ECDSA-AES128-SHA"}, {0xc013, "ECDHE-RSA-AES128-SHA"}, {0x0033, "DHE-RSA-AES128-SHA"},
	{0x009d, "AES256-GCM-SHA384"}, {0x009c, "AES128-GCM-SHA256"}, {0x003d, "AES256-SHA256"}, {0x003c, "AES128-SHA256"},
	{0x0035, "AES256-SHA"}, {0x002f, "AES128-SHA"},
}

// cipherNames are those of package tls, which makes its whole list anew for each question.
var cipherNames sync.Map // uint16 to string

func cipherName(id uint16) string {
	if name, ok := cipherNames.Load(id); ok {
		return name.(string)
	}
	name := tls.CipherSuiteName(id)
	cipherNames.Store(id, name)
	return name
}

// Offered tells whether this program's own hello has a suite, by OpenSSL's name.
func Offered(name string) bool {
	i := slices.IndexFunc(opensslSuites, func(s suite) bool { return s.name == name })
	return i >= 0 && slices.ContainsFunc(tls.CipherSuites(),
		func(c *tls.CipherSuite) bool { return c.ID == opensslSuites[i].id })
}

// ChosenSuite offers OpenSSL's suites in a hello of TLS 1.2 and gives what the peer takes, nothing
// where it takes none of them. Nothing is negotiated further: the connection is of no use after
// it, and the peer is not verified.
func ChosenSuite(ctx context.Context, c net.Conn, name string) (Taken, error) {
	conn := Guard(ctx, c)
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(suitesHello(name)); err != nil {
		return Taken{}, err
	}
	id, t, err := readAnswer(conn)
	if err != nil {
		if k := neterr.Of(err); errors.Is(err, errNoServerHello) || k == neterr.EOF || k == neterr.Reset {
			return Taken{}, nil //nolint:nilerr // a refusal in words or without
		}
		return Taken{}, err
	}
	if t.Suite = suiteName(id); t.Suite == "" {
		return Taken{}, nil // not one that was offered
	}
	return t, nil
}

// suiteName is OpenSSL's name of a suite that it offers; empty for any other.
func suiteName(id uint16) string {
	for _, s := range opensslSuites {
		if s.id == id {
			return s.name
		}
	}
	return ""
}

// sized is a field with its length before it, of one, two or three bytes.
func sized(width int, body []byte) []byte {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(body)))
	return append(n[4-width:], body...)
}

// extension is one of a hello, by its number.
func extension(kind uint16, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, kind), sized(2, body)...)
}

// serverName is the extension with the name that is asked for; nothing for an address (RFC 6066, section 3).
func serverName(name string) []byte {
	if name == "" || net.ParseIP(name) != nil {
		return nil
	}
	return extension(0, sized(2, append([]byte{0}, sized(2, []byte(name))...)))
}

// helloOf writes a ClientHello of TLS 1.2 in its record, without a session and without compression (RFC
// 5246, section 7.4.1.2).
func helloOf(suites []byte, extensions ...[]byte) []byte {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // which never fails (crypto/rand)
	body := slices.Concat([]byte{3, 3}, random, []byte{0}, sized(2, suites), []byte{1, 0},
		sized(2, slices.Concat(extensions...)))
	return append([]byte{22, 3, 1}, sized(2, append([]byte{1}, sized(3, body)...))...)
}

// suitesHello offers all that OpenSSL does by default.
func suitesHello(name string) []byte {
	var ids []byte
	for _, s := range opensslSuites {
		ids = binary.BigEndian.AppendUint16(ids, s.id)
	}
	return helloOf(ids, serverName(name),
		extension(10, sized(2, []byte{0, 29, 0, 23, 0, 30, 0, 25, 0, 24})), // supported_groups
		extension(11, []byte{1, 0}),                                        // ec_point_formats
		extension(13, sized(2, []byte{4, 3, 5, 3, 6, 3, 8, 7, 8, 8, 8, 9, 8, 10, 8, 11, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1,
			6, 1, 3, 3, 3, 1})), // signature_algorithms: none with SHA-1, which its default level forbids
		extension(renegotiationInfo, []byte{0}))
}
