package judge

import "strings"

// shortName is a distinguished name (RFC 2253, as reports hold it) in the words that people
// know a CA by: its common name and its organization. Whole where it has no common name.
func shortName(dn string) string {
	var common, organization string
	for _, part := range attributes(dn) {
		switch key, value, _ := strings.Cut(part, "="); {
		case key == "CN" && common == "":
			common = value
		case key == "O" && organization == "":
			organization = value
		}
	}
	switch {
	case common == "":
		return dn
	case organization == "" || strings.Contains(common, organization):
		return common
	}
	return common + ", " + organization
}

// attributes are the parts between commas that no backslash escapes, without the backslashes.
func attributes(dn string) []string {
	var out []string
	var b strings.Builder
	for i := 0; i < len(dn); i++ {
		switch {
		case dn[i] == '\\' && i+1 < len(dn):
			i++
			b.WriteByte(dn[i])
		case dn[i] == ',' || dn[i] == '+':
			out = append(out, b.String())
			b.Reset()
		default:
			b.WriteByte(dn[i])
		}
	}
	return append(out, b.String())
}
