package proxy

import (
	"net/http"
	"slices"
	"strings"

	"edgenet/internal/hop"
	"edgenet/report"
)

// maxReasons bounds how many headers of a refusal are kept.
const maxReasons = 6

// reasonHeaders are those in which proxies say why they refuse: RFC 9209 has the first, squid
// the next two, Apache, Privoxy and others name themselves in Proxy-Agent; whatever else a
// product adds begins with X-.
var reasonHeaders = []string{"Proxy-Status", "X-Squid-Error", "X-Cache", "Proxy-Agent"}

// reasons keeps the headers of an answer that tell why, as they came.
func reasons(h http.Header) []string {
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

// products are names by which proxies call themselves beside those that inspect TLS. Each
// row says where such an answer can be read.
var products = []struct{ word, vendor, source string }{
	{"tinyproxy", "tinyproxy", "Server and Via in the program of Debian's package, 1.11.1"},
	{"privoxy", "Privoxy", "Proxy-Agent in Privoxy's own source"},
	{"cisco-wsa", "Cisco Web Security Appliance",
		"Via: 1.1 HOST:80 (Cisco-WSA/VERSION) in answers that users published"},
	{"forefront", "Microsoft Forefront TMG", "the text of its 407 in many published error messages"},
	{"h2o", "H2O", "Proxy-Status: github.com/h2o/h2o, pull request 2639"},
	{"nginx", "nginx", "Server: github.com/chobits/ngx_http_proxy_connect_module, issue 190"},
}

// vendor names the product that gives itself away in a refusal: by its headers, the text of its
// status line, its page, where it redirects to.
func vendor(d *report.ConnectDetail, body []byte) string {
	texts := append([]string{d.Via, d.Server, d.ProxyError, d.StatusLine, d.Body, d.Location, d.Realm}, d.Headers...)
	texts = append(texts, string(body))
	if v := hop.VendorOfAnswer(texts...); v != "" {
		return v
	}
	for _, text := range texts[:len(texts)-1] { // a page may be about anything
		for _, p := range products {
			if strings.Contains(strings.ToLower(text), p.word) {
				return p.vendor
			}
		}
	}
	return ""
}

// vendorWords says the product, where nothing else of the answer has named it.
func vendorWords(d *report.ConnectDetail) string {
	if d.Vendor == "" || d.ProxyError != "" {
		return ""
	}
	return "; it is " + d.Vendor
}
