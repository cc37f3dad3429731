package proxyurl

import (
	"errors"
	"io"
	"net"
	"strconv"
	"strings"

	"edgenet/internal/secret"
)

// Bound are the credentials of one proxy, by its host and port.
type Bound struct {
	address, user string
	password      secret.Value
}

// ReadBound reads lines "HOST:PORT USER:PASSWORD" for proxies that come and go. A line
// without its proxy is an error: credentials belong to one. Empty lines and lines that
// start with # are skipped, nothing is percent-decoded, and no error holds a password.
func ReadBound(r io.Reader) ([]Bound, error) {
	var out []Bound
	err := eachLine(r, func(line string) error {
		where, auth := splitLine(line)
		user, pw, ok := strings.Cut(auth, ":")
		if !isAddress(where) || !ok || user == "" {
			return errors.New("expected HOST:PORT USER:PASSWORD")
		}
		out = append(out, Bound{strings.ToLower(where), user, secret.New(pw)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, errors.New("no credentials in it: expected lines HOST:PORT USER:PASSWORD")
	}
	return out, nil
}

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, err2 := strconv.Atoi(port)
	return err == nil && err2 == nil && host != "" && n > 0 && n < 65536
}

// Give gives a proxy its credentials, if these are its own and it has none.
func (b Bound) Give(p *Proxy) {
	if !p.HasAuth && strings.EqualFold(b.address, p.Address()) {
		p.User, p.Password, p.HasAuth = b.user, b.password, true
	}
}
