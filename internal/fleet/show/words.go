package show

import (
	"strconv"
	"strings"

	"edgenet/report"
)

// Number writes a number as people read it: 4,812.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count writes a number of things.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Number(n) + " " + what + "s"
}

// verb is is or are.
func verb(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// who is an actor for people.
func who(actor string) string { return report.Actor(actor).Words() }

// short is an actor in a list: firewall, proxy.
func short(actor string) string { return strings.TrimSuffix(actor, "-admin") }

// Protocol is a protocol as the runtime writes it.
func Protocol(text string) string {
	if p, err := report.ParseProtocol(text); err == nil {
		return p.RuntimeName()
	}
	return text
}
