package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// page is an HTML page with that status and text.
func pageOf(status, title, text string) string {
	body := "<html><head><title>" + title + "</title></head><body>" + text + "</body></html>"
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", status,
		len(body), body)
}

func header(status string, lines ...string) string {
	return "HTTP/1.1 " + status + "\r\n" + strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}

// productAnswers are answers of the kind that each row's source shows, by the row's word.
func productAnswers() map[string]string {
	return map[string]string{
		"tinyproxy":  header("403 Filtered", "Server: tinyproxy/1.11.1"),
		"privoxy":    header("403 Request blocked by Privoxy", "Proxy-Agent: Privoxy 3.0.34"),
		"squid":      header("403 Forbidden", "Server: squid/5.7", "X-Squid-Error: ERR_ACCESS_DENIED 0"),
		"mitmproxy":  header("502 Bad Gateway", "Server: mitmproxy 8.1.1"),
		"cisco-wsa":  header("403 Forbidden", "Via: 1.1 wsa2.corp.example:80 (Cisco-WSA/12.0.3-007)"),
		"zscaler":    header("403 Forbidden", "Server: Zscaler/6.2"),
		"urlblocked": header("403 URLBlocked"),
		"watchguard": header("403 Forbidden", "Server: WatchGuard"),
		"envoy":      header("403 Forbidden", "server: envoy"),
		"h2o":        header("502 Bad Gateway", "Proxy-Status: h2o; error=dns_error"),
		"nginx":      header("403 Forbidden", "Server: nginx/1.22.1"),
		"forefront": header("403 Forefront TMG denied the specified Uniform Resource Locator (URL).",
			"Via: 1.1 TMG"),
		"cisco-ironport-wsa": header("403 Forbidden", "Via: 1.1 proxy.corp.example:80 (Cisco-IronPort-WSA/7.5.0-833)"),
		"barracudahttp":      header("403 Forbidden", "Server: BarracudaHTTP 4.0"),
		":15871/cgi-bin/block": header("302 Moved",
			"Location: http://10.0.16.15:15871/cgi-bin/blockpage.cgi?ws-session=1998876452"),
		"/php/urlblock.php?args=": header("302 Found",
			"Location: http://192.0.2.1:6080/php/urlblock.php?args=AAAAUQ"),
		"/usercheck/portalmain": header("302 Found", "Location: http://192.0.2.1/UserCheck/PortalMain?IID=1"),
	}
}

func pageAnswers() map[string]string {
	return map[string]string{
		"web filter block override":       pageOf("403 Forbidden", "Web Filter Block Override", "x"),
		"fortiguard intrusion prevention": pageOf("403 Forbidden", "x", "<h1>FortiGuard Intrusion Prevention</h1>"),
		"has been blocked in accordance with company policy": pageOf("503 Service Unavailable", "Web Page Blocked",
			"Access to the web page you were trying to visit has been blocked in accordance with company policy."),
		"(content_filter_denied)": pageOf("403 Forbidden", "Access Denied",
			"Access Denied (content_filter_denied)"),
		"access denied (policy_denied)": pageOf("403 Forbidden", "Access Denied",
			"<big>Access Denied (policy_denied)</big>"),
		"network error (tcp_error)": pageOf("503 Service Unavailable", "Network Error",
			"Network Error (tcp_error) <br> A communication error occurred: \"Operation timed out\""),
		"sophos web appliance: ": pageOf("504 Gateway Timeout", "Sophos Web Appliance: Remote server not responding",
			"<h2>Website error:  Remote server not responding</h2>"),
		"denied by watchguard": pageOf("403 Forbidden", "x", "Request denied by WatchGuard HTTP Proxy."),
		":15871/cgi-bin/block": pageOf("403 Forbidden", "x",
			"<iframe src=\"http://10.2.41.70:15871/cgi-bin/block_message.cgi?ws-session=1\"></iframe>"),
		"check point usercheck": pageOf("403 Forbidden", "Check Point UserCheck", "x"),
		"no server is available to handle this request.": pageOf("503 Service Unavailable", "",
			"<h1>503 Service Unavailable</h1> No server is available to handle this request."),
		"upstream connect error or disconnect/reset before headers": pageOf("503 Service Unavailable", "",
			"upstream connect error or disconnect/reset before headers. reset reason: connection timeout"),
	}
}

// TestEachProductIsNamed: each row is shown an answer of its kind over a real connection, and
// says where it is from; no row is named by another's answer.
func TestEachProductIsNamed(t *testing.T) {
	t.Parallel()
	for list, answers := range map[*[]product]map[string]string{&products: productAnswers(), &pages: pageAnswers()} {
		if len(*list) != len(answers) {
			t.Errorf("%d rows, %d answers", len(*list), len(answers))
		}
		for _, p := range *list {
			if p.source == "" || p.word != strings.ToLower(p.word) {
				t.Errorf("%+v", p)
			}
			d := asked(t, answers[p.word])
			if d == nil || d.Vendor == "" || !akin(d.Vendor, p.vendor) {
				t.Errorf("%s: %+v, want %s", p.word, d, p.vendor)
			}
		}
	}
}

// akin tells whether two names are of one maker's product: the list of those that inspect TLS
// has shorter ones.
func akin(a, b string) bool {
	return a == b || slices.ContainsFunc(strings.Fields(a), func(w string) bool {
		return len(w) > 4 && strings.Contains(b, w)
	})
}

// asked is the evidence of a CONNECT that was answered so.
func asked(t *testing.T, answer string) *report.ConnectDetail {
	t.Helper()
	trace := hop.NewTrace(context.Background(), time.Now())
	conn, _ := Dial(context.Background(), &hop.Env{}, trace, answering(t, answer), "hub.test", 443)
	if conn != nil {
		_ = conn.Close()
	}
	for _, st := range trace.Steps() {
		if d, ok := st.Detail.(*report.ConnectDetail); ok {
			return d
		}
	}
	return nil
}

// TestReasonsInPages: the reason why a proxy got no further is read in the words of its maker.
func TestReasonsInPages(t *testing.T) {
	t.Parallel()
	page := func(text string) string { return pageOf("503 Service Unavailable", "", text) }
	for _, row := range []struct {
		answer string
		want   report.Cause
	}{
		{page("upstream connect error or disconnect/reset before headers. reset reason: connection timeout"),
			report.ConnectUpstreamTimeout},
		{page("upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, " +
			"transport failure reason: delayed connect error: 111"), report.ConnectUpstreamRefused},
		{page("Network Error (tcp_error) A communication error occurred: \"Operation timed out\""),
			report.ConnectUpstreamTimeout},
		{page("Network Error (dns_unresolved_hostname)"), report.ConnectUpstreamDNS},
		{page("No server is available to handle this request."), report.ConnectUpstream},
	} {
		trace := hop.NewTrace(context.Background(), time.Now())
		conn, fault := Dial(context.Background(), &hop.Env{}, trace, answering(t, row.answer), "hub.test", 443)
		if conn != nil {
			_ = conn.Close()
		}
		if fault == nil || fault.Cause != row.want {
			t.Errorf("%+v, want %s", fault, row.want)
		}
	}
}
