package proxy

import (
	"strings"

	"edgenet/internal/hop"
	"edgenet/report"
)

// product is a word by which a proxy gives itself away, and where such an answer can be read.
type product struct{ word, vendor, source string }

// products are names that stand in headers, in the text of a status line, in a realm, or in
// where a redirect leads.
var products = []product{
	{"tinyproxy", "tinyproxy", "Server and Via in the program of Debian's package, 1.11.1"},
	{"privoxy", "Privoxy", "Proxy-Agent in Privoxy's own source"},
	{"squid", "squid", "Server, Via and X-Squid-Error in the program of Debian's package, 5.7"},
	{"mitmproxy", "mitmproxy", "Server in its own source, mitmproxy/proxy/layers/http/_http1.py"},
	{"cisco-wsa", "Cisco Web Security Appliance",
		"Via: 1.1 HOST:80 (Cisco-WSA/VERSION) in answers that users published"},
	{"cisco-ironport-wsa", "Cisco Web Security Appliance",
		"Via: 1.1 HOST:80 (Cisco-IronPort-WSA/7.5.0-833) in answers that users published"},
	{"zscaler", "Zscaler", "Server: Zscaler/6.2 in answers that users published; wafw00f, plugins/zscaler.py"},
	{"urlblocked", "Skyhigh (McAfee) Web Gateway",
		"HTTP/1.1 403 URLBlocked to CONNECT: github.com/ryanchapman/go-any-proxy, issue 36"},
	{"barracudahttp", "Barracuda", "Server: BarracudaHTTP 4.0: WhatWeb's and OpenVAS' lists of banners"},
	{"watchguard", "WatchGuard", "Server: WatchGuard: wafw00f, plugins/watchguard.py"},
	{":15871/cgi-bin/block", "Forcepoint Websense",
		"the address of its block page: Websense Technical Library, v7.7, wsfaq_blockpages"},
	{"/php/urlblock.php?args=", "Palo Alto Networks",
		"the address of its block page: knowledgebase.paloaltonetworks.com, kA10g000000ClsQCAS"},
	{"/usercheck/portalmain", "Check Point",
		"the address of UserCheck: sc1.checkpoint.com, CP_R76_AppControl_WebAdmin"},
	{"envoy", "Envoy", "Server: envoy: github.com/envoyproxy/nighthawk, its documentation"},
	{"forefront", "Microsoft Forefront TMG", "the text of its 407 in many published error messages"},
	{"h2o", "H2O", "Proxy-Status: github.com/h2o/h2o, pull request 2639"},
	{"nginx", "nginx", "Server: github.com/chobits/ngx_http_proxy_connect_module, issue 190"},
}

// pages are sentences of products' own pages, long enough to stand in no other.
var pages = []product{
	{"web filter block override", "Fortinet FortiGuard", "the page's title: wafw00f, plugins/fortiguard.py"},
	{"fortiguard intrusion prevention", "Fortinet FortiGuard", "wafw00f, plugins/fortiguard.py"},
	{"has been blocked in accordance with company policy", "Palo Alto Networks",
		"its default page: sqlmap, waf/paloalto.py; knowledgebase.paloaltonetworks.com, kA10g000000ClsQCAS"},
	{"(content_filter_denied)", "Symantec Blue Coat",
		"a built-in exception of ProxySG: Content Policy Language Guide; Broadcom's article 165356"},
	{"access denied (policy_denied)", "Symantec Blue Coat",
		"a built-in exception of ProxySG: TechBrief Exception Pages"},
	{"network error (tcp_error)", "Symantec Blue Coat", "a built-in exception of ProxySG, in published pages of users"},
	{"sophos web appliance: ", "Sophos Web Appliance",
		"the title of its error pages: a page that an appliance gave out, in public crawls; OpenVAS' banners"},
	{"denied by watchguard", "WatchGuard", "wafw00f, plugins/watchguard.py"},
	{":15871/cgi-bin/block", "Forcepoint Websense", "Websense Technical Library, v7.7, wsfaq_blockpages"},
	{"check point usercheck", "Check Point", "sc1.checkpoint.com, CP_R76_AppControl_WebAdmin"},
	{"no server is available to handle this request.", "HAProxy", "errors/503.http of Debian's package, 2.6"},
	{"upstream connect error or disconnect/reset before headers", "Envoy",
		"published answers of Envoy, with Server: envoy"},
}

// vendor names the product that gives itself away in a refusal: by its headers, the text of its
// status line, where it redirects to, its page.
func vendor(d *report.ConnectDetail, body []byte) string {
	texts := append([]string{d.Via, d.Server, d.ProxyError, d.StatusLine, d.Location, d.Realm}, d.Headers...)
	if v := hop.VendorOfAnswer(texts...); v != "" {
		return v
	}
	if v := named(products, texts...); v != "" {
		return v
	}
	if v := named(pages, d.Body, string(body)); v != "" { // a page may be about anything
		return v
	}
	return hop.VendorOfAnswer(d.Body, string(body))
}

func named(list []product, texts ...string) string {
	for _, text := range texts {
		text = strings.ToLower(text)
		for _, p := range list {
			if strings.Contains(text, p.word) {
				return p.vendor
			}
		}
	}
	return ""
}
