package proxyurl_test

import (
	"strings"
	"testing"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

func TestVariable(t *testing.T) {
	for _, tt := range []struct {
		c     proxyurl.Component
		names string
		want  string
	}{
		{proxyurl.IdentityService, "https_proxy", "https_proxy"}, {proxyurl.IdentityService, "https_proxy HTTPS_PROXY",
			"HTTPS_PROXY"}, {proxyurl.IdentityService, "Https_Proxy", ""},
		{proxyurl.Engine, "https_proxy HTTPS_PROXY", "HTTPS_PROXY"}, {proxyurl.Engine, "Https_Proxy", ""},
		{proxyurl.OldDaemon, "http_proxy", ""},
		{proxyurl.EdgeAgent, "Https_Proxy", "Https_Proxy"}, {proxyurl.EdgeHub, "https_proxy", "https_proxy"},
		{proxyurl.EdgeHub, "http_proxy", ""},
	} {
		if got := tt.c.Variable(strings.Fields(tt.names)); got != tt.want {
			t.Errorf("%s of %s: got %q, want %q", tt.c, tt.names, got, tt.want)
		}
	}
}

// TestTrouble: what each component makes of a setting; a password is in none of it.
func TestTrouble(t *testing.T) {
	const none = report.Severity("")
	for _, tt := range []struct {
		raw                           string
		agent, identity, engine, text report.Severity
		word                          string
	}{
		{"http://u:s3cret@p:3128", none, none, none, none, ""},
		{"http://u:%40s3cret@p:3128", none, none, none, none, ""},
		{"proxy.corp:3128", report.SeverityError, report.SeverityError, none, none, "scheme"},
		{"10.0.0.1:3128", report.SeverityError, report.SeverityError, none, none, "Fatal error"},
		{"https://p:443", report.SeverityWarning, none, none, none, "https://"},
		{"socks5://p:1080", report.SeverityError, report.SeverityError, none, none, "SOCKS"},
		{"http://u:a:s3cret@p:1", report.SeverityError, none, none, none, "colon"},
		{"http://u:a@s3cret@p:1", report.SeverityError, report.SeverityError, report.SeverityError, none, "@"},
		{"http://u:s3cret%zz@p:1", report.SeverityError, report.SeverityError, report.SeverityError, none, "%25"},
		{"http://wpad.corp/proxy.pac", report.SeverityError, report.SeverityError, report.SeverityError, none, "PAC"},
		{"http://wpad/wpad.dat", report.SeverityError, report.SeverityError, report.SeverityError, none, "PAC"},
		{"http://h/a.pac?x=1", report.SeverityError, report.SeverityError, report.SeverityError, none, "PAC"},
		{"pac+https://h/x", report.SeverityError, report.SeverityError, report.SeverityError, none, "PAC"},
		{"file:///etc/proxy.pac", report.SeverityError, report.SeverityError, report.SeverityError, none, "PAC"},
		{"", none, report.SeverityWarning, none, none, ""},
		{"ftp://p:21", report.SeverityError, report.SeverityError, report.SeverityError, none, "scheme"},
	} {
		for _, c := range []struct {
			c    proxyurl.Component
			want report.Severity
		}{{proxyurl.EdgeAgent, tt.agent}, {proxyurl.EdgeHub, tt.agent}, {proxyurl.IdentityService, tt.identity},
			{proxyurl.Engine, tt.engine}} {
			got, text := none, ""
			for _, x := range c.c.Trouble(tt.raw) {
				got, text = x.Severity, text+x.Text+x.Remedy
			}
			if got != c.want || c.c == proxyurl.EdgeAgent && !strings.Contains(text, tt.word) ||
				strings.Contains(text, "s3cret") {
				t.Errorf("%s with %s: got %s %q, want %s", c.c, tt.raw, got, text, c.want)
			}
		}
	}
	if got := proxyurl.OldDaemon.Trouble("http://u:a=b@p:1"); len(got) != 1 || got[0].Severity != report.SeverityInfo {
		t.Errorf("a = in the password: %+v", got)
	}
}

func TestHonoursNoProxy(t *testing.T) {
	for c, want := range map[proxyurl.Component]bool{proxyurl.Engine: true, proxyurl.Module: true,
		proxyurl.EdgeAgent: false, proxyurl.EdgeHub: false, proxyurl.IdentityService: false} {
		if c.HonoursNoProxy() != want {
			t.Errorf("%s: %v", c, !want)
		}
	}
}

// TestURL: what is written is read back the same, and masked where it is shown.
func TestURL(t *testing.T) {
	for _, pw := range []string{"p:@%=# w", "", "é\\\"'$`?/+&", "100%", "%41"} {
		p := &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "proxy.corp", Port: 3128, User: "a b@c",
			Password: secret.New(pw), HasAuth: true}
		back, err := proxyurl.Parse(p.URL(), "")
		if err != nil || !back.Same(p) || back.Password.Reveal() != pw {
			t.Errorf("%q: %v, %v", pw, back, err)
		}
		want := "http://a b@c:****@proxy.corp:3128"
		if pw == "" { // then the user may be a token
			want = "http://****@proxy.corp:3128"
		}
		if got := proxyurl.Mask(p.URL()); got != want {
			t.Errorf("masked as %s", got)
		}
	}
	for raw, want := range map[string]string{"": "", "http://p:1": "http://p:1", "u:s3cret@p:1": "****@p:1",
		"http://u:s3cret%zz@p:1": "http://****@p:1"} {
		if got := proxyurl.Mask(raw); got != want {
			t.Errorf("Mask(%q) = %q, want %q", raw, got, want)
		}
	}
}
