package proxy

import (
	"bufio"
	"context"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// TestAnswersAreReadWhole: what a proxy says in its status text, headers, page and redirect is
// kept, names the product, and gives the cause, over real connections.
func TestAnswersAreReadWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer, vendor string
		cause                report.Cause
		says                 string
	}{
		{"Zscaler's page", "HTTP/1.1 403 Forbidden\r\nServer: Zscaler/6.2\r\nContent-Type: text/html\r\n" +
			"Content-Length: 59\r\n\r\n<html><title>Internet Security by Zscaler</title>x</html>....", "Zscaler",
			report.ConnectForbidden, "Zscaler"},
		{"a login page of a Cisco appliance", "HTTP/1.1 302 Found\r\nVia: 1.1 wsa.corp:80 (Cisco-WSA/14.0)\r\n" +
			"Location: http://wsa.corp/login\r\nContent-Length: 0\r\n\r\n", "Cisco Web Security Appliance",
			report.ConnectRedirect, "http://wsa.corp/login"},
		{"the text of a status line", "HTTP/1.1 502 notresolvable\r\nVia: 1.1 gw (Skyhigh Secure Web Gateway)\r\n" +
			"Content-Length: 0\r\n\r\n", "Skyhigh Web Gateway", report.ConnectUpstreamDNS, "notresolvable"},
		{"McAfee in Via", "HTTP/1.1 403 URLBlocked\r\nVia: 1.1 gw (McAfee Web Gateway 7.8)\r\n" +
			"Content-Length: 0\r\n\r\n", "Skyhigh (McAfee) Web Gateway", report.ConnectForbidden, "McAfee"},
		{"RFC 9209: the name", "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: h2o; error=dns_error; rcode=NXDOMAIN\r\n" +
			"Content-Length: 0\r\n\r\n", "H2O", report.ConnectUpstreamDNS, "cannot resolve"},
		{"RFC 9209: the time", "HTTP/1.1 504 Gateway Timeout\r\nProxy-Status: p; error=connection_timeout\r\n" +
			"Content-Length: 0\r\n\r\n", "", report.ConnectUpstreamTimeout, "no answer"},
		{"RFC 9209: a refusal", "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: p; error=connection_refused\r\n" +
			"Content-Length: 0\r\n\r\n", "", report.ConnectUpstreamRefused, "refused"},
		{"nobody in particular", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "", report.ConnectForbidden,
			"403"},
	} {
		p := answering(t, tt.answer)
		trace := hop.NewTrace(context.Background(), time.Now())
		conn, fault := Dial(context.Background(), &hop.Env{}, trace, p, "hub.test", 443)
		if conn != nil {
			_ = conn.Close()
		}
		if fault == nil || fault.Cause != tt.cause || !strings.Contains(fault.Summary, tt.says) {
			t.Errorf("%s: %+v", tt.name, fault)
		}
		for _, st := range trace.Steps() {
			if d, ok := st.Detail.(*report.ConnectDetail); ok && d.Vendor != tt.vendor {
				t.Errorf("%s: %q, want %q", tt.name, d.Vendor, tt.vendor)
			}
		}
	}
}

// answering is a proxy that gives every request one answer.
func answering(t *testing.T, answer string) *proxyurl.Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			br := bufio.NewReader(conn)
			for line := ""; line != "\r\n" && err == nil; {
				line, err = br.ReadString('\n')
			}
			_, _ = conn.Write([]byte(answer))
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, err := strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	p, err := proxyurl.Parse("http://"+l.Addr().String(), "flag")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
