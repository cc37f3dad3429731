package secret_test

import (
	"strings"
	"testing"

	"edgenet/internal/secret"
)

// TestNumber: a number behind a word may be a password, however its colon is written, and one
// that is no port is none behind any name. Ports of hosts that have a dot, and the usual ones, are shown.
func TestNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"http://user:73519", "user:73519", "http://user:73519/", "http://user%3A73519", "http%3A%2F%2Fuser%3a73519",
		"http://user%253A73519", "http://user\uff1a73519", "http:\\\\user:73519", "HTTP://USER:73519", "user:73519,x",
		"socks5://user\u223673519", "https_proxy=http://user:73519", "http://john.doe:73519", "john.doe:73519",
		"http://192.0.2.1:73519", "http://[2001:db8::1]:73519", "localhost:73519", "http://user:0073519",
		"x,user:73519",
		"http://user:\uff17\uff13\uff15\uff11\uff19", "jdoe:73519:proxy:3128", "http://jdoe:73519:proxy:3128",
		"http://john.doe:73519/?x", "//user:73519", "http:user:73519", "http:/user:73519", "user: 73519", "j_doe:73519",
	} {
		if got := secret.Show(text, 0); strings.Contains(got, "73519") || strings.Contains(got, "\uff17\uff13") {
			t.Errorf("%q: %q", text, got)
		}
		if len(secret.Hidden(text)) == 0 {
			t.Errorf("%q: nothing is hidden", text)
		}
	}
	for _, text := range []string{
		"http://admin:31337/", "admin:31337", "squid:13128", "http://jdoe:0073", "user=joe:31337",
	} {
		if got := secret.Show(text, 0); strings.Contains(got, "1337") || strings.Contains(got, "13128") ||
			strings.Contains(got, "0073") {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{
		"http://proxy:3128", "proxy:8080", "http://localhost:31280", "http://proxy.corp:31280", "127.0.0.1:0",
		"http://192.0.2.1:31280", "http://[2001:db8::1]:31280", "127.0.0.1:9", "proxy.corp:31280,squid:3128",
		"lab:443:127.0.0.1:41234", "h.azure-devices.net:5671:127.0.0.1:41234", "AMQP@direct", "rack:12", "site=plant:3",
	} {
		if got := secret.Show(text, 0); got != text {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got, want := secret.Show("http://squid:13128/", 0), "http://squid:****/"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPathNumber: what is typed in a file's place is a file's name, unless it looks like a login.
func TestPathNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"admin:31337": "admin:****", "report:2.json": "report:2.json",
		`C:\x`: `C:\x`, "/tmp/a:31337": "/tmp/a:31337", "report-20260101.json": "report-20260101.json"} {
		if got := secret.Path(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestPortAndLogin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"0": 0, "1": 1, "65535": 65535, "8080": 8080} {
		if n, ok := secret.Port(text); !ok || n != want {
			t.Errorf("%q: %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "01", "65536", "-1", "+1", "1 ", "0x1", "1_000", "99999999999999999999"} {
		if n, ok := secret.Port(text); ok {
			t.Errorf("%q is port %d", text, n)
		}
	}
	for host, is := range map[string]bool{"admin": true, "Root": true, "squid": false, "admin.corp": false, "": false} {
		if secret.Login(host, 31337) != is {
			t.Errorf("%q", host)
		}
		if secret.Login(host, 3128) {
			t.Errorf("%q on a proxy's port is a login", host)
		}
	}
}

// TestWithinGoesOn: a name and its secret belong together across blanks, and sentences stay.
func TestWithinGoesOn(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"the SharedAccessKey = " + planted + "= of it", "password: " + planted,
		"token :" + planted,
		"Proxy-Authorization: Basic " + planted + "9", "it sent Bearer " + planted + "==",
		`{"password":"` + planted + `"}`, `x {\"token\": \"` + planted + `\"}`, `"apiKey" : "` + planted + `"`,
		"http://user: " + planted + " @proxy", "-----BEGIN PRIVATE KEY-----" + planted,
		"the key " + planted + "Abcdefgh12345678=", "it is c2VjcmV0" + planted + "MTIzNDU= there"} {
		if got := secret.Within(text); strings.Contains(got, planted) {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{"this hub is Basic tier, which has no twins", "a basic check", "x = y",
		"negotiate or ntlm", `{"name":"the password"}`, `"a": "b"`, "see http://proxy: it is down",
		"state : ok", "see tcp://h: nothing", "bearer of news",
		"it does not accept the credentials: the key or token is not this hub's", "the key : none"} {
		if got := secret.Within(text); got != text {
			t.Errorf("%q: %q", text, got)
		}
	}
}
