package secret

import (
	"edgenet/internal/lazyregexp"
)

// host is a name, an IPv4 address, or anything in brackets that may be IPv6, of a text that
// went through letters.
const host = `(?:\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[A-Za-z0-9._\x{80}-\x{10ffff}-]+)`

// place is an address with or without a port, HOST:PORT:ADDR:PORT, or what a fence allows.
const place = `(?:` + host + `(?::\d{1,5})?|` + host + `:\d{1,5}:` + host +
	`:\d{1,5}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?|[*\w.-]+(?:/\d+)?(?::\d{1,5})?)`

// numberedName is a host and a number.
const numberedName = `(\[[0-9a-f:.]+\]|[a-z0-9_\x{80}-\x{10ffff}.-]+):(\d+)`

// labPlace is where the lab takes a fault.
const labPlace = `(?:(?i:amqps?|mqtts?|https|edge(?:amqps|mqtts|https)|dns|workload|upstream)|proxy:[a-z0-9-]+)`

var (
	// named begins what names a secret and gives it, in lower case.
	named = lazyregexp.New(`shared\s*acces|(key|secret|passw(or)?d|passphrase|pwd|token|sig|signature|credentials?)["']?\s*[=:]|\b(basic|bearer|negotiate|ntlm)\s+\S|\bkey-----`)
	// hubPart is what connection strings are known by, in lower case.
	hubPart = lazyregexp.New(`\b(hostname|deviceid|moduleid|gatewayhostname|endpoint|accountname)\s*=`)
	// shownBefore is what Show made of a URL, also at the end of a clause.
	shownBefore = lazyregexp.New(`^\(?[A-Za-z][A-Za-z0-9+.-]*://([A-Za-z0-9.\\@_ \x{80}-\x{10ffff}-]+:)?\*{4}@` + host +
		`(:\d{1,5})?/?[.,:;)]{0,2}$`)
	// routed, digest and faulty hold an @ or a : and no secret: PROTOCOL@ROUTE, an image by
	// its digest, a fault of the lab.
	routed = lazyregexp.New(`^[A-Za-z]+@(direct|proxy\d*)(,[A-Za-z]+@(direct|proxy\d*))*$`)
	digest = lazyregexp.New(`^[\w./-]+(:\d+/[\w./-]+)?(:[\w.-]+)?@sha256:[0-9a-f]+$`)
	faulty = lazyregexp.New(`^(` + labPlace + `=[a-z0-9-]+(:[\w.-]+)?|[a-zA-Z]+=[a-z0-9-]+(:\d{1,3})?)$`)
	// urlStart is in lower case.
	urlStart  = lazyregexp.New(`^[a-z][a-z0-9+.-]+:[/\\]+`)
	localURL  = lazyregexp.New(`^(unix|file|fd|npipe)://(/[^:?#]*)?$`)
	addressed = lazyregexp.New(`^(` + place + `(,\s*` + place + `)*|[A-Za-z]:[\\/][^:]*|\d[\dTZ:.+ -]*)$`)
	authority = lazyregexp.New(`^` + host + `(:\d{0,5})?`)
	pacFile   = lazyregexp.New(`^/([\w-]+/)*[\w-]+\.(pac|dat)$`)
	// knownScheme is kept as it stands, with the name of a variable before it.
	knownScheme = lazyregexp.New(`(?i)^([a-z_]\w*=)?(pac\+)?(https?|socks[45]?[ah]?|ftp|wss?|amqps?|mqtts?|unix|file|fd|npipe|tcp)://`)
	// shownKeys are the members of connection strings that are no secrets, pairName those
	// whose name may be shown.
	shownKeys = lazyregexp.New(`(?i)^\s*(hostname|deviceid|moduleid|gatewayhostname|sharedaccesskeyname|x509)\s*=\s*[\w.:-]+\s*$`)
	pairName  = lazyregexp.New(`(?i)^\s*(hostname|deviceid|moduleid|gatewayhostname|sharedaccesskeyname|sharedaccesskey|sharedaccesssignature|x509|endpoint|accountname|accountkey|password)\s*=`)
	// numbered is in lower case: a name and a number, which is a port or a password, and perhaps
	// what --connect-to has behind it.
	numbered = lazyregexp.New(`^\s*(?:(?:[a-z][a-z0-9+.-]*:[/\\]+)?` + numberedName + `[/\\]*|` + numberedName +
		`:[^:@]+:\d{1,5})\s*$`)
	// sharedAccess and urlInside are in lower case.
	sharedAccess = lazyregexp.New(`sharedacces|accountkey=|\bsig=`)
	urlInside    = lazyregexp.New(`[a-z][a-z0-9+.-]+:[/\\]+|:[/\\]{2}`)
)
