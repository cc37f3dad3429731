//go:build interop && unix

package interop

import (
	"crypto/x509/pkix"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// nginx starts a web server with the server blocks given, each at an address of its
// own; ADDR and DIR in them are replaced by the caller.
func nginx(t *testing.T, servers string, addresses ...string) *blackbox.Process {
	t.Helper()
	blackbox.Need(t, "nginx")
	dir := openDir(t)
	conf := fmt.Sprintf(`daemon off; master_process off; user root; pid %[1]s/pid; error_log stderr info;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
  default_type text/html;
%[2]s
}
`, dir, servers)
	return blackbox.Start(t, nil, "nginx", "-p", dir, "-c", write(t, filepath.Join(dir, "nginx.conf"), conf), "-e",
		"stderr").AwaitTCP(t, 10*time.Second, addresses...)
}

// server is one server block of nginx with TLS.
func server(address, chain, key, more string) string {
	return fmt.Sprintf("server { listen %s ssl; server_name _; ssl_certificate %s; ssl_certificate_key %s; %s }\n",
		address, chain, key, more)
}

// asHub makes nginx answer as the hub's HTTPS front end does without credentials.
const asHub = `location / { default_type application/json; add_header iothub-errorcode IotHubUnauthorizedAccess always; return 401 "{}"; }`

func TestCertificates(t *testing.T) {
	t.Parallel()
	stranger, err := pki.NewAuthority(pkix.Name{CommonName: "Example Corp CA", Organization: []string{"Example Corp"}})
	if err != nil {
		t.Fatal(err)
	}
	self, err := pki.SelfSigned(pki.Leaf{Names: []string{azure, hub}})
	if err != nil {
		t.Fatal(err)
	}
	selfPEM, selfKey, err := pki.PEM(self)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{hub, azure}
	day := 24 * time.Hour
	chain := func(a *pki.Authority, l pki.Leaf) func() (string, string) {
		return func() (string, string) { return certificate(t, a, l) }
	}
	cases := []struct {
		how, host string
		pair      func() (string, string)
		want      blackbox.Want
	}{
		{"a good chain and the hub's own header", hub, chain(bench.authority, pki.Leaf{Names: names}),
			ok(report.HTTPS)},
		{"a certificate for another name", hub, chain(bench.authority, pki.Leaf{Names: []string{"portal.example.net"}}),
			fails(report.HTTPS, report.TLSNameMismatch, report.TLSUntrusted, report.TLSIntercepted)},
		{"a certificate that has expired", hub,
			chain(bench.authority, pki.Leaf{Names: names, NotBefore: time.Now().Add(-30 * day),
				NotAfter: time.Now().Add(-day)}),
			fails(report.HTTPS, report.TLSExpired, report.TLSUntrusted, report.TLSNotYetValid)},
		{"a certificate of tomorrow", hub, chain(bench.authority, pki.Leaf{Names: names, NotBefore: time.Now().Add(day),
			NotAfter: time.Now().Add(30 * day)}),
			fails(report.HTTPS, report.TLSNotYetValid, report.TLSUntrusted, report.TLSExpired)},
		{"a self-signed certificate", azure, func() (string, string) { return writePair(t, selfPEM, selfKey) },
			fails(report.HTTPS, report.TLSUntrusted, report.TLSIntercepted)},
		{"a private CA for a private name", hub, chain(stranger, pki.Leaf{Names: names}),
			fails(report.HTTPS, report.TLSUntrusted, report.TLSIntercepted)},
		{"a private CA for a name under azure-devices.net", azure, chain(stranger, pki.Leaf{Names: names}),
			fails(report.HTTPS, report.TLSIntercepted, report.TLSUntrusted)},
	}
	conf, addresses := "", make([]string, len(cases))
	for i, c := range cases {
		addresses[i] = testkit.NobodyAt(t)
		pem, key := c.pair()
		conf += server(addresses[i], pem, key, asHub)
	}
	nginx(t, conf, addresses...)
	for i, c := range cases {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			check(t, "nginx", c.how, direct(c.host, addresses[i]), c.want)
		})
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	chain, key := good(t)
	old, reject, plain, clients := testkit.NobodyAt(t), testkit.NobodyAt(t), testkit.NobodyAt(t), testkit.NobodyAt(t)
	nginx(t, server(old, chain, key, "ssl_protocols TLSv1 TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0; "+asHub)+
		"server { listen "+reject+" ssl; ssl_reject_handshake on; }\n"+
		"server { listen "+plain+"; return 200 hello; }\n"+
		server(clients, chain, key, "ssl_client_certificate "+bench.caFile+"; ssl_verify_client on; "+asHub), old,
		reject, plain, clients)

	check(t, "nginx", "TLS 1.0 and 1.1 alone", direct(hub, old), fails(report.HTTPS, report.TLSAlert, report.TLSReset,
		report.TLSNotTLS, report.TLSClientAuth))
	check(t, "nginx", "ssl_reject_handshake (alert 112)", direct(hub, reject), fails(report.AMQP, report.TLSAlert,
		report.TLSReset, report.TLSClientAuth))
	check(t, "nginx", "plain HTTP on the TLS port", direct(hub, plain), fails(report.AMQP, report.TLSNotTLS,
		report.TLSAlert, report.TLSReset), fails(report.HTTPS, report.TLSNotTLS, report.TLSAlert, report.TLSReset))
	check(t, "nginx", "ssl_verify_client, refused by HTTP with a page", direct(hub, clients),
		fails(report.HTTPS, report.TLSClientAuth, report.HTTPBlockPage, report.HTTPStatus),
		fails(report.MQTTWS, report.TLSClientAuth, report.WSStatus))
}

// TestBanner meets a service that speaks first, in clear.
func TestBanner(t *testing.T) {
	t.Parallel()
	blackbox.Need(t, "socat")
	address := testkit.NobodyAt(t)
	blackbox.Start(t, nil, "socat", "TCP-LISTEN:"+portOf(address)+",bind=127.0.0.1,reuseaddr,fork",
		`SYSTEM:echo SSH-2.0-OpenSSH_9.2p1; sleep 3`).AwaitTCP(t, 10*time.Second, address)
	w := fails(report.MQTT, report.TLSNotTLS, report.TLSReset, report.TLSAlert)
	w.Says = []string{"SSH-2.0"}
	check(t, "socat", "an SSH banner", direct(hub, address), w)
}

// TestSilence meets servers that accept and say nothing more, frozen in time.
func TestSilence(t *testing.T) {
	t.Parallel()
	chain, key := good(t)
	address := testkit.NobodyAt(t)
	nginx(t, server(address, chain, key, asHub), address).Freeze(t)
	check(t, "nginx", "frozen before the handshake", direct(hub, address),
		fails(report.AMQP, report.TLSTimeout, report.TCPTimeout, report.TLSReset, report.TLSMTU),
		fails(report.HTTPS, report.TLSTimeout, report.TCPTimeout, report.TLSReset))
}

// TestCutAtHello meets a front end that accepts and closes at the first bytes.
func TestCutAtHello(t *testing.T) {
	t.Parallel()
	address := haproxy(t, "mode tcp\n  tcp-request inspect-delay 5s\n  tcp-request content reject if { req.len gt 0 }",
		false)
	check(t, "haproxy", "tcp-request content reject at the TLS hello", direct(hub, address),
		fails(report.AMQP, report.TLSReset, report.TLSNotTLS, report.TLSAlert, report.TLSTimeout),
		fails(report.HTTPS, report.TLSReset, report.TLSNotTLS, report.TLSAlert))
}

// sServer starts OpenSSL's test server and gives its address.
func sServer(t *testing.T, options ...string) string {
	t.Helper()
	blackbox.Need(t, "openssl")
	chain, key := good(t)
	address := testkit.NobodyAt(t)
	line := append([]string{"openssl", "s_server", "-accept", address, "-cert", chain, "-key", key}, options...)
	p := blackbox.Start(t, nil, line...)
	p.AwaitTCP(t, 10*time.Second, address)
	return address
}

func TestOpenSSL(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(v, func(t *testing.T) {
			t.Parallel()
			address := sServer(t, "-www", "-Verify", "1", "-verify_return_error", v, "-CAfile", bench.caFile)
			for _, p := range report.Protocols() {
				check(t, "openssl", "s_server -Verify "+v, direct(hub, address),
					fails(p, report.TLSClientAuth, report.TLSAlert, report.TLSReset))
			}
		})
	}
	t.Run("www", func(t *testing.T) {
		t.Parallel()
		address := sServer(t, "-www")
		check(t, "openssl", "s_server -www, a status page", direct(hub, address),
			fails(report.HTTPS, report.HTTPBlockPage, report.HTTPStatus, report.HTTPMalformed))
		check(t, "openssl", "s_server -www, a status page", direct(hub, address),
			fails(report.MQTTWS, report.WSBlockPage, report.WSStatus, report.WSNotUpgraded))
	})
	t.Run("rev", func(t *testing.T) {
		t.Parallel()
		address := sServer(t, "-rev")
		check(t, "openssl", "s_server -rev, lines sent back reversed", direct(hub, address),
			fails(report.HTTPS, report.HTTPMalformed, report.HTTPClosed, report.HTTPBlockPage))
	})
	t.Run("cipher", func(t *testing.T) {
		t.Parallel()
		address := sServer(t, "-www", "-tls1_2", "-cipher",
			"ECDHE-ECDSA-CAMELLIA128-SHA256:ECDHE-ECDSA-ARIA128-GCM-SHA256:ECDHE-ECDSA-AES128-CCM8@SECLEVEL=0")
		check(t, "openssl", "s_server with no cipher in common", direct(hub, address),
			fails(report.HTTPS, report.TLSAlert, report.TLSReset, report.TLSClientAuth))
	})
}

// TestNothingListens needs no server at all.
func TestNothingListens(t *testing.T) {
	t.Parallel()
	check(t, "linux", "a port that nobody listens on", direct(hub, testkit.NobodyAt(t)),
		fails(report.AMQP, report.TCPRefused, report.TCPTimeout, report.TCPUnreachable),
		fails(report.HTTPS, report.TCPRefused, report.TCPTimeout))
}
