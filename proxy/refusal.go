package proxy

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/hop"
	"edgenet/report"
)

// refusal is the classifier of what a proxy answers to CONNECT in place of a tunnel.
func (p *Proxy) refusal(resp *http.Response, body []byte, d *report.ConnectDetail) hop.Fault {
	d.Body = Title(body)
	d.ProxyError = report.Clean(resp.Header.Get("X-Squid-Error"), 80)
	d.Vendor = vendor(d, body)
	d.NoNextHop = noNextHop.in(strings.ToLower(d.ProxyError + " " + resp.Status + " " + string(body)))
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		d.Date = &date
	}
	at, to := p.Address(), d.Target
	switch code := resp.StatusCode; {
	case code == http.StatusProxyAuthRequired:
		return p.authFault(resp, d)
	case code == http.StatusForbidden || code == http.StatusUnauthorized ||
		code == http.StatusUnavailableForLegalReasons:
		summary := fmt.Sprintf("the proxy %s forbids CONNECT %s (%s)%s%s", at, to, d.StatusLine, saying(d),
			vendorWords(d))
		if code == http.StatusUnauthorized && p.HasAuth { // tinyproxy 1.11 does
			summary += "; some proxies answer a wrong user or password so"
		}
		return hop.Fault{Cause: report.ConnectForbidden, Summary: summary}
	case code == http.StatusBadRequest || code == http.StatusMethodNotAllowed || code == http.StatusNotImplemented:
		return hop.Fault{Cause: report.ConnectUnsupported, Summary: fmt.Sprintf("%s does not do CONNECT (%s)%s", at,
			d.StatusLine, serverWords(d))}
	case code/100 == 2:
		return hop.Fault{Cause: report.ConnectUnsupported,
			Summary: fmt.Sprintf("%s answers CONNECT with a web page (%s)%s: a web server, not a proxy", at,
				d.StatusLine, serverWords(d))}
	case code/100 == 3:
		return hop.Fault{Cause: report.ConnectRedirect,
			Summary: fmt.Sprintf("the proxy %s redirects CONNECT %s%s (%s)%s%s", at, to, toward(d.Location),
				d.StatusLine,
				saying(d), vendorWords(d))}
	case code == 500 || code == 502 || code == 503 || code == 504:
		return upstreamFault(resp, body, d, at)
	}
	return hop.Fault{Cause: report.ConnectStatus, Summary: fmt.Sprintf("the proxy %s refuses CONNECT %s with %s", at,
		to, d.StatusLine)}
}

// ownWords is the reason phrase of an answer that has one of its own.
func ownWords(resp *http.Response) string {
	phrase := strings.TrimSpace(strings.TrimPrefix(resp.Status, fmt.Sprint(resp.StatusCode)))
	if phrase == "" || strings.EqualFold(phrase, http.StatusText(resp.StatusCode)) {
		return ""
	}
	return ": " + report.Clean(phrase, 80)
}

// toward says where a redirect leads.
func toward(location string) string {
	if location == "" {
		return " without saying where"
	}
	return " to " + report.Clean(location, 120)
}

func saying(d *report.ConnectDetail) string {
	switch {
	case d.ProxyError != "":
		return ": " + d.ProxyError
	case d.Body != "":
		return ": " + report.Clean(d.Body, 80)
	}
	return ""
}

func serverWords(d *report.ConnectDetail) string {
	if d.Server == "" {
		return ""
	}
	return ", it is " + report.Clean(d.Server, 60)
}

// authFault reads the schemes that a 407 offers (RFC 9110, section 11.7).
func (p *Proxy) authFault(resp *http.Response, d *report.ConnectDetail) hop.Fault {
	basic := false
	for _, c := range challenges(resp.Header.Values("Proxy-Authenticate")) {
		d.AuthSchemes = append(d.AuthSchemes, c.scheme)
		if c.basic() {
			basic, d.Realm = true, c.realm
		}
	}
	offered := strings.Join(d.AuthSchemes, ", ")
	switch {
	case !basic:
		if offered == "" {
			offered = "nothing"
		}
		return hop.Fault{Cause: report.ConnectAuthUnsupported,
			Summary: fmt.Sprintf("the proxy %s wants a login and offers %s, not Basic, which is all that IoT "+
				"Edge can do", p.Address(), offered)}
	case p.HasAuth && d.First != nil && d.First.Realm != "" && d.Realm != "" && d.First.Realm != d.Realm:
		return hop.Fault{Cause: report.ConnectAuthRejected,
			Summary: fmt.Sprintf("the proxy %s asks for a login of %q, and after the user %q and its password for one "+
				"of %q%s: another proxy behind it asks, as far as can be told", p.Address(), d.First.Realm,
				p.ShownUser(), d.Realm, saying(d))}
	case p.HasAuth:
		return hop.Fault{Cause: report.ConnectAuthRejected,
			Summary: fmt.Sprintf("the proxy %s rejects the user %q and its password (407, offers %s)%s%s", p.Address(),
				p.ShownUser(), offered, ownWords(resp), saying(d))}
	}
	return hop.Fault{Cause: report.ConnectAuthRequired,
		Summary: fmt.Sprintf("the proxy %s wants a user and password (407, offers %s)", p.Address(), offered)}
}

// upstreamFault looks for the reason why the proxy itself got no further: squid's own
// header, a reason phrase that is not the standard one, the page.
func upstreamFault(resp *http.Response, body []byte, d *report.ConnectDetail, at string) hop.Fault {
	phrase := strings.TrimSpace(strings.TrimPrefix(resp.Status, fmt.Sprint(resp.StatusCode)))
	if strings.EqualFold(phrase, http.StatusText(resp.StatusCode)) {
		phrase = ""
	}
	for _, text := range []string{resp.Header.Get("X-Squid-Error"), resp.Header.Get("Proxy-Status"), phrase,
		string(body)} { // a page may list what might be
		for _, r := range upstreamReasons {
			if r.in(strings.ToLower(text)) {
				return hop.Fault{Cause: r.cause, Summary: fmt.Sprintf("the proxy %s %s %s (%s)%s", at, r.says, d.Target,
					d.StatusLine, saying(d))}
			}
		}
	}
	if d.NoNextHop {
		return hop.Fault{Cause: report.ConnectUpstream,
			Summary: fmt.Sprintf("the proxy %s reaches nothing to pass %s on to "+
				"(%s)%s", at, d.Target, d.StatusLine, saying(d))}
	}
	return hop.Fault{Cause: report.ConnectUpstream,
		Summary: fmt.Sprintf("the proxy %s could not connect to %s and does not say why (%s)%s", at, d.Target,
			d.StatusLine, saying(d))}
}

type upstreamReason struct {
	cause report.Cause
	says  string
	words []string
}

func (r upstreamReason) in(text string) bool {
	for _, w := range r.words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// upstreamReasons are words by which proxies say what happened behind them: squid's
// error names and errno, then what mitmproxy, HAProxy, Privoxy, Apache and nginx write.
var upstreamReasons = []upstreamReason{
	{report.ConnectUpstreamDNS, "cannot resolve", []string{"err_dns_fail", "error=dns_", "notresolvable",
		"name or service not known", "no such host",
		"could not resolve", "cannot resolve", "unable to resolve",
		"unable to determine ip address", "dns lookup", "dns error", "dns failure", "dns resolution", "name resolution",
		"dns_unresolved_hostname", "host not found", "no address associated", "unknown host", "nodename nor servname"}},
	{report.ConnectUpstreamTimeout, "got no answer from", []string{"err_connect_fail 110", "error=connection_timeout",
		"(110)", "errno 110",
		"connection timed out", "connection timeout", "operation timed out", "connect timeout", "timed out",
		"err_read_timeout",
		"timeout was reached", "i/o timeout"}},
	{report.ConnectUpstreamRefused, "was refused or told unreachable by",
		[]string{"error=connection_refused", "error=destination_ip_unroutable", "error=destination_unavailable",
			"err_connect_fail 111", "err_connect_fail 113", "err_connect_fail 101", "(111)", "(113)", "(101)",
			"errno 111", "errno 113", "delayed connect error: 111", "delayed connect error: 113", "connection refused",
			"no route to host", "network is unreachable",
			"host is unreachable", "actively refused"}},
}

// noNextHop are the words of proxies that have to pass a request on to another one, and reach none: squid's
// error name, then what HAProxy, Envoy and tinyproxy write.
var noNextHop = upstreamReason{words: []string{"err_cannot_forward", "no server is available to handle this request",
	"no healthy upstream", "unable to connect to upstream proxy"}}

var titleTag = lazyregexp.New(`(?is)<title[^>]*>(.*?)</title>`)
var anyTag = lazyregexp.New(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)

// Title gives the title of an HTML page, or the first words of another text.
func Title(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	if m := titleTag().FindSubmatch(body); m != nil {
		return report.Clean(html.UnescapeString(string(m[1])), 120)
	}
	return report.Clean(html.UnescapeString(anyTag().ReplaceAllString(string(body), " ")), 120)
}

// IsHTML tells whether a Content-Type is a web page's.
func IsHTML(contentType string) bool {
	t, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	t = strings.TrimSpace(t)
	return t == "text/html" || t == "application/xhtml+xml"
}
