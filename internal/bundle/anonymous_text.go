package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"edgenet/internal/lazyregexp"
	"edgenet/report"
)

var (
	// jsonString is a literal, with the colon behind it where it is a member's name.
	jsonString = lazyregexp.New(`"(?:[^"\\]|\\.)*"(?:\s*:)?`)

	userForm    = lazyregexp.New(`(://)([^@/\s:]+)((?::[^@/\s]*)?@)`)
	homeFolder  = lazyregexp.New(`(?i)([/\\](?:home|users)[/\\])[^/\\\s"']+`)
	hardware    = lazyregexp.New(`(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b`)
	addressForm = lazyregexp.New(`[0-9A-Fa-f]*(?:[:.][0-9A-Fa-f]*){2,}(?::[0-9]+)?`)
	nameForm    = lazyregexp.New(`[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*`)
	// urlHost and hostPort are hosts wherever they stand.
	urlHost  = lazyregexp.New(`://(?:[^@/\s]*@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)`)
	hostPort = lazyregexp.New(`([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}):[0-9]{2,5}\b`)
	// domain is a name in a free text that can hardly be anything but a host's: the last label
	// is one of those that sites and the public have, in small letters (System.Net is no host).
	domain = lazyregexp.New(`\b[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|net|org|edu|gov|mil|info|biz|cloud|local|` +
		`lan|corp|internal|intranet|home|localdomain|test|example|invalid|lab|de|fr|uk|nl|at|ch|es|pl|cz|se|dk|fi|eu|cn|` +
		`us|jp|br|ca|au|kr)\b`)
)

// literal is a JSON literal with placeholders; a member's name stays.
func (a *anonymizer) literal(raw []byte) []byte {
	if text, name := bytes.CutSuffix(raw, []byte(":")); name {
		a.key = strings.Trim(string(text), "\" \t\r\n")
		return raw
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return raw
	}
	with := a.ordinary[strings.ToLower(s)]
	switch {
	case with != "" && (slices.Contains(bareKeys, a.key) || a.key == "id" || a.key == "value"):
	case vocabulary(s):
		return raw
	default:
		with = a.replace(s)
	}
	if with == s {
		return raw
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(with) != nil {
		return []byte(`""`) // nothing rather than a name
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// replace puts placeholders into a text.
func (a *anonymizer) replace(s string) string {
	s = userForm().ReplaceAllString(s, "${1}user${3}")
	s = homeFolder().ReplaceAllString(s, "${1}user")
	for _, form := range []*regexp.Regexp{urlHost(), hostPort()} {
		for _, m := range form.FindAllStringSubmatch(s, -1) {
			a.learnHost(m[1])
		}
	}
	for _, m := range domain().FindAllString(s, -1) {
		a.learnHost(m)
	}
	s = hardware().ReplaceAllStringFunc(s, a.hardware)
	s = addressForm().ReplaceAllStringFunc(s, a.address)
	for _, word := range slices.Sorted(maps.Keys(a.words)) { // with signs that ids may have and words have not
		if nameForm().FindString(word) != word {
			s = replaceFold(s, word, a.words[word])
		}
	}
	return nameForm().ReplaceAllStringFunc(s, a.name)
}

// name is the placeholder of a host or a word; what is neither stays.
func (a *anonymizer) name(s string) string {
	low := strings.ToLower(s)
	if p := a.names[low]; p != "" {
		return p
	}
	if p := a.words[low]; p != "" {
		return p
	}
	if _, cloud := ownPart(low); cloud != "" || a.parent(low) != "" {
		return a.host(low)
	}
	return s
}

func (a *anonymizer) hardware(s string) string {
	low := strings.ToLower(strings.ReplaceAll(s, "-", ":"))
	if a.names[low] == "" {
		a.counts["hardware"]++
		a.names[low] = fmt.Sprintf("02:00:00:00:%02x:%02x", a.counts["hardware"]>>8&0xff, a.counts["hardware"]&0xff)
	}
	return a.names[low]
}

// address is the placeholder of an address, with the port that stands behind it.
func (a *anonymizer) address(s string) string {
	whole := strings.TrimRight(s, ".:")
	if strings.HasSuffix(s, "::") {
		whole = s
	}
	tail := s[len(whole):]
	if ip, err := netip.ParseAddr(whole); err == nil {
		return a.ip(ip) + tail
	}
	if at := strings.LastIndexByte(whole, ':'); at > 0 {
		if ip, err := netip.ParseAddr(whole[:at]); err == nil {
			return a.ip(ip) + whole[at:] + tail
		}
	}
	return s
}

// ip is an address of the same kind: a private one stays private, a public one is one of the
// documentation's.
func (a *anonymizer) ip(ip netip.Addr) string {
	ip = ip.Unmap()
	if ip.IsLoopback() || ip.IsUnspecified() || ip.IsMulticast() || ip == metadataService {
		return ip.String()
	}
	key := ip.String()
	if p := a.names[key]; p != "" {
		return p
	}
	for a.names[key] == "" {
		a.counts["address"]++
		n := a.counts["address"]
		p := "2001:db8::" + fmt.Sprintf("%x", n)
		switch {
		case ip.Is4() && ip.IsPrivate():
			p = fmt.Sprintf("10.253.%d.%d", n>>8&0xff, n&0xff)
		case ip.Is4() && ip.IsLinkLocalUnicast():
			p = fmt.Sprintf("169.254.%d.%d", 1+n>>8&0x7f, n&0xff)
		case ip.Is4() && sharedSpace.Contains(ip):
			p = fmt.Sprintf("100.127.%d.%d", n>>8&0xff, n&0xff)
		case ip.Is4():
			p = fmt.Sprintf("198.18.%d.%d", n>>8&0xff, n&0xff)
		case ip.IsPrivate():
			p = "fd00:253::" + fmt.Sprintf("%x", n)
		case ip.IsLinkLocalUnicast():
			p = "fe80::253:" + fmt.Sprintf("%x", n)
		}
		if !bytes.Contains(a.text, []byte(p)) {
			a.names[key] = p
		}
	}
	return a.names[key]
}

var (
	metadataService = netip.MustParseAddr("169.254.169.254") // the same in every cloud
	sharedSpace     = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598: behind a provider's NAT
)

// replaceFold replaces whatever the case of the letters.
func replaceFold(s, old, with string) string {
	return regexp.MustCompile(`(?i)`+regexp.QuoteMeta(old)).ReplaceAllLiteralString(s, with)
}

// vocabulary tells words of our own JSON, which a device may bear as its name all the same:
// they stay where they may be ours.
func vocabulary(s string) bool {
	low := strings.ToLower(s)
	for _, a := range report.Actors() {
		if low == string(a) {
			return true
		}
	}
	switch low {
	case "direct", "proxy", "target", "ok", "failed", "skipped", "iothub", "parent", "dps", "registry",
		"custom", "error", "warning", "info", "amqp", "mqtt", "amqpws", "mqttws", "https", "http", "tcp", "tls",
		"dns", "edge", "device", "host", "hub", "gateway", "localhost", "linux", "windows", "darwin", "edgenet",
		"config", "flag", "lab", "edgeagent", "edgehub", "container", "connect-to", "connect", "auth", "hold",
		"websocket", "required", "optional", "outbound", "journal", "unknown", "network", "service":
		return true
	}
	return false
}
