package redact_test

import (
	"strings"
	"testing"

	"edgenet/internal/logs/redact"
)

// corpus are texts as they stand in logs, with what must not come out of them.
var corpus = []struct{ text, secret string }{
	{"Detected proxy http://edge:p4ss:w0rd@proxy.corp:3128/", "w0rd"},
	{"Detected proxy http://edge:p4ss:w0rd@proxy.corp:3128/", "p4ss"},
	{"Detected proxy http://t0kenAsUser@proxy.corp:3128/", "t0kenAsUser"},
	{"Detected proxy http://edge:p@ss@word9@proxy.corp:3128/", "word9"},
	{"Detected proxy http://edge:pa/ss9@proxy.corp:3128/", "ss9"},
	{"Detected proxy http://edge:hunter2", "hunter2"},
	{"Detected HTTPS proxy server http://edge:hunter2@proxy", "hunter2"},
	{"HostName=c.azure-devices.net;DeviceId=d;SharedAccessKey=c2VjcmV0LXNlY3JldC1zZWNyZXQ=", "c2VjcmV0"},
	{"SharedAccessSignature sr=c.azure-devices.net%2Fdevices%2Fd&sig=AbCd%2Bxyz12%3D&se=1700000000", "AbCd"},
	{"Authorization: SharedAccessSignature sr=x&sig=QQQ111&se=1", "QQQ111"},
	{"Proxy-Authorization: Basic ZWRnZTpodW50ZXIy", "ZWRnZTpodW50ZXIy"},
	{"authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abcdef", "eyJhbGciOiJIUzI1NiJ9"},
	{`{"auth":{"username":"u","password":"reg1stryPw","serveraddress":"c.azurecr.io"}}`, "reg1stryPw"},
	{`{\"password\":\"reg1stryPw\"}`, "reg1stryPw"},
	{`"DB_PASSWORD":{"value":"s3cr3tValue"}`, "s3cr3tValue"},
	{"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy==;EndpointSuffix=core.windows.net", "Zm9vYmFy"},
	{"symmetric_key = abcdEFGH1234abcdEFGH1234abcdEFGH1234abcdEFGH12==", "abcdEFGH1234"},
	{"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nmore\n-----END PRIVATE KEY-----", "MIIEvQIBADAN"},
	{"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7", "BgkqhkiG9w0"},
	{"client_secret=abc~DEF123", "abc~DEF123"},
	{"X-Registry-Auth: eyJ1c2VybmFtZSI6InUifQ", "eyJ1c2VybmFtZSI6InUifQ"},
	{"pwd=hunter2;", "hunter2"},
	{"MSI_SECRET=hunter2x", "hunter2x"},
	{"access_token: hunter2y", "hunter2y"},
	{"GET https://x.blob.core.windows.net/c/b?sv=2020&sig=Abc%2F123%3D", "Abc%2F123"},
}

func TestNoSecretComesOut(t *testing.T) {
	t.Parallel()
	f := redact.New()
	for _, c := range corpus {
		for _, text := range []string{c.text, "<6> 2024-01-01 00:00:00.000 +00:00 [INF] - " + c.text,
			strings.ToUpper(c.text[:1]) + c.text[1:], `{"log":"` + c.text + `\n"}`} {
			if out := f.Text(text); strings.Contains(out, c.secret) {
				t.Errorf("%q comes out of %q as %q", c.secret, text, out)
			}
		}
	}
}

// TestPlainTextStays: what people need to read is not masked.
func TestPlainTextStays(t *testing.T) {
	t.Parallel()
	f := redact.New()
	for _, text := range []string{
		"Detected proxy http://edge:****@proxy.corp:3128/", "Detected proxy http://proxy.corp:3128/",
		"https://[2001:db8::1]:3128/",
		"Attempting to connect to IoT Hub for client dev1/$edgeHub via AMQP over WebSockets...",
		"Put token failed. status-code: 401, status-description: Unauthorized.",
		"Error authenticating token for dev1/leaf because the token has expired",
		`Get "https://mcr.microsoft.com/v2/": x509: certificate signed by unknown authority`,
		"container 3f1d2c4b5a69788796a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3 exited",
		"Initialized cloud proxy 8f0a2f6c-0b5e-4a60-9f55-1d5b0a7c9e10 for dev1/$edgeHub",
		"System.Net.Internals.SocketExceptionFactory+ExtendedSocketException (111): Connection refused 192.0.2.7:5671",
	} {
		want := text
		if out := f.Text(text); out != want {
			t.Errorf("%q becomes %q", text, out)
		}
	}
}

func FuzzText(f *testing.F) {
	filter := redact.New()
	for _, c := range corpus {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := filter.Text("http://user:S3nt1nel@" + s)
		if strings.Contains(out, "S3nt1nel@") {
			t.Errorf("%q keeps the password: %q", s, out)
		}
	})
}

// TestInvalidURI: a URL that could not be read is masked whole, and .NET's own words about it are not.
func TestInvalidURI(t *testing.T) {
	t.Parallel()
	f := redact.New()
	for _, url := range []string{"http%3A%2F%2Fuser%3Ahunter2%40proxy.test", "us er:hunter2 @x", "admin:hunter2"} {
		if got := f.Text("Fatal error: Invalid URI " + url); strings.Contains(got, "hunter2") {
			t.Errorf("%q is shown", got)
		}
	}
	const own = "System.UriFormatException: Invalid URI: The hostname could not be parsed."
	if got := f.Text(own); got != own {
		t.Errorf("got %q", got)
	}
}
