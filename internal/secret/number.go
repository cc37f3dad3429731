package secret

import (
	"slices"
	"strconv"
	"strings"
)

// usualPorts are those that proxies and what edgenet speaks of listen on. As a password each
// is as good as none.
var usualPorts = []int{
	0, 21, 22, 25, 53, 80, 81, 88, 123, 443, 853, 1080, 1443, 1883, 2375, 2376, 3128, 3129, 3130, 4443, 5000,
	5671, 5672,
	8000, 8008, 8080, 8081, 8082, 8085, 8088, 8090, 8118, 8123, 8443, 8883, 8888, 9000, 9090, 9100, 9600, 9601,
}

// logins are the words that people have for users, and hardly for hosts.
var logins = []string{"admin", "administrator", "anonymous", "guest", "login", "proxyuser", "root", "user", "username"}

// Port reads a port's number as no password is written: in at most five digits, and none of
// them a zero in front.
func Port(text string) (port int, ok bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil && strconv.FormatUint(n, 10) == text
}

// Login tells of a host and a port that are rather a user and a password, from somebody who
// forgot the host: the word is one for users, and the number no port that is usual.
func Login(host string, port int) bool {
	return slices.Contains(logins, strings.ToLower(host)) && !slices.Contains(usualPorts, port)
}

// number is where in a text a number stands that may be a password: behind a word without a
// dot, unless it is a usual port, and behind any name where it is no port at all.
func (m *masker) number() (from, to int, found bool) {
	at := numbered().FindStringSubmatchIndex(m.folded)
	if at == nil {
		return 0, 0, false
	}
	if at[2] < 0 {
		at = at[4:] // the form of --connect-to
	}
	name, digits := m.folded[at[2]:at[3]], m.folded[at[4]:at[5]]
	port, ok := Port(digits)
	bare := !strings.ContainsAny(name, ".:") && name != "localhost"
	if len(digits) < shortest || ok && (!bare || slices.Contains(usualPorts, port)) {
		return 0, 0, false
	}
	return m.source(at[4]), m.source(at[5]), true
}

// noPort tells of a name and a number that is no port, whoever reads it.
func noPort(text string) bool {
	if !strings.Contains(text, ":") {
		return false
	}
	m := unfolded(text)
	from, to, found := m.number()
	if !found {
		return false
	}
	_, ok := Port(m.text[from:to])
	return !ok
}

// numbers masks such numbers in a text, and in each item of a list.
func (m *masker) numbers() {
	for i, item := range strings.Split(m.text, ",") {
		if i > 0 {
			m.out.WriteByte(',')
		}
		one := unfolded(item)
		from, to, found := one.number()
		if !found {
			m.out.WriteString(item)
			continue
		}
		m.out.WriteString(item[:from])
		m.hide(item[from:to])
		m.out.WriteString(item[to:])
	}
}

// numbered tells whether there is any.
func (m *masker) numbered() bool {
	return slices.ContainsFunc(strings.Split(m.text, ","), func(item string) bool {
		_, _, found := unfolded(item).number()
		return found
	})
}
