package secret

import (
	"regexp"
	"sync"
)

// compiled makes a pattern when it is first needed: most runs never need one, and to
// compile them costs more than the rest of the program's start.
func compiled(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// host is a name, an IPv4 address, or anything in brackets that may be IPv6, of a text that
// went through letters.
const host = `(?:\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[A-Za-z0-9._\x{80}-\x{10ffff}-]+)`

// place is an address with or without a port, HOST:PORT:ADDR:PORT, or what a fence allows.
const place = `(?:` + host + `(?::\d{1,5})?|` + host + `:\d{1,5}:` + host +
	`:\d{1,5}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?|[*\w.-]+(?:/\d+)?(?::\d{1,5})?)`

var (
	// named begins what names a secret and gives it, in lower case.
	named = compiled(`shared\s*acces|(key|secret|passw(or)?d|passphrase|pwd|token|sig|signature|credentials?)["']?\s*[=:]|\b(basic|bearer|negotiate|ntlm)\s+\S`)
	// hubPart is what connection strings are known by, in lower case.
	hubPart = compiled(`\b(hostname|deviceid|moduleid|gatewayhostname|endpoint|accountname)\s*=`)
	// shownBefore is what Show made of a URL.
	shownBefore = compiled(`^[A-Za-z][A-Za-z0-9+.-]*://([A-Za-z0-9.\\@_ \x{80}-\x{10ffff}-]+:)?\*{4}@` + host +
		`(:\d{1,5})?/?$`)
	// routed, digest and faulty hold an @ or a : and no secret: PROTOCOL@ROUTE, an image by
	// its digest, a fault of the lab.
	routed = compiled(`^[A-Za-z]+@(direct|proxy\d*)(,[A-Za-z]+@(direct|proxy\d*))*$`)
	digest = compiled(`^[\w./-]+(:\d+/[\w./-]+)?(:[\w.-]+)?@sha256:[0-9a-f]+$`)
	faulty = compiled(`^([a-zA-Z]+|proxy:[a-z0-9-]+)=[a-z0-9-]+(:[\w.-]+)?$`)
	// urlStart is in lower case.
	urlStart  = compiled(`^[a-z][a-z0-9+.-]+:[/\\]+`)
	localURL  = compiled(`^(unix|file|fd|npipe)://(/[^:?#]*)?$`)
	addressed = compiled(`^(` + place + `(,\s*` + place + `)*|[A-Za-z]:[\\/][^:]*|\d[\dTZ:.+ -]*)$`)
	authority = compiled(`^` + host + `(:\d{0,5})?`)
	pacFile   = compiled(`^/([\w-]+/)*[\w-]+\.(pac|dat)$`)
	// knownScheme is kept as it stands, with the name of a variable before it.
	knownScheme = compiled(`(?i)^([a-z_]\w*=)?(pac\+)?(https?|socks[45]?[ah]?|ftp|wss?|amqps?|mqtts?|unix|file|fd|npipe|tcp)://`)
	// shownKeys are the members of connection strings that are no secrets, pairName those
	// whose name may be shown.
	shownKeys = compiled(`(?i)^\s*(hostname|deviceid|moduleid|gatewayhostname|sharedaccesskeyname|x509)\s*=\s*[\w.:-]+\s*$`)
	pairName  = compiled(`(?i)^\s*(hostname|deviceid|moduleid|gatewayhostname|sharedaccesskeyname|sharedaccesskey|sharedaccesssignature|x509|endpoint|accountname|accountkey|password)\s*=`)
	// sharedAccess and urlInside are in lower case.
	sharedAccess = compiled(`sharedacces|accountkey=|\bsig=`)
	urlInside    = compiled(`[a-z][a-z0-9+.-]+:[/\\]+|:[/\\]{2}`)
)
