package proxyurl

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"edgenet/internal/secret"
)

// ReadCredentials reads a credentials file and gives each proxy its own: a line
// "HOST:PORT USER:PASSWORD" for one proxy, or, where there is a single proxy, a line
// "USER:PASSWORD". Empty lines and lines that start with # are skipped. Nothing is
// percent-decoded. A line that belongs to none of the proxies is an error, and no error
// holds a password.
func ReadCredentials(r io.Reader, proxies []*Proxy) error {
	used := 0
	err := eachLine(r, func(line string) error {
		used++
		return assign(line, proxies)
	})
	if err != nil {
		return err
	}
	if used == 0 {
		return errors.New("no credentials in it: expected a line USER:PASSWORD, or HOST:PORT USER:PASSWORD")
	}
	return nil
}

// Bounds of a file of credentials, in bytes.
const (
	maxCredentials     = 1 << 20
	maxCredentialsLine = 64 << 10
)

// eachLine hands over each line that says something; an error names the line.
func eachLine(r io.Reader, read func(line string) error) error {
	text, err := io.ReadAll(io.LimitReader(r, maxCredentials+1))
	switch {
	case err != nil:
		return err
	case len(text) > maxCredentials:
		return fmt.Errorf("too long: more than %d MiB", maxCredentials>>20)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if len(line) > maxCredentialsLine {
			return fmt.Errorf("line %d: too long: more than %d KiB", n, maxCredentialsLine>>10)
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")) // Windows editors start files so
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := read(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

func assign(line string, proxies []*Proxy) error {
	where, auth := splitLine(line)
	user, pw, ok := strings.Cut(auth, ":")
	if !ok || user == "" {
		return errors.New("expected USER:PASSWORD, or HOST:PORT USER:PASSWORD")
	}
	var mine []*Proxy
	for _, p := range proxies {
		if where == "" || strings.EqualFold(where, p.Address()) {
			mine = append(mine, p)
		}
	}
	switch {
	case len(mine) == 0 && where != "":
		return fmt.Errorf("what stands before the space is none of this run's proxies (%s)",
			addresses(proxies)) // it may be half a password
	case len(mine) == 0:
		return errors.New("there is no proxy in this run to give the credentials to")
	case where == "" && len(mine) > 1:
		return errors.New("there are several proxies: write HOST:PORT before USER:PASSWORD, credentials belong to " +
			"one proxy")
	}
	for _, p := range mine {
		p.User, p.Password, p.HasAuth = user, secret.New(pw), true
	}
	return nil
}

// splitLine tells HOST:PORT USER:PASSWORD from USER:PASSWORD with a space in it.
func splitLine(line string) (where, auth string) {
	i := strings.IndexAny(line, " \t")
	if i < 0 || !strings.Contains(line[:i], ":") {
		return "", line
	}
	auth = strings.TrimSpace(line[i:])
	if !strings.Contains(auth, ":") {
		return "", line
	}
	return line[:i], auth
}

func addresses(proxies []*Proxy) string {
	if len(proxies) == 0 {
		return "there is none"
	}
	all := make([]string, len(proxies))
	for i, p := range proxies {
		all[i] = p.Address()
	}
	return strings.Join(all, ", ")
}
