package proxy_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// socks answers reads in turn.
func socks(stay bool, answers ...string) func(net.Conn) {
	return func(c net.Conn) {
		for _, a := range answers {
			if _, err := c.Read(make([]byte, 512)); err != nil {
				return
			}
			_, _ = io.WriteString(c, a)
		}
		if stay {
			_, _ = io.Copy(io.Discard, c)
			return
		}
		_, _ = c.Read(make([]byte, 512))
	}
}

func TestSOCKSCauses(t *testing.T) {
	t.Parallel()
	type row struct {
		name    string
		answers []string
		stay    bool
		user    string
		cause   report.Cause
		value   string
		reply   string
	}
	login := "u:" + strings.Replace(password, "!", "%21", 1) + "@"
	rows := []row{
		{"no method", []string{"\x05\xff"}, false, "", report.ConnectSOCKS, "no acceptable authentication methods",
			"no acceptable authentication methods"},
		{"login refused", []string{"\x05\x02", "\x01\x01"}, false, login, report.ConnectSOCKS,
			"username/password authentication failed", "username/password authentication failed"},
		{"HTTP", []string{"HTTP/1.1 400 Bad Request\r\n\r\n"}, false, "", report.ConnectSOCKS,
			"not a SOCKS 5 proxy: HT", ""},
		{"SOCKS 4", []string{"\x00\x5b\x00\x00"}, false, "", report.ConnectSOCKS, `not a SOCKS 5 proxy: \x00[`, ""},
		{"silence", nil, true, "", report.ConnectTimeout, "did not answer", ""},
		{"silence after the greeting", []string{"\x05\x00"}, true, "", report.ConnectTimeout, "did not answer", ""},
		{"closed", []string{""}, false, "", report.ConnectClosed, "closed the connection", ""},
		{"closed after the greeting", []string{"\x05\x00", ""}, false, "", report.ConnectClosed,
			"closed the connection", ""},
	}
	for code, reply := range []string{1: "general SOCKS server failure", "connection not allowed by ruleset",
		"network unreachable", "host unreachable",
		"connection refused", "TTL expired", "command not supported", "address type not supported", "unknown code: 9",
		200: "unknown code: 200"} {
		if reply != "" {
			rows = append(rows, row{fmt.Sprint("reply ", code),
				[]string{"\x05\x00", fmt.Sprintf("\x05%c\x00\x01\x00\x00\x00\x00\x00\x00", 0)[:1] +
					string([]byte{byte(code), 0, 1, 0, 0, 0, 0, 0, 0})}, false, "", report.ConnectSOCKS, "refuses " +
					target + ":5671: " + reply, reply})
		}
	}
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at, _ := serve(t, func(c net.Conn) {
				if len(tt.answers) > 0 && tt.answers[len(tt.answers)-1] == "" { // close in place of the last
					for _, a := range tt.answers {
						_, _ = c.Read(make([]byte, 512))
						_, _ = io.WriteString(c, a)
					}
					return
				}
				socks(tt.stay, tt.answers...)(c)
			})
			_, tr, f := dial(t, 600*time.Millisecond, nil, testkit.Proxy(t, "socks5://"+tt.user+at))
			st := failed(t, tr, f, report.StageConnect, tt.cause, at, tt.value)
			d := st.Detail.(*report.ConnectDetail)
			if d.SOCKSReply != tt.reply || d.Status != 0 || d.Remote != at ||
				(d.FirstBytes != "") != strings.Contains(tt.value, "not a SOCKS") {
				t.Errorf("detail %+v", d)
			}
			if want := map[bool]string{true: "socks", false: "none"}[tt.user != ""]; d.Credentials != want {
				t.Errorf("credentials %q", d.Credentials)
			}
		})
	}
}

func TestSOCKSTunnel(t *testing.T) {
	t.Parallel()
	at, h := serve(t, func(c net.Conn) {
		socks(true, "\x05\x02", "\x01\x00", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00early")(c)
	})
	c, tr, f := dial(t, 500*time.Millisecond, nil, testkit.Proxy(t, "socks5h://u:pw@"+at))
	if f != nil {
		t.Fatal(f.Summary)
	}
	p := make([]byte, 5)
	if _, err := io.ReadFull(c, p); err != nil || string(p) != "early" {
		t.Errorf("%q, %v", p, err)
	}
	start := time.Now()
	if _, err := c.Read(p); err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("the tunnel ends with its context: %v after %s", err, time.Since(start))
	}
	if got := h.String(); !strings.Contains(got, "\x01\x01u\x02pw") || !strings.Contains(got, string(rune(len(target)))+
		target+"\x16\x27") {
		t.Errorf("sent %q: the login, and the name for the proxy to resolve", got)
	}
	if st := tr.Steps()[1]; st.Status != report.OK || st.Detail.(*report.ConnectDetail).Credentials != "socks" {
		t.Errorf("step %+v", st)
	}
}
