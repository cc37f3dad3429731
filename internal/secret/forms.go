package secret

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"edgenet/report"
)

// forms are the ways in which a secret may come back: as it is, escaped for URLs, HTML,
// JSON, Go and terminals, in Base64 by itself and inside something longer, in
// hexadecimal. Raw false leaves the readable ones out, for a text that is too common.
func forms(text string, raw bool) []string {
	var out []string
	if raw {
		quoted := strconv.Quote(text)
		out = append(out, text, url.QueryEscape(text), url.PathEscape(text), percent(text), htmlEscapes.Replace(text),
			quoted[1:len(quoted)-1],
			report.Clean(text, 4*len(text)+8), report.CleanBytes([]byte(text), len(text)))
		if b, err := json.Marshal(text); err == nil {
			out = append(out, string(b[1:len(b)-1]))
		}
		if plain, err := url.PathUnescape(text); err == nil { // it was typed in its escaped form
			out = append(out, plain)
		}
		out = append(out, fmt.Sprintf("%x", text))
	}
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		out = append(out, e.EncodeToString([]byte(text)))
		for before := range 3 { // inside something longer, its ends belong to its neighbours
			out = append(out, inside(e, text, before))
		}
	}
	for _, b := range out[len(out)-8:] {
		out = append(out, url.QueryEscape(b))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// leastInside is the shortest piece of Base64 that can hardly be there by chance.
const leastInside = 8

func inside(e *base64.Encoding, text string, before int) string {
	enc := e.EncodeToString([]byte(strings.Repeat("x", before) + text))
	from := []int{0, 2, 3}[before]
	to := (before + len(text)) / 3 * 4
	if to-from < leastInside {
		return ""
	}
	return enc[from:to]
}

// percent escapes every byte that is not unreserved (RFC 3986, section 2.3).
func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < 0x80 && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) ||
			strings.IndexByte("-._~", c) >= 0) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// pieces takes a masked part of a text apart at whatever separates user and password, so
// that a piece is found where it stands alone. A user before a colon is no secret.
func pieces(hidden string) []string {
	var out []string
	var raw, plain strings.Builder
	colons, cuts := 0, 0
	flush := func() {
		if raw.Len() > 0 {
			out = append(out, raw.String())
			if plain.String() != raw.String() {
				out = append(out, plain.String())
			}
		}
		raw.Reset()
		plain.Reset()
	}
	for _, u := range fold(hidden) {
		if !strings.ContainsRune(":@/\\;=,&?#% \t\r\n\"'", u.r) {
			raw.WriteString(hidden[u.from:u.to])
			plain.WriteRune(u.r)
			continue
		}
		if u.r == ':' && colons == 0 && cuts == 0 {
			raw.Reset()
			plain.Reset()
		}
		if u.r == ':' {
			colons++
		}
		cuts++
		flush()
	}
	flush()
	return out
}

// plainWord tells words that stand in every message from secrets.
func plainWord(text string) bool {
	switch strings.ToLower(text) {
	case "http", "https", "socks5", "socks5h", "proxy", "direct", "user", "password", "hostname", "deviceid",
		"moduleid", "sharedaccesskey", "sharedaccesssignature", "edgenet", "error", "host":
		return true
	}
	return false
}
