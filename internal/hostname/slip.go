package hostname

import (
	"fmt"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/suggest"
)

// azure tells of a name under a suffix of Azure's.
func azure(s string) bool {
	_, ok := iothub.CloudOf(s)
	return ok
}

// slip refuses the name of a hub that is surely mistyped: it has no domain, or its domain
// is all but one of Azure's.
func slip(host string) error {
	low := strings.ToLower(host)
	if azure(low) {
		return hubSlip(low)
	}
	if low == "localhost" {
		return nil
	}
	if !strings.Contains(low, ".") {
		return fmt.Errorf(
			"there is no domain in it; did you mean %s.%s? (for a gateway that has no longer name, end it with a "+
				"dot: %s.)",
			low,
			iothub.Suffixes()[0],
			low,
		)
	}
	for _, suffix := range iothub.Suffixes() {
		if near(low, suffix) {
			return fmt.Errorf("this is what the names of all hubs end in: expected one before it, such as contoso.%s",
				suffix)
		}
	}
	if name, suffix, ok := nearSuffix(low); ok {
		return fmt.Errorf("no cloud of Azure has that domain; did you mean %s.%s?", name, suffix)
	}
	return nil
}

// hubSlip refuses what stands before a suffix of Azure's and is in no name of a hub. Dots may be
// there: hub.device.azure-devices.net, and the zone of private endpoints. A dot at the end of the
// whole says that it is meant.
func hubSlip(host string) error {
	for _, suffix := range iothub.Suffixes() {
		name, ok := strings.CutSuffix(host, "."+suffix)
		if rest, site := strings.CutPrefix(name, "www."); ok && site {
			return fmt.Errorf("no hub's name begins with www.; did you mean %s.%s?", rest, suffix)
		}
		if ok && strings.Contains(name, "_") {
			return fmt.Errorf("no hub has an underscore in its name; did you mean %s.%s?",
				strings.ReplaceAll(name, "_", "-"), suffix)
		}
	}
	return nil
}

// nearSuffix finds the suffix that a name's end was meant to be, and what stands before it.
func nearSuffix(host string) (name, suffix string, ok bool) {
	parts := strings.Split(host, ".")
	for _, suffix := range iothub.Suffixes() {
		word, _, _ := strings.Cut(suffix, ".")
		if before, found := strings.CutSuffix(host, suffix); found &&
			strings.TrimRight(before, "-_") != "" { // contoso-azure-devices.net
			return strings.TrimRight(before, "-_"), suffix, true
		}
		if before, found := strings.CutSuffix(host, "."+word); found { // contoso.azure-devices
			return before, suffix, true
		}
		for n := 2; n <= min(4, len(parts)-1); n++ {
			tail := strings.Join(parts[len(parts)-n:], ".")
			otherTop := n == 2 && !private[parts[len(parts)-1]] &&
				near(parts[len(parts)-2], word) // contoso.azure-devices.com
			if otherTop || near(tail, suffix) {
				return strings.Join(parts[:len(parts)-n], "."), nearestSuffix(tail), true
			}
		}
	}
	return "", "", false
}

// near tells whether one slip lies between two names. Their lengths say mostly that it does
// not: a list has thousands of names.
func near(a, b string) bool {
	return max(len(a), len(b))-min(len(a), len(b)) <= 1 && suggest.Distance(a, b) <= 1
}

// private are the last parts of names that no public DNS has (RFC 2606, 6761, 6762, 8375,
// and what sites use): there, a domain may well be called like Azure's.
var private = map[string]bool{
	"test": true, "example": true, "invalid": true, "localhost": true, "local": true, "internal": true, "arpa": true,
	"lan": true, "home": true, "corp": true, "intranet": true, "private": true, "localdomain": true,
}

// nearestSuffix is the public cloud's, unless another one is but a letter away.
func nearestSuffix(tail string) string {
	all := iothub.Suffixes()
	for _, s := range all {
		if suggest.Distance(tail, s) <= 1 {
			return s
		}
	}
	if strings.Contains(tail, "provisioning") {
		return all[len(all)/2]
	}
	return all[0]
}
