package proxyurl_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"edgenet/internal/proxyurl"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, want, user, pw string }{
		{"http://proxy:3128", "http://proxy:3128", "", ""},
		{"  http://proxy:3128/  ", "http://proxy:3128", "", ""},
		{"HTTP://Proxy:3128", "http://Proxy:3128", "", ""},
		{"http://proxy", "http://proxy:80", "", ""}, {"https://proxy", "https://proxy:443", "", ""},
		{"socks5://proxy", "socks5://proxy:1080", "", ""},
		{"SOCKS5H://proxy", "socks5://proxy:1080", "", ""},
		{"http://10.0.0.1:8080", "http://10.0.0.1:8080", "", ""},
		{"http://[fd00::1]:3128", "http://[fd00::1]:3128", "", ""},
		{"http://[fe80::1%25eth0]:1", "http://[fe80::1%eth0]:1", "", ""},
		{"http://my_proxy.corp:3128", "http://my_proxy.corp:3128", "", ""},
		{"http://bücher.example:3128", "http://xn--bcher-kva.example:3128", "", ""},
		{"http://proxy:", "http://proxy:80", "", ""}, {"http://@proxy:1", "http://proxy:1", "", ""},
		{"http://u:pw@proxy:1", "http://u:****@proxy:1", "u", "pw"},
		{"http://u@proxy:1", "http://****@proxy:1", "u", ""},
		{"http://dom%5Cu:p%40%3A%2F%23%25@proxy:1", `http://dom\u:****@proxy:1`, `dom\u`, "p@:/#%"},
		{"http://u:p@ss@proxy:1", "http://u:****@proxy:1", "u", "p@ss"},
		{"http://u:p:ss@proxy:1", "http://u:****@proxy:1", "u", "p:ss"},
	} {
		p, err := proxyurl.Parse(tt.raw, "flag")
		if err != nil || p.String() != tt.want || p.User != tt.user || p.Password.Reveal() != tt.pw ||
			p.HasAuth != (tt.user != "") || p.Source != "flag" || p.NoScheme {
			t.Errorf("%q: got %+v, %v", tt.raw, p, err)
		}
		if p != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", p, *p, *p), "p@") {
			t.Errorf("%q: printed with its password", tt.raw)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"": "empty", "   ": "empty",
		"proxy:3128": "no scheme", "10.0.0.1:3128": "no scheme", "u:S3cret@proxy:3128": "no scheme",
		"http:proxy:3128": "no scheme", "http:/proxy": "no scheme", "http//proxy": "no scheme",
		"ftp://u:S3cret@proxy": `scheme "ftp"`, "socks4://proxy": "http, https or socks5",
		"u:S3cret://x@proxy:1":  "expected http",
		"http://proxy/wpad.PAC": "PAC file", "http://proxy:80/proxy.pac?x": "PAC file",
		"http://": "no host", "http://:3128": "no host", "http://u:S3cret@:1": "no host",
		"http://proxy:1/path": "more than host and port", "http://proxy:1?q": "more than host and port",
		"http://proxy:1#f": "more than host and port",
		"http://proxy:0":   "1 to 65535", "http://proxy:65536": "1 to 65535", "http://proxy:03128": "1 to 65535",
		"http://admin:31337/": "without a host", "http://ROOT:4711": "without a host",
		"socks5://user:4711":                "without a host",
		"http://proxy:99999999999999999999": "port",
		"http://proxy:http":                 "no port",
		"http://u:S3cret#1@proxy:1":         "percent-encoded", "http://u:S3cret/1@proxy:1": "percent-encoded",
		"http://u:S3cret?1@proxy:1": "percent-encoded", "http://u:1/S3cret@proxy:1": "percent-encoded",
		"http://u:1#S3cret@proxy:1":  "percent-encoded",
		"http://u:S3cret%zz@proxy:1": "%25", "http://u:100%@proxy:1": "%25", "http://u:S3cret x@proxy:1": "%20",
		`http://u:S3cret\x@proxy:1`: "percent-encoded",
		"http://pro xy:1":           "no host name has", "http://user:S3cret": "no port", "http://::1:3128": "no port",
		"http://[::1:3128": "cannot be read", "http://proxy:1\x1b[2J": "cannot be read",
		"http://bü_cher..example": "international",
	} {
		p, err := proxyurl.Parse(raw, "flag")
		if err == nil || p != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %q", raw, p, err, want)
			continue
		}
		if strings.Contains(err.Error(), "S3cret") || strings.Contains(err.Error(), "4711") ||
			strings.Contains(err.Error(), "31337") || strings.Contains(err.Error(), "65536") ||
			strings.Contains(err.Error(), "100%") ||
			strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: says too much: %s", raw, err)
		}
	}
}

func TestAssume(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"proxy:3128": "http://proxy:3128",
		" u:pw@proxy:1 ": "http://u:****@proxy:1", "https://proxy": "https://proxy:443"} {
		p, err := proxyurl.Assume(raw, "x")
		if err != nil || p.String() != want || p.NoScheme == strings.Contains(raw, "://") {
			t.Errorf("%q: %+v, %v", raw, p, err)
		}
	}
	if _, err := proxyurl.Assume("", "x"); err == nil {
		t.Error("nothing is no proxy")
	}
}

// FuzzParse: whatever stands around it, no error and no printed form shows the password.
func FuzzParse(f *testing.F) {
	for _, pw := range []string{"S3cret", "p@ss", "p:ss", "p/ss", "p#ss", "p%ss", "p ss", "p?ss", "://x", "[", "%zz",
		"é", "\x00", `\`} {
		f.Add("http://u:", pw, "@proxy:3128")
		f.Add("u:", pw, "@proxy:3128")
		f.Add("http://", pw, "@proxy:bad")
		f.Add("", pw, "://x@h:1")
	}
	f.Fuzz(func(t *testing.T, before, pw, after string) {
		const mark = "Zq9Wx7"
		secret := pw + mark
		if !strings.Contains(after, "@") || strings.Contains(before+after, mark) {
			return
		}
		raw := before + secret + after
		for _, read := range []func(string, string) (*proxyurl.Proxy, error){proxyurl.Parse, proxyurl.Assume} {
			p, err := read(raw, "flag")
			if err != nil {
				if strings.Contains(err.Error(), mark) && !strings.HasPrefix(raw[strings.LastIndex(raw, "@"):], mark) &&
					!schemeOrHost(raw, mark) {
					t.Fatalf("%q: %s", raw, err)
				}
				continue
			}
			if p.Port < 1 || p.Port > 65535 || p.Host == "" {
				t.Fatalf("%q: %+v", raw, p)
			}
			if p.HasAuth && strings.Contains(p.Password.Reveal(), mark) &&
				strings.Contains(fmt.Sprintf("%v %+v %#v", p, *p, p), mark) && !strings.Contains(p.User+p.Host, mark) {
				t.Fatalf("%q printed as %v", raw, p)
			}
		}
	})
}

// schemeOrHost: what stands where a scheme belongs is shown as one.
func schemeOrHost(raw, mark string) bool {
	u, err := url.Parse(strings.TrimSpace(raw))
	scheme, _, _ := strings.Cut(raw, "://")
	return strings.Contains(scheme, mark) || err == nil && strings.Contains(u.Host, mark)
}

func TestRuntimeUsable(t *testing.T) {
	t.Parallel()
	yes, no := "true", "false"
	for url, want := range map[string]map[report.Protocol]string{
		"http://p": {report.AMQP: no, report.MQTT: no, report.AMQPWS: yes, report.MQTTWS: yes, report.HTTPS: yes},
		"https://p": {report.AMQP: no, report.MQTT: no, report.AMQPWS: "unknown", report.MQTTWS: "unknown",
			report.HTTPS: "unknown"},
		"socks5://p": {report.AMQP: no, report.MQTT: no, report.AMQPWS: no, report.MQTTWS: no, report.HTTPS: no},
	} {
		for proto, w := range want {
			got := "unknown"
			if u := testkit.Proxy(t, url).RuntimeUsable(proto); u != nil {
				got = fmt.Sprint(*u)
			}
			if got != w {
				t.Errorf("%s by %s: %s, want %s", proto, url, got, w)
			}
		}
	}
}

// TestNoPort: whether the URL names its port, for who reads what was tried.
func TestNoPort(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{"http://proxy.test": true, "https://proxy.test/": true, "http://[fd00::1]": true,
		"http://proxy.test:80": false, "socks5://proxy.test:1080": false} {
		if p, err := proxyurl.Parse(raw, ""); err != nil || p.NoPort != want {
			t.Errorf("%s: %+v, %v", raw, p, err)
		}
	}
}
