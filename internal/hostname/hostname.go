package hostname

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// Read reads a host's name, or its IP address, as a person gives it: it has to be a good
// name, and none that is surely a slip. A dot at its end says that a short name is meant
// as it is; it is dropped.
func Read(text string) (string, error) {
	host, err := Valid(text)
	if err != nil {
		return "", err
	}
	if isAddress(host) { // a dot at the end of its zone belongs to the zone
		return host, nil
	}
	if bare, short := strings.CutSuffix(host, "."); short {
		return bare, nil
	}
	return host, slip(host)
}

// Valid reads a host's name where short names are as good as any: in a file, or in a
// variable. A dot at the end stays.
func Valid(text string) (string, error) {
	text = strings.TrimPrefix(text, "\ufeff") // Windows editors begin files so
	text = strings.Trim(text, " \t")
	if err := form(text); err != nil {
		return "", err
	}
	if isAddress(text) {
		return text, nil
	}
	host, err := ascii(text)
	if err != nil {
		return "", err
	}
	return host, labels(host)
}

func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && strings.IndexFunc(a.Zone(), func(r rune) bool { return !letter(r) && r != '.' }) < 0
}

// form refuses what is something else than a name: nothing of it is repeated but a part
// that is a good name itself.
func form(s string) error {
	low := strings.ToLower(s)
	switch {
	case s == "":
		return errors.New("is empty: expected a host name, such as contoso.azure-devices.net")
	case strings.Contains(low, "sharedaccesskey") || strings.Contains(low, "hostname=") ||
		strings.Contains(low, "sharedaccesssignature"):
		return fmt.Errorf(
			"this is a connection string, which holds a secret: expected its host name alone%s",
			meant(between(s, "hostname=", ";")),
		)
	case strings.Contains(s, "://"):
		_, rest, _ := strings.Cut(s, "://")
		rest, _, _ = strings.Cut(rest, "/")
		return fmt.Errorf("expected a host name, not a URL%s",
			meant(withoutPort(rest[strings.LastIndex(rest, "@")+1:])))
	case strings.Contains(s, "@"):
		return errors.New("there is an @ in it: expected a host name alone, such as contoso.azure-devices.net")
	case strings.ContainsAny(s, "/?#"):
		return fmt.Errorf("there is a path in it: expected a host name alone%s", meant(s[:strings.IndexAny(s, "/?#")]))
	case strings.HasPrefix(s, "["):
		return fmt.Errorf("expected an IPv6 address without brackets%s", meant(strings.Trim(s, "[]")))
	case isAddress(s):
		return nil
	case strings.Contains(s, ":"):
		return fmt.Errorf(
			"expected a host name without a port: the ports follow from the protocols (use --connect-to to dial "+
				"another one)%s",
			meant(withoutPort(s)),
		)
	}
	return nil
}

// between is what stands from one mark to another, without regard to case.
func between(s, from, to string) string {
	i := strings.Index(strings.ToLower(s), from)
	if i < 0 || len(strings.ToLower(s)) != len(s) {
		return ""
	}
	out, _, _ := strings.Cut(s[i+len(from):], to)
	return out
}

func withoutPort(s string) string {
	host, _, _ := strings.Cut(s, ":")
	return host
}

// meant names what was probably meant, if that is a plain good name.
func meant(host string) string {
	if good, err := Valid(plain(host)); err == nil && good != "" && strings.Contains(good, ".") {
		return "; did you mean " + strings.ToLower(good) + "?"
	}
	return ""
}

// plain keeps a name that has nothing but letters, digits, dots and hyphens.
func plain(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !letter(r) && r != '.' }) {
		return ""
	}
	return s
}

func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// ascii gives the name as DNS has it. What looks like an ASCII name and is none is
// refused: it would be looked up, and be another one.
func ascii(s string) (string, error) {
	if err := characters(s); err != nil {
		return "", err
	}
	if plain(s) != "" {
		return s, nil
	}
	host, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", fmt.Errorf(
			"it has letters that are not ASCII, and DNS has no form of it: expected a host name such as " +
				"contoso.azure-devices.net",
		)
	}
	return host, nil
}

func labels(host string) error {
	bare := strings.TrimSuffix(host, ".")
	if len(bare) > 253 {
		return errors.New("expected a host name of at most 253 characters")
	}
	digits := true
	for label := range strings.SplitSeq(bare, ".") {
		if label == "" || len(label) > 63 {
			return errors.New("expected labels of 1 to 63 characters between the dots")
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("a hyphen stands beside a dot or at an end, where no host name has one")
		}
		digits = strings.Trim(label, "0123456789") == ""
	}
	if digits {
		return errors.New(
			"its last part is a number, and it is no IP address: expected four numbers of 0 to 255, or a host name",
		)
	}
	return nil
}
