package secret_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/secret"
)

const planted = "Pl4ntedS3cret"

// malformed gives settings with the planted secret in the place of the password, each a way
// in which people, editors and forms spoil URLs and connection strings.
func malformed() []string {
	var out []string
	ats := []string{"@", "%40", "%2540", "%252540", "%25252540", "\uff20", "\ufe6b", "%EF%BC%A0", "%ef%b9%ab",
		"%25EF%25BC%25A0", "%u0040", "%uFF20", `\u0040`, `\x40`, "&#64;", "&#x40;", "&commat;", " @", "@ ", "\n@", "@@",
		"%4\u200b0", "\uff05\uff14\uff10"}
	colons := []string{":", "%3A", "%3a", "%253A", "%25253a", "\uff1a", "\ufe55", "\u2236", "\ua789", "%E2%88%B6",
		"%u003A", "&#58;", "&colon;", " : ", "::"}
	starts := []string{"http://", "", "//", "http:", "http:/", "http:///", "HTTP://", "https://", "socks5://", "htp://",
		"http//", "http%3A%2F%2F", "http:%2F%2F", "http:\u2044\u2044", "http\uff1a\uff0f\uff0f", "http:\u2215\u2215",
		`http:\\`, " http://", "\ufeffhttp://", `"http://`}
	ends := []string{"proxy:3128", "proxy", "proxy:3128/", "proxy:99999", "proxy:x", "", "[fd00::1]:3128",
		"pro xy:3128", "10.0.0.1:3128", "proxy:3128/path?x=1#y", "proxy:3128:443"}
	for _, start := range starts {
		for _, colon := range colons {
			for _, at := range ats {
				out = append(out, start+"user"+colon+planted+at+"proxy:3128")
			}
		}
		for _, end := range ends {
			out = append(out, start+"user:"+planted+"@"+end, start+"user:"+planted+"%40"+end, start+"us er:"+planted+
				"@"+end, start+"us\ner:"+planted+"@"+end,
				start+"user:a@"+planted+"@"+end, start+"user:"+planted+"@b@"+end, start+"user@corp:"+planted+"@"+end,
				start+"corp\\user:"+planted+"@"+end, start+"user:"+planted+"%zz@"+end,
				start+"user:a/"+planted+"@"+end, start+"user:a#"+planted+"@"+end, start+"user:a?"+planted+"@"+end,
				start+planted+"@"+end, start+":"+planted+"@"+end)
		}
		out = append(out, start+"user:"+planted, start+"user:"+planted+"/proxy:3128")
	}
	for _, end := range []string{"/?password=" + planted, "/#" + planted, "/" + planted, "?token=" + planted,
		":" + planted} {
		out = append(out, "http://proxy:3128"+end)
	}
	return out
}

// strings of connections: what is pasted, cut off, quoted, misspelled, in other fields' form.
func connections() []string {
	var out []string
	for _, key := range []string{"SharedAccessKey=", "sharedaccesskey=", "SharedAccessKey =", "SharedAccessKey:",
		`"SharedAccessKey":"`, "SharedAccessKey%3D", "SharedAccessKey\uff1d", "Shared Access Key=", "SharedAccesKey=",
		"SharedAccessSignature=SharedAccessSignature sr=x&se=1&sig=", "AccountKey=", "Password=",
		"Shared\u200bAccessKey="} {
		for _, sep := range []string{";", "\uff1b", "; ", "\n", "%3B", ",", "&", " "} {
			for _, host := range []string{"HostName=x.azure-devices.net", "hostname=x", "", "HostName=",
				"HostName=x.azure-devices.net:443"} {
				out = append(out, host+sep+"DeviceId=d"+sep+key+planted, host+sep+key+planted+sep+"DeviceId=d",
					key+planted+"=", key+planted+sep+planted)
			}
		}
	}
	return append(out, "HostName=x;"+planted+"=;DeviceId=d", "HostName=x;DeviceId=d;Other="+planted,
		"Endpoint=sb://x.servicebus.windows.net/;Key="+planted, "Basic "+planted, "Authorization: Bearer "+planted,
		"https://x/?sig="+planted)
}

func TestShowHidesWhatIsPlanted(t *testing.T) {
	t.Parallel()
	all := append(malformed(), connections()...)
	for _, text := range all {
		if got := secret.Show(text, 400); strings.Contains(strings.ToLower(got), strings.ToLower(planted)) {
			t.Errorf("%q is shown as %q", text, got)
		}
		if len(secret.Hidden(text)) == 0 {
			t.Errorf("nothing of %q is hidden", text)
		}
	}
	if len(all) < 5000 {
		t.Errorf("only %d texts", len(all))
	}
}

// TestShowLeaves: what is no secret is needed to find the mistake.
func TestShowLeaves(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "contoso.azure-devices.net", "contoso.azure-devices.net:443", "https://contoso.azure-devices.net/",
		"http://proxy:3128", "proxy.corp:3128", "10.0.0.1:53", "fd00::1", "[fd00::1]:53",
		"ftp://p:21", "http://wpad.corp/proxy.pac", "http://bücher.example:3128", "AMQP@direct", "FOO@proxy",
		"AMQP@direct,MQTT@proxy2", "contoso:5671:127.0.0.1:15671", "/etc/aziot/config.toml", `C:\Users\x`,
		"https=reset:3", "proxy:open=deny", "2026-11-28T18:31:16Z", "10s", "HostName=x.azure-devices.net;DeviceId=d",
		"tcp.timeout", "unix:///run/iotedge/workload.sock",
		"mcr.microsoft.com/azureiotedge-hub@sha256:" + strings.Repeat("0a", 32), "AmqpWs", "contoso",
		"azure,proxy.corp:3128,10.0.0.0/8:3128,*.corp:443", "lab.test:443:127.0.0.1:4443,lab.test:5671:127.0.0.1:4444",
		"UpstreamProtocol=AmqpWs", "MessageCleanupIntervalSecs=60", "NODE_EXTRA_CA_CERTS=/etc/ca.pem",
		"--frobnicate", "edgeHub", "/very/long/path/of/a/Test1/with/some/more/elements/in/it/and/X2",
	} {
		if got := secret.Show(text, 400); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"http://user:pw1234@proxy:3128": "http://****@proxy:3128", "user:pw1234@proxy:3128": "****@proxy:3128",
		"http://user:pw%40proxy:3128":                    "http://****@proxy:3128",
		"http://user:pw1234":                             "http://user:****",
		"HostName=x.net;DeviceId=d;SharedAccessKey=abc=": "HostName=x.net;DeviceId=d;SharedAccessKey=****",
		"c2VjcmV0a2V5c2VjcmV0a2V5c2VjcmV0a2V5MTIzNDU=":   "****",
	} {
		if got := secret.Show(text, 0); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func FuzzShow(f *testing.F) {
	for _, s := range []string{"http://u:x@p:1", "HostName=a;SharedAccessKey=b", "%40%3A", "&#64;", "a:b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := secret.Show(text, 120)
		if len(shown) > 120 {
			t.Fatalf("%d bytes are shown of %q", len(shown), text)
		}
		for _, sep := range []string{"@proxy:1", "%40proxy:1"} {
			typed := "http://user:" + planted + text + sep
			if got := secret.Show(typed, 4000); strings.Contains(got, planted) {
				t.Fatalf("%q is shown as %q", typed, got)
			}
		}
	})
}

func TestScrubber(t *testing.T) {
	t.Parallel()
	s := &secret.Scrubber{}
	s.Spare("hub.azure-devices.net")
	s.AddLogin("user", secret.New("s3cr&t pw"))
	s.Add(secret.New("azure"))
	s.Add(secret.New("abc"))
	for _, text := range []string{
		"s3cr&t pw", "x s3cr&amp;t pw y", "S3CR&T PW", "s3cr%26t+pw", "s3cr%26t%20pw", "s3cr\\u0026t pw",
		"dXNlcjpzM2NyJnQgcHc=", "dXNlcjpzM2NyJnQgcHc", "Proxy-Authorization: Basic dXNlcjpzM2NyJnQgcHc=\r\n",
		"dXNlcjpzM2NyJnQgcHc%3D", "733363722674207077", "cut at dXNlcjpzM2N…", "cut at dXNlcjpzM2NyJn", "xs3cr&t pwx",
		"czNjciZ0IHB3", "YWJjczNjciZ0IHB3", // alone, and with three bytes before it
		"%73%33%63%72%26%74%20%70%77", `\u0073\u0033\u0063\u0072\u0026\u0074\u0020\u0070\u0077`, "&#115;&#51;&#99;r&amp;t pw",
		"s3<b>cr&t</b> pw", "s3c\u200br&t pw", "s3c·r&t pw", "x dXNlcjpzM2\r\n NyJnQgcHc= y",
	} {
		got := s.Text(text)
		for _, bad := range []string{"s3cr", "S3CR", "dXNlcjpz", "czNjciZ0", "7333"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q became %q", text, got)
			}
		}
		if !strings.Contains(got, secret.Mask) {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"", "hub.azure-devices.net:443", "abc abc", "user", "s3cr", "403 Forbidden"} {
		if got := s.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	type inner struct{ Text string }
	all := struct {
		A string
		B *inner
		C []inner
		D map[string]string
		E any
	}{"s3cr&t pw", &inner{"s3cr&t pw"}, []inner{{"s3cr&t pw"}}, map[string]string{"k": "s3cr&t pw"},
		&inner{"s3cr&t pw"}}
	s.Walk(&all)
	if got := fmt.Sprintf("%+v %+v %+v", all, *all.B, all.E); strings.Contains(got, "s3cr") ||
		strings.Count(got, secret.Mask) != 5 {
		t.Errorf("walked: %s", got)
	}
	var nobody *secret.Scrubber
	nobody.Add(secret.New("x"))
	nobody.Walk(&all)
	if nobody.Text("x") != "x" {
		t.Error("a nil scrubber changed a text")
	}
}

func TestTyped(t *testing.T) {
	t.Parallel()
	for i, text := range malformed() {
		if i%7 != 0 { // each costs much, and all separators come by
			continue
		}
		s := &secret.Scrubber{}
		s.AddTyped(text)
		for _, said := range []string{text, fmt.Sprintf("%q", text), planted, "flag: " + planted + " is no number"} {
			if got := s.Text(said); strings.Contains(got, planted) {
				t.Errorf("%q typed, %q said, shown %q", text, said, got)
				break
			}
		}
	}
	s := &secret.Scrubber{}
	for _, text := range []string{"http://edge:" + planted + "@proxy.corp:3128",
		"HostName=x.azure-devices.net;DeviceId=edge;SharedAccessKey=" + planted} {
		s.AddTyped(text)
	}
	const said = "edgenet: the proxy proxy.corp of edge at x.azure-devices.net: SharedAccessKey is not base64"
	if got := s.Text(said); got != said {
		t.Errorf("too much is masked: %q", got)
	}
	if slices.Contains(secret.Hidden("http://proxy.corp:3128"), "proxy.corp") {
		t.Error("a host is hidden")
	}
}

// What was masked once stays readable when a report is read again, also at the end of a clause;
// what only looks like it is masked.
func TestShownBeforeStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"through the proxy http://edge:****@127.0.0.1:3128: UpstreamProtocol AmqpWs.",
		"works through the proxy http://edge:****@proxy.corp:3128.", "(http://edge:****@proxy.corp:3128), and",
		"http://****@proxy.corp:3128"} {
		got := struct{ Text string }{text}
		secret.WalkForeign(&got)
		if got.Text != text {
			t.Errorf("%q became %q", text, got.Text)
		}
	}
	for _, text := range []string{"http://edge:****@proxy:3128:s3cret", "http://edge:hunter2@proxy:3128:",
		"http://edge:****@proxy:3128:;s3cret.", "http://edge:hunter2:****@proxy:3128."} {
		got := struct{ Text string }{text}
		secret.WalkForeign(&got)
		if strings.Contains(got.Text, "s3cret") || strings.Contains(got.Text, "hunter2") {
			t.Errorf("%q became %q", text, got.Text)
		}
	}
}
