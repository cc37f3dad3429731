//go:build interop

package interop

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
)

// command runs a tool of the system and returns what it prints.
func command(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	return string(out), err
}

// curl through every kind of proxy.
func TestCurl(t *testing.T) {
	l := startLab(t)
	i := l.Info()
	url := "https://" + i.Hub + "/devices/edgenet-probe/modules?api-version=2021-04-12"
	status := func(more ...string) string {
		out, _ := command(t, "curl", append([]string{"-sS", "--max-time", "10", "--cacert", i.CAFile, "-o", "/dev/null",
			"-w", "%{http_connect} %{http_code}", url}, more...)...)
		return out
	}
	port := "443:" + i.Addresses.Hub
	if got := status("--resolve", i.Hub+":"+port); got != "000 401" {
		t.Errorf("direct: %s", got)
	}
	socks := func(name string) string { return strings.Replace(i.Proxy(name), "socks5://", "socks5h://", 1) }
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"open", []string{"-x", i.Proxy("open")}, "200 401"},
		{"basic", []string{"-x", i.Proxy("basic")}, "200 401"},
		{"basic, wrong password", []string{"-x", strings.Replace(i.Proxy("basic"), ":lab@", ":wrong@", 1)}, "407 000"},
		{"443-only", []string{"-x", i.Proxy("443-only")}, "200 401"},
		{"deny", []string{"-x", i.Proxy("deny")}, "403 000"},
		{"digest", []string{"-x", i.Proxy("digest")}, "407 000"},
		{"negotiate", []string{"-x", i.Proxy("negotiate")}, "407 000"},
		{"tls", []string{"-x", i.Proxy("tls"), "--proxy-cacert", i.CAFile}, "200 401"},
		{"socks5", []string{"-x", socks("socks5")}, "000 401"},
		{"socks5-auth", []string{"-x", socks("socks5-auth")}, "000 401"},
		{"inspecting, trusted by nobody", []string{"-x", i.Proxy("inspecting")}, "200 000"},
		{"inspecting, not looked at", []string{"-x", i.Proxy("inspecting"), "-k"}, "200 401"},
	} {
		if got := status(tt.args...); !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// dig sees what the name server answers and how it fails.
func TestDig(t *testing.T) {
	l := startLab(t)
	host, port, err := net.SplitHostPort(l.Info().DNS)
	if err != nil {
		t.Fatal(err)
	}
	dig := func(more ...string) string {
		out, _ := command(t, "dig", append([]string{"@" + host, "-p", port, "+tries=1", "+time=1", lab.HubName, "A"},
			more...)...)
		return out
	}
	for _, network := range []string{"+notcp", "+tcp"} {
		if out := dig(network); !strings.Contains(out, "status: NOERROR") ||
			!strings.Contains(out, l.Info().Addresses.Hub) {
			t.Errorf("%s: %s", network, out)
		}
	}
	for fault, want := range map[string]string{
		"nxdomain": "status: NXDOMAIN", "servfail": "status: SERVFAIL", "refused": "status: REFUSED",
		"nodata":   "ANSWER: 0",
		"sinkhole": "0.0.0.0", "silent": "timed out", "garbage": "malformed",
	} {
		if err := l.SetFault(lab.Fault{Place: lab.PlaceDNS, Name: fault}); err != nil {
			t.Fatal(err)
		}
		if out := dig(); !strings.Contains(out, want) {
			t.Errorf("%s: %s", fault, out)
		}
	}
}

// openssl sees the hub's TLS: 1.2 at most, a request for a client certificate.
func TestOpenSSL(t *testing.T) {
	l := startLab(t)
	i := l.Info()
	args := []string{"s_client", "-connect", i.Addresses.Hub + ":8883", "-servername", i.Hub, "-verify_hostname", i.Hub,
		"-verify_return_error", "-CAfile", i.CAFile}
	out, err := command(t, "openssl", args...)
	for _, want := range []string{"Protocol  : TLSv1.2", "Verify return code: 0 (ok)", "Client Certificate Types"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q: %v: %s", want, err, out)
		}
	}
	if out, err := command(t, "openssl", append(args, "-tls1_3")...); err == nil {
		t.Errorf("TLS 1.3 is spoken: %s", out)
	}
}
