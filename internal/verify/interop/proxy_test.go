//go:build interop && unix

package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// upstream is nginx as a hub on the standard port 443 of an address of its own, which
// proxies can be asked for.
func upstream(t *testing.T) (host string) {
	t.Helper()
	host = loopback(t)
	chain, key := good(t, host)
	nginx(t, server(host+":443", chain, key, asHub), host+":443")
	return host
}

// through are the arguments for a proxied route alone.
func through(host, proxy string, more ...string) []string {
	return append([]string{"--hub", host, "--route", "proxy", "--proxy", proxy}, more...)
}

// atProxy wants a failure in persuading the proxy.
func atProxy(p report.Protocol, c report.Cause, not ...report.Cause) blackbox.Want {
	w := fails(p, c, not...)
	w.Hop, w.Route = report.HopProxy, "proxy"
	return w
}

func proxied(w blackbox.Want) blackbox.Want {
	w.Route = "proxy"
	return w
}

// squid starts a proxy and gives its address. DIR in the lines is its directory; a line
// that starts with http_port or https_port replaces the plain port, PORT in it is it.
func squid(t *testing.T, lines ...string) string {
	t.Helper()
	blackbox.Need(t, "squid")
	dir := openDir(t)
	address := testkit.NobodyAt(t)
	port := "http_port " + address
	var conf []string
	for _, l := range lines {
		l = strings.NewReplacer("DIR", dir, "PORT", address).Replace(l)
		if strings.HasPrefix(l, "http_port ") || strings.HasPrefix(l, "https_port ") {
			port = l
			continue
		}
		conf = append(conf, l)
	}
	conf = append([]string{port, "visible_hostname squid.test", "pid_filename none", "access_log none", "cache_log " +
		dir + "/cache.log", "coredump_dir " + dir,
		"cache deny all", "cache_mem 1 MB", "shutdown_lifetime 0 seconds", "netdb_filename none", "pinger_enable off",
		"dns_timeout 2 seconds", "acl tls port 443"}, conf...)
	name := write(t, filepath.Join(dir, "squid.conf"), strings.Join(conf, "\n")+"\n")
	p := blackbox.Start(t, nil, "squid", "-N", "-n", "edgenet"+portOf(address), "-f", name)
	t.Cleanup(func() {
		if log, err := os.ReadFile(filepath.Join(dir, "cache.log")); err == nil && t.Failed() {
			t.Logf("cache.log:\n%s", log)
		}
	})
	p.AwaitTCP(t, 20*time.Second, address)
	return address
}

const onlyTLS, everything = "http_access deny CONNECT !tls", "http_access allow all"

// password writes a password file of Apache's kind for the user and the password x.
func password(t *testing.T, user string) string {
	t.Helper()
	out, err := exec.Command("openssl", "passwd", "-apr1", "x").Output()
	if err != nil {
		blackbox.Miss(t, "openssl passwd: "+err.Error())
	}
	return write(t, filepath.Join(openDir(t), "passwd"), user+":"+string(out))
}

func TestSquid(t *testing.T) {
	t.Parallel()
	host := upstream(t)
	open := "http://" + squid(t, onlyTLS, everything)
	closed := loopback(t) // nothing listens there

	t.Run("policy", func(t *testing.T) {
		forbidden := atProxy(report.AMQP, report.ConnectForbidden, report.ConnectStatus, report.ConnectUpstream,
			report.ConnectUpstreamRefused)
		forbidden.Says = []string{"it allows 443"}
		check(t, "squid-openssl", "allows 443 alone", through(host, open), proxied(ok(report.HTTPS)), forbidden)
	})
	t.Run("upstream refused", func(t *testing.T) {
		check(t, "squid-openssl", "nothing listens behind it", through(closed, open),
			atProxy(report.HTTPS, report.ConnectUpstreamRefused, report.ConnectUpstream, report.ConnectUpstreamDNS,
				report.ConnectUpstreamTimeout, report.TCPRefused))
	})
	t.Run("frozen", func(t *testing.T) {
		t.Parallel()
		// A back end that never accepts is not needed: the proxy itself stops answering.
		dir, address := openDir(t), testkit.NobodyAt(t)
		conf := fmt.Sprintf("http_port %s\nvisible_hostname x\npid_filename none\naccess_log none\ncache_log "+
			"%s/cache.log\ncoredump_dir %s\ncache deny all\npinger_enable off\nhttp_access allow "+
			"all\nshutdown_lifetime 0 seconds\n", address, dir, dir)
		p := blackbox.Start(t, nil, "squid", "-N", "-n", "edgenet"+portOf(address), "-f",
			write(t, filepath.Join(dir, "squid.conf"), conf))
		p.AwaitTCP(t, 20*time.Second, address)
		p.Freeze(t)
		check(t, "squid-openssl", "frozen: it accepts and does not answer", through(host, "http://"+address),
			atProxy(report.HTTPS, report.ConnectTimeout, report.TCPTimeout, report.ConnectClosed))
	})
}

func TestSquidLogin(t *testing.T) {
	t.Parallel()
	host := upstream(t)
	basic := squid(t, "auth_param basic program /usr/lib/squid/basic_ncsa_auth "+password(t, "edge"),
		"auth_param basic children 2", "auth_param basic realm edgenet",
		"acl known proxy_auth REQUIRED", onlyTLS, "http_access allow known", "http_access deny all")
	auth := []report.Cause{report.ConnectAuthRequired, report.ConnectAuthRejected, report.ConnectAuthUnsupported,
		report.ConnectForbidden, report.ConnectStatus}
	check(t, "squid-openssl", "Basic, no credentials given", through(host, "http://"+basic),
		atProxy(report.HTTPS, report.ConnectAuthRequired, others(auth, report.ConnectAuthRequired)...))
	check(t, "squid-openssl", "Basic, a wrong password", through(host, "http://edge:wrong@"+basic),
		atProxy(report.HTTPS, report.ConnectAuthRejected, others(auth, report.ConnectAuthRejected)...))
	check(t, "squid-openssl", "Basic, the right password", through(host, "http://edge:x@"+basic),
		proxied(ok(report.HTTPS)))

	for scheme, lines := range map[string][]string{
		"Digest": {"auth_param digest program /usr/lib/squid/digest_file_auth " + password(t, "edge"),
			"auth_param digest children 1", "auth_param digest realm edgenet"},
		"NTLM":      {"auth_param ntlm program /usr/lib/squid/ntlm_fake_auth", "auth_param ntlm children 1"},
		"Negotiate": {"auth_param negotiate program /bin/cat", "auth_param negotiate children 1"},
	} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			address := squid(t, append(lines, "acl known proxy_auth REQUIRED", "http_access allow known",
				"http_access deny all")...)
			for _, url := range []string{"http://" + address, "http://edge:x@" + address} {
				w := atProxy(report.HTTPS, report.ConnectAuthUnsupported,
					others(auth, report.ConnectAuthUnsupported)...)
				w.Says = []string{scheme}
				check(t, "squid-openssl", scheme+" alone", through(host, url), w)
			}
		})
	}
}

// TestSquidNames needs a name server for the proxy, on port 53 of an address of its own.
func TestSquidNames(t *testing.T) {
	t.Parallel()
	host, ns := upstream(t), loopback(t)
	dnsmasq(t, ns+":53", "--host-record="+hub+","+host, "--address=/#/")
	proxy := "http://" + squid(t, "dns_nameservers "+ns, "hosts_file none", onlyTLS, everything)
	check(t, "squid-openssl", "a name that its name server has", through(hub, proxy), proxied(ok(report.HTTPS)))
	// For a plain request squid 5 says ERR_DNS_FAIL; for CONNECT it does not say why.
	check(t, "squid-openssl", "a name that does not exist (500, ERR_CANNOT_FORWARD)",
		through("nowhere.interop.test", proxy),
		atProxy(report.HTTPS, report.ConnectUpstream, report.ConnectUpstreamRefused, report.DNSNXDomain))
}

func TestSquidTLS(t *testing.T) {
	t.Parallel()
	host := upstream(t)
	chain, key := good(t, "127.0.0.1")
	address := squid(t, "https_port PORT tls-cert="+chain+" tls-key="+key, everything)
	check(t, "squid-openssl", "TLS to the proxy (https_port)", through(host, "https://"+address),
		proxied(ok(report.HTTPS)))
	plain := atProxy(report.HTTPS, report.TLSNotTLS, report.TLSReset, report.ConnectNotHTTP)
	check(t, "squid-openssl", "https:// to its plain port", through(host, "https://"+squid(t, everything)), plain)

	wrong, wrongKey := certificate(t, bench.authority, pki.Leaf{Names: []string{"proxy.example.net"}})
	name := squid(t, "https_port PORT tls-cert="+wrong+" tls-key="+wrongKey, everything)
	check(t, "squid-openssl", "a certificate for another name at https_port", through(host, "https://"+name),
		atProxy(report.HTTPS, report.TLSNameMismatch, report.TLSUntrusted, report.TLSIntercepted))
}

// inspectionCA makes what an inspection box holds: a CA of the company's own.
func inspectionCA(t *testing.T) (ca, both string) {
	t.Helper()
	blackbox.Need(t, "openssl")
	dir := openDir(t)
	key := filepath.Join(dir, "key.pem")
	ca, both = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "both.pem")
	cmd := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", ca,
		"-days", "30",
		"-subj", "/O=Example Corp/CN=Example Corp TLS Inspection CA", "-addext", "basicConstraints=critical,CA:TRUE")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := ""
	for _, f := range []string{key, ca} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	write(t, both, text)
	return ca, both
}

// TestSquidBump meets real TLS inspection: squid opens the tunnel's TLS.
func TestSquidBump(t *testing.T) {
	t.Parallel()
	host, ns := loopback(t), loopback(t)
	dnsmasq(t, ns+":53", "--host-record="+hub+","+host, "--address=/#/")
	chain, key := good(t, host)
	aedes := node(t, "aedes-wss")
	nginx(t, server(host+":443", chain, key,
		"location / { default_type application/json; add_header iothub-errorcode x always; return 401; }\n"+
			"location /$iothub/websocket { proxy_pass https://"+aedes+"; proxy_http_version 1.1; proxy_set_header "+
			"Upgrade $http_upgrade; proxy_set_header Connection $http_connection; }"), host+":443")
	ca, both := inspectionCA(t)
	dir := openDir(t)
	const generator = "/usr/lib/squid/security_file_certgen"
	if _, err := os.Stat(generator); err != nil {
		blackbox.Miss(t, "squid without ssl-bump: squid-openssl is not installed")
	}
	if out, err := exec.Command(generator, "-c", "-s", filepath.Join(dir, "db"), "-M",
		"4MB").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("chmod", "-R", "a+rwX", filepath.Join(dir, "db")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	bump := []string{"http_port PORT ssl-bump generate-host-certificates=on tls-cert=" + both, "sslcrtd_program " +
		generator + " -s " + dir + "/db -M 4MB", "sslcrtd_children 1", "dns_nameservers " + ns,
		"tls_outgoing_options cafile=" + bench.caFile, "ssl_bump bump all", onlyTLS, everything}
	proxy := "http://" + squid(t, bump...)
	for _, p := range []report.Protocol{report.HTTPS, report.AMQPWS} {
		w := proxied(fails(p, report.TLSIntercepted, report.TLSUntrusted, report.TLSNameMismatch))
		w.Says = []string{"Example Corp TLS Inspection CA"}
		check(t, "squid-openssl", "ssl-bump, its CA unknown here", through(hub, proxy), w)
	}
	check(t, "squid-openssl", "ssl-bump with its CA installed: WebSocket is stripped",
		through(hub, proxy, "--ca-file", ca),
		proxied(ok(report.HTTPS)), proxied(fails(report.MQTTWS, report.WSStatus, report.TLSIntercepted,
			report.WSNotUpgraded, report.WSBlockPage)))
	allow := "http://" + squid(t, append(bump, "http_upgrade_request_protocols websocket allow all")...)
	check(t, "squid-openssl", "ssl-bump with its CA installed, WebSocket allowed", through(hub, allow, "--ca-file", ca),
		proxied(ok(report.MQTTWS)))
}

// TestApache is the proxy that says what its resolver said.
func TestApache(t *testing.T) {
	t.Parallel()
	blackbox.Need(t, "apache2")
	host, closed, address, dir := upstream(t), loopback(t), testkit.NobodyAt(t), openDir(t)
	conf := "ServerName apache.test\nListen " + address + "\nPidFile " + dir +
		"/pid\nErrorLog /dev/stderr\nDefaultRuntimeDir " + dir + "\n"
	for _, m := range []string{"mpm_event", "authz_core", "proxy", "proxy_connect"} {
		conf += "LoadModule " + m + "_module /usr/lib/apache2/modules/mod_" + m + ".so\n"
	}
	conf += "ProxyRequests On\nAllowCONNECT 443\n"
	env := append(os.Environ(), "RES_OPTIONS=timeout:1 attempts:1")
	blackbox.Start(t, env, "apache2", "-DFOREGROUND", "-f", write(t, filepath.Join(dir, "apache.conf"),
		conf)).AwaitTCP(t, 10*time.Second, address)
	proxy := "http://" + address
	check(t, "apache2-bin", "mod_proxy_connect, AllowCONNECT 443", through(host, proxy), proxied(ok(report.HTTPS)),
		atProxy(report.AMQP, report.ConnectForbidden, report.ConnectStatus))
	check(t, "apache2-bin", "mod_proxy_connect, a name that does not exist",
		through("nowhere.invalid", proxy, "--timeout", "10s"),
		atProxy(report.HTTPS, report.ConnectUpstreamDNS, report.ConnectUpstream, report.ConnectUpstreamRefused,
			report.DNSNXDomain))
	check(t, "apache2-bin", "mod_proxy_connect, nothing listens behind it: no reason given", through(closed, proxy),
		atProxy(report.HTTPS, report.ConnectUpstream, report.ConnectUpstreamDNS, report.ConnectStatus))
}

func TestTinyproxy(t *testing.T) {
	t.Parallel()
	blackbox.Need(t, "tinyproxy")
	host, closed := upstream(t), loopback(t)
	start := func(lines ...string) string {
		address := testkit.NobodyAt(t)
		conf := append([]string{"Listen 127.0.0.1", "Port " + portOf(address), "Timeout 30", "MaxClients 20",
			"LogLevel Info"}, lines...)
		name := write(t, filepath.Join(openDir(t), "tinyproxy.conf"), strings.Join(conf, "\n")+"\n")
		blackbox.Start(t, nil, "tinyproxy", "-d", "-c", name).AwaitTCP(t, 10*time.Second, address)
		return address
	}
	open := "http://" + start("ConnectPort 443")
	check(t, "tinyproxy", "ConnectPort 443; it answers HTTP/1.0 200", through(host, open), proxied(ok(report.HTTPS)),
		atProxy(report.MQTT, report.ConnectForbidden, report.ConnectStatus, report.ConnectUnsupported))
	login := start("BasicAuth edge x")
	check(t, "tinyproxy", "BasicAuth, no credentials given", through(host, "http://"+login),
		atProxy(report.HTTPS, report.ConnectAuthRequired, report.ConnectAuthRejected, report.ConnectAuthUnsupported))
	check(t, "tinyproxy", "BasicAuth, a wrong password: 401 in place of 407", through(host, "http://edge:y@"+login),
		atProxy(report.HTTPS, report.ConnectForbidden, report.ConnectStatus, report.ConnectAuthRequired))
	check(t, "tinyproxy", "BasicAuth, the right password", through(host, "http://edge:x@"+login),
		proxied(ok(report.HTTPS)))
	check(t, "tinyproxy", "nothing listens behind it, and it does not say so", through(closed, open),
		atProxy(report.HTTPS, report.ConnectUpstream, report.ConnectUpstreamDNS, report.ConnectForbidden,
			report.ConnectStatus))
}

// haproxy starts a front end with TLS and gives its address; frozen puts a server behind
// it that accepts and never answers.
func haproxy(t *testing.T, front string, frozen bool) string {
	t.Helper()
	blackbox.Need(t, "haproxy")
	chain, key := good(t)
	pair := ""
	for _, f := range []string{chain, key} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		pair += string(b)
	}
	address, back := testkit.NobodyAt(t), testkit.NobodyAt(t)
	bind, backend := "bind "+address, "backend none\n  mode http\n  timeout connect 5s\n  timeout server 5s\n  "+
		"retries 0\n  server s "+back+"\n"
	if frozen {
		nginx(t, "server { listen "+back+"; return 200 x; }\n", back).Freeze(t)
		bind += " ssl crt " + write(t, filepath.Join(openDir(t), "both.pem"), pair)
		backend = "backend none\n  mode tcp\n  timeout connect 5s\n  timeout server 30s\n  server s " + back + "\n"
	}
	conf := fmt.Sprintf("global\n  maxconn 64\nfrontend f\n  %s\n  timeout client 30s\n  %s\n  default_backend none\n%s", bind, front, backend)
	name := write(t, filepath.Join(openDir(t), "haproxy.cfg"), conf)
	blackbox.Start(t, nil, "haproxy", "-db", "-f", name).AwaitTCP(t, 10*time.Second, address)
	return address
}

// TestNoProxy meets servers that are no forward proxies, or none for us.
func TestNoProxy(t *testing.T) {
	t.Parallel()
	blackbox.Need(t, "socat")
	host := upstream(t)
	chain, key := good(t)
	plain, secure, banner := testkit.NobodyAt(t), testkit.NobodyAt(t), testkit.NobodyAt(t)
	nginx(t, "server { listen "+plain+"; return 200 hello; }\n"+server(secure, chain, key, asHub), plain, secure)
	blackbox.Start(t, nil, "socat", "TCP-LISTEN:"+portOf(banner)+",bind=127.0.0.1,reuseaddr,fork",
		`SYSTEM:echo SSH-2.0-OpenSSH_9.2p1; sleep 3`).AwaitTCP(t, 10*time.Second, banner)
	not := []report.Cause{report.ConnectNotHTTP, report.ConnectUnsupported, report.ConnectClosed, report.ConnectStatus,
		report.ConnectUpstream, report.ConnectForbidden}
	for _, c := range []struct {
		by, how, address string
		cause            report.Cause
	}{
		{"nginx", "a web server asked to CONNECT (405)", plain, report.ConnectUnsupported},
		{"nginx", "a TLS port asked to CONNECT in clear (400)", secure, report.ConnectUnsupported},
		{"socat", "an SSH banner in place of a proxy", banner, report.ConnectNotHTTP},
		{"haproxy", "no server behind it (503 without a reason)", haproxy(t, "mode http", false),
			report.ConnectUpstream},
		{"haproxy", "deny_status 429", haproxy(t, "mode http\n  http-request deny deny_status 429", false),
			report.ConnectStatus},
		{"microsocks", "a SOCKS port asked to CONNECT", microsocks(t), report.ConnectNotHTTP},
		{"haproxy", "tcp-request content reject", haproxy(t, "mode http\n  tcp-request content reject", false),
			report.ConnectClosed},
	} {
		check(t, c.by, c.how, through(host, "http://"+c.address),
			atProxy(report.HTTPS, c.cause, others(not, c.cause)...))
	}
	check(t, "linux", "a port that nobody listens on, as a proxy", through(host, "http://"+testkit.NobodyAt(t)),
		atProxy(report.HTTPS, report.TCPRefused, report.ConnectClosed, report.TCPTimeout))
}

func microsocks(t *testing.T, options ...string) string {
	t.Helper()
	blackbox.Need(t, "microsocks")
	address := testkit.NobodyAt(t)
	blackbox.Start(t, nil, append([]string{"microsocks", "-i", "127.0.0.1", "-p", portOf(address)},
		options...)...).AwaitTCP(t, 10*time.Second, address)
	return address
}

func TestSOCKS(t *testing.T) {
	t.Parallel()
	host, closed := upstream(t), loopback(t)
	open, login := "socks5://"+microsocks(t), microsocks(t, "-u", "edge", "-P", "x")
	check(t, "microsocks", "SOCKS5 without a login", through(host, open), proxied(ok(report.HTTPS)))
	check(t, "microsocks", "SOCKS5 with a login", through(host, "socks5://edge:x@"+login), proxied(ok(report.HTTPS)))
	check(t, "microsocks", "a wrong password", through(host, "socks5://edge:y@"+login),
		atProxy(report.HTTPS, report.ConnectSOCKS, report.ConnectClosed, report.ConnectAuthRejected))
	check(t, "microsocks", "no acceptable method", through(host, "socks5://"+login),
		atProxy(report.HTTPS, report.ConnectSOCKS, report.ConnectClosed, report.ConnectAuthRequired))
	check(t, "microsocks", "nothing listens behind it", through(closed, open),
		atProxy(report.HTTPS, report.ConnectSOCKS, report.TCPRefused, report.ConnectUpstreamRefused))
}

func TestDante(t *testing.T) {
	t.Parallel()
	blackbox.Need(t, "danted")
	host, address := upstream(t), testkit.NobodyAt(t)
	conf := fmt.Sprintf("logoutput: stderr\ninternal: 127.0.0.1 port = %s\nexternal: 127.0.0.1\nsocksmethod: "+
		"none\nclientmethod: none\nuser.unprivileged: nobody\n"+
		"client pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}\nsocks block {\n from: 0.0.0.0/0 to: 0.0.0.0/0 port = "+
		"5671\n}\nsocks pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}\n", portOf(address))
	blackbox.Start(t, nil, "danted", "-f", write(t, filepath.Join(openDir(t), "danted.conf"), conf)).AwaitTCP(t,
		10*time.Second, address)
	check(t, "dante-server", "a rule that blocks 5671", through(host, "socks5://"+address), proxied(ok(report.HTTPS)),
		atProxy(report.AMQP, report.ConnectSOCKS, report.ConnectForbidden, report.ConnectClosed))
}
