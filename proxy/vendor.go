package proxy

import (
	"net/http"
	"slices"
	"strings"

	"edgenet/report"
)

// maxReasons bounds how many headers of a refusal are kept.
const maxReasons = 6

// reasonHeaders are those in which proxies say why they refuse: RFC 9209 has the first, squid
// the next two, Apache, Privoxy and others name themselves in Proxy-Agent; whatever else a
// product adds begins with X-.
var reasonHeaders = []string{"Proxy-Status", "X-Squid-Error", "X-Cache", "Proxy-Agent"}

// Reasons keeps the headers of an answer that tell why, as they came.
func Reasons(h http.Header) []string {
	var names []string
	for name := range h {
		if slices.Contains(reasonHeaders, name) || strings.HasPrefix(name, "X-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		if len(out) == maxReasons {
			break
		}
		out = append(out, report.Clean(name+": "+h.Get(name), 160))
	}
	return out
}

// vendorWords says the product, where nothing else of the answer has named it.
func vendorWords(d *report.ConnectDetail) string {
	if d.Vendor == "" || d.ProxyError != "" {
		return ""
	}
	return "; it is " + d.Vendor
}
