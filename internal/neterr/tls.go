package neterr

import (
	"crypto/tls"
	"errors"
	"net"
	"reflect"
	"strings"

	"edgenet/report"
)

// Alert tells which TLS alert the peer sent. crypto/tls wraps it in a net.OpError
// with Op "remote error" around an unexported uint8 type (tls.AlertError is for QUIC
// alone), so the number is read by reflection and not out of the text.
func Alert(err error) (report.Alert, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return report.Alert{}, false
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 {
		return report.Alert{}, false
	}
	n := int(v.Uint())
	return report.Alert{Number: n, Name: AlertName(n)}, true
}

// AlertName names a TLS alert (RFC 8446 section 6, RFC 5246 section 7.2).
func AlertName(n int) string {
	if name, ok := alertNames[n]; ok {
		return name
	}
	return "unassigned"
}

var alertNames = map[int]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
	30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
	43: "unsupported_certificate",
	44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter",
	48: "unknown_ca",
	49: "access_denied", 50: "decode_error", 51: "decrypt_error", 60: "export_restriction", 70: "protocol_version",
	71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
	100: "no_renegotiation",
	109: "missing_extension", 110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
	113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
	116: "certificate_required", 120: "no_application_protocol",
}

// ClientCertificateAlert tells whether an alert is one that servers send when a
// client certificate they asked for is missing: OpenSSL and SChannel send
// handshake_failure in TLS 1.2, TLS 1.3 has certificate_required, SSL 3 no_certificate,
// others bad_certificate or access_denied.
func ClientCertificateAlert(n int) bool {
	switch n {
	case 40, 41, 42, 49, 116:
		return true
	}
	return false
}

// PlainAnswer gives the first bytes of a peer that answered a TLS hello with
// something else.
func PlainAnswer(err error) ([]byte, bool) {
	var rh tls.RecordHeaderError
	if !errors.As(err, &rh) {
		return nil, false
	}
	return rh.RecordHeader[:], true
}

// VersionRefused tells whether this side refused the peer's TLS version. crypto/tls
// gives a plain errors.New for it, so the text is all there is.
func VersionRefused(err error) bool {
	return err != nil && strings.Contains(err.Error(), "server selected unsupported protocol version")
}

// EmptyRecords tells whether this side gave up on a peer that sends records with nothing in
// them, or warnings, again and again. crypto/tls gives a plain errors.New.
func EmptyRecords(err error) bool {
	return err != nil && strings.Contains(err.Error(), "too many ignored records")
}

// HugeHandshake tells whether the peer claimed a handshake message, in practice its chain of
// certificates, that is larger than this side takes. crypto/tls gives a plain fmt.Errorf.
func HugeHandshake(err error) bool {
	return err != nil && strings.Contains(err.Error(), "handshake message of length")
}

// unreadable are crypto/x509's words for certificates that OpenSSL reads, and what they say
// of them; the package has plain errors alone for them.
var unreadable = []struct{ text, what string }{
	{"negative serial number", "its serial number is negative"},
	{"serial number too long", "its serial number is longer than 20 bytes"},
	{"unsupported elliptic curve", "its key is on a curve that is not one of NIST's"},
}

// Unreadable says why this program cannot read a peer's certificate that OpenSSL can, empty
// for any other error.
func Unreadable(err error) string {
	if err != nil && strings.Contains(err.Error(), "RSA key larger than") { // of crypto/tls itself
		return "its RSA key has more than 8192 bits"
	}
	if !BadCertificate(err) {
		return ""
	}
	for _, u := range unreadable {
		if strings.Contains(err.Error(), u.text) {
			return u.what
		}
	}
	return ""
}

// BadCertificate tells whether the peer's certificate could not even be parsed.
// crypto/tls wraps the reason in a plain errors.New.
func BadCertificate(err error) bool {
	return err != nil && strings.Contains(err.Error(), "failed to parse certificate")
}
