package neterr

import "strings"

// socksReplies are the texts by which golang.org/x/net names the reply codes of
// RFC 1928 section 6 and the refusals of RFC 1929; its error type carries no code.
var socksReplies = []string{
	"general SOCKS server failure", "connection not allowed by ruleset", "network unreachable", "host unreachable",
	"connection refused", "TTL expired", "command not supported", "address type not supported",
	"no acceptable authentication methods", "username/password authentication failed", "unsupported authentication method",
	"invalid username/password", "unknown code",
}

// SOCKSReply gives the refusal of a SOCKS server in the RFC's words, false where
// the error is none.
func SOCKSReply(err error) (string, bool) {
	if err == nil {
		return "", false
	}
	for _, r := range socksReplies {
		if strings.Contains(err.Error(), r) {
			return r, true
		}
	}
	return "", false
}

// NotSOCKS tells whether what answered does not speak SOCKS 5.
func NotSOCKS(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "unexpected protocol version") || strings.Contains(err.Error(), "non-zero reserved field"))
}
