package neterr

import (
	"strings"

	"edgenet/internal/lazyregexp"
)

// socksReplies are the texts by which golang.org/x/net names the reply codes of
// RFC 1928 section 6 and the refusals of RFC 1929; its error type carries no code.
var socksReplies = lazyregexp.New(`general SOCKS server failure|connection not allowed by ruleset|network unreachable|host unreachable|` +
	`connection refused|TTL expired|command not supported|address type not supported|unknown code: \d+|` +
	`no acceptable authentication methods|username/password authentication failed|unsupported authentication method \d+|invalid username/password$`)

// SOCKSReply gives the refusal of a SOCKS server in the RFC's words, false where
// the error is none.
func SOCKSReply(err error) (string, bool) {
	if err == nil {
		return "", false
	}
	r := socksReplies().FindString(err.Error())
	return r, r != ""
}

// notSOCKS are the texts by which golang.org/x/net says that an answer breaks RFC 1928
// or RFC 1929; they have no types either.
var notSOCKS = []string{"unexpected protocol version", "non-zero reserved field", "unknown address type",
	"invalid username/password version"}

// NotSOCKS tells whether what answered does not speak SOCKS 5.
func NotSOCKS(err error) bool {
	if err == nil {
		return false
	}
	for _, text := range notSOCKS {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}
