package hop

import (
	"encoding/binary"
	"fmt"

	"edgenet/report"
)

// renegotiationInfo is the extension by which a server of TLS 1.2 shows that it knows secure
// renegotiation (RFC 5746, section 3.2). Every hello of this program asks for it.
const renegotiationInfo = 0xff01

// legacy tells whether the first bytes of a peer are a whole ServerHello of TLS 1.2 without it. OpenSSL 3
// ends the handshake there unless it is told otherwise; package crypto/tls does not look.
func legacy(first []byte) bool {
	const head, session = 5 + 4, 2 + 32
	if len(first) < head+session+1 || first[0] != 22 || first[5] != serverHello {
		return false
	}
	size := int(first[6])<<16 | int(first[7])<<8 | int(first[8])
	if len(first) < head+size || size < session+1 {
		return false // there may be more of it than was kept
	}
	body := first[head : head+size]
	at := session + 1 + int(body[session]) + 2 + 1 // its session, the suite, the compression
	if body[0] != 3 || body[1] != 3 || len(body) < at {
		return false
	}
	for at += 2; at+4 <= len(body); at += 4 + int(binary.BigEndian.Uint16(body[at+2:])) {
		if binary.BigEndian.Uint16(body[at:]) == renegotiationInfo {
			return false
		}
	}
	return true
}

// legacyFault words it.
func legacyFault(d *report.TLSDetail) Fault {
	d.Legacy = true
	return Fault{Cause: report.TLSAlert, Summary: fmt.Sprintf("what answers for %s does not know secure "+
		"renegotiation (RFC 5746); no alert came, and OpenSSL 3, which the daemon and the containers use, ends the "+
		"handshake for it (\"unsafe legacy renegotiation disabled\"); this program and OpenSSL 1.1 do not",
		d.ServerName)}
}
