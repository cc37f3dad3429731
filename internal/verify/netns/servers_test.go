//go:build netns && linux

package netns

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"edgenet/internal/lab/pki"
)

// asHub makes nginx answer as the hub's HTTPS front end does without credentials.
const asHub = `location / { default_type application/json; add_header iothub-errorcode IotHubUnauthorizedAccess always; return 401 "{}"; }`

// nginx serves blocks in a role; the first address is waited for.
func (n *network) nginx(role, address, servers string) {
	n.t.Helper()
	dir := filepath.Join(n.dir, "nginx-"+role)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // nothing secret
		n.t.Fatal(err)
	}
	conf := fmt.Sprintf(`daemon off; master_process off; user root; pid %[1]s/pid; error_log stderr info;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
  default_type text/html;
%[2]s
}
`, dir, servers)
	n.listens(n.start(role, "nginx", "-p", dir, "-c", n.write("nginx-"+role+".conf", conf), "-e", "stderr"), role,
		"-t", address)
}

// web is a TLS front of nginx on the hub's three ports that answers as the hub does by
// HTTPS. Its authority is installed at the client.
func (n *network) web(l pki.Leaf, more string) {
	n.t.Helper()
	n.webOf(bench.authority, l, more)
}

// webOf is the same with a certificate of any authority.
func (n *network) webOf(a *pki.Authority, l pki.Leaf, more string) {
	n.t.Helper()
	chain, key := n.pair(a, l)
	block := ""
	for _, port := range []string{"443", "5671", "8883"} {
		block += fmt.Sprintf("server { listen %s:%s ssl; server_name _; ssl_certificate %s; ssl_certificate_key "+
			"%s; %s }\n", hubAddress, port, chain, key, more)
	}
	n.nginx("hub", hubAddress+":443", block)
	n.ca = n.write("suite-ca.pem", string(bench.authority.PEM()))
}

// knowsNobody is a hub's HTTPS front that answers every identity with 404.
func (n *network) knowsNobody() {
	n.t.Helper()
	n.web(pki.Leaf{}, `location / { default_type application/json; add_header iothub-errorcode DeviceNotFound always; return 404 "{}"; }`)
}

// unexpected takes AMQP's port from the lab and answers there with a frame that has no
// place in a greeting: a flow where the mechanisms belong.
func (n *network) unexpected() {
	n.t.Helper()
	chain, key := n.pair(bench.authority, pki.Leaf{})
	frame := n.write("frame.bin", "AMQP\x03\x01\x00\x00\x00\x00\x00\x10\x02\x01\x00\x00\x00\x53\x13\x45\x00\x00\x00\x00")
	n.listens(n.start("hub", "socat", "OPENSSL-LISTEN:15671,bind="+hubAddress+",reuseaddr,fork,verify=0,cert="+chain+
		",key="+key, "SYSTEM:cat "+frame+"; sleep 2"), "hub", "-t", hubAddress+":15671")
	n.nft("hub", "add table ip t\nadd chain ip t pre { type nat hook prerouting priority -100; }\nadd rule ip t pre "+
		"tcp dport 5671 redirect to :15671")
	n.trust(bench.authority)
}

// trust installs an authority at the client beside the lab's.
func (n *network) trust(a *pki.Authority) {
	n.t.Helper()
	both, err := os.ReadFile(n.ca)
	if err != nil {
		n.t.Fatal(err)
	}
	n.ca = n.write("both-ca.pem", string(both)+string(a.PEM()))
}

// apache is a forward proxy whose resolver does not know any name.
func (n *network) apache() {
	n.t.Helper()
	n.etc("site", "resolv.conf", "nameserver "+nameServer2+"\noptions timeout:1 attempts:1\n")
	n.dnsmasqAt(nameServer2, "--address=/#/")
	conf := "ServerName apache.test\nListen " + proxyAddress + "\nPidFile " + n.dir +
		"/pid\nErrorLog /dev/stderr\nDefaultRuntimeDir " + n.dir + "\n"
	for _, m := range []string{"mpm_event", "authz_core", "proxy", "proxy_connect"} {
		conf += "LoadModule " + m + "_module /usr/lib/apache2/modules/mod_" + m + ".so\n"
	}
	n.fakeProxy("apache2", "-DFOREGROUND", "-f", n.write("apache.conf", conf+"ProxyRequests On\nAllowCONNECT 443\n"))
}

// fakeProxy is whatever else listens where the proxy should be.
func (n *network) fakeProxy(line ...string) {
	n.t.Helper()
	n.listens(n.start("site", line...), "site", "-t", proxyAddress)
}

// haproxy is one at the proxy's address with a front end of those lines.
func (n *network) haproxy(lines string) {
	n.t.Helper()
	conf := "global\n  maxconn 64\nfrontend f\n  bind " + proxyAddress + "\n  timeout client 30s\n" + lines +
		"\n  default_backend none\nbackend none\n  mode http\n  timeout connect 5s\n  timeout server 5s\n  retries " +
		"0\n  server s 10.66.3.2:9\n"
	n.fakeProxy("haproxy", "-db", "-f", n.write("haproxy.cfg", conf))
}

// tinyproxy is one at the proxy's address.
func (n *network) tinyproxy(lines ...string) {
	n.t.Helper()
	conf := append([]string{"Listen " + siteAddress, "Port 3128", "Timeout 30", "MaxClients 20", "LogLevel Info"},
		lines...)
	n.fakeProxy("tinyproxy", "-d", "-c", n.write("tinyproxy.conf", strings.Join(conf, "\n")+"\n"))
}

// dante is a SOCKS server at the proxy's address that blocks 5671.
func (n *network) dante() {
	n.t.Helper()
	n.fakeProxy("danted", "-f", n.write("danted.conf", "logoutput: stderr\ninternal: "+siteAddress+
		" port = 3128\nexternal: "+siteAddress+"\nsocksmethod: none\nclientmethod: none\nuser.unprivileged: nobody\n"+
		"client pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}\nsocks block {\n from: 0.0.0.0/0 to: 0.0.0.0/0 port = "+
		"5671\n}\nsocks pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}\n"))
}

// passwords writes a password file of Apache's kind for the user edge with password x.
func (n *network) passwords() string {
	n.t.Helper()
	out, err := exec.Command("openssl", "passwd", "-apr1", "x").Output()
	if err != nil {
		n.t.Fatal(err)
	}
	return n.write("passwd", "edge:"+string(out))
}

// login makes squid ask for one.
func login(scheme string, lines ...string) []string {
	return append(lines, "auth_param "+scheme+" children 1", "acl known proxy_auth REQUIRED", "http_access deny !known")
}

// bump is squid that opens TLS with a CA of the company's own, which is given back.
func (n *network) bump(lines ...string) (ca string) {
	n.t.Helper()
	ca, both := n.inspectionCA()
	n.squidAt("http_port "+proxyAddress+" ssl-bump generate-host-certificates=on tls-cert="+both,
		append(append(lines, n.bumping()...), "ssl_bump bump all")...)
	return ca
}

// bumping are the lines that squid needs to make certificates.
func (n *network) bumping() []string {
	n.t.Helper()
	if out, err := exec.Command("/usr/lib/squid/security_file_certgen", "-c", "-s", n.dir+"/db", "-M",
		"4MB").CombinedOutput(); err != nil { //nolint:gosec // a path of ours
		n.t.Fatalf("%v\n%s", err, out)
	}
	n.must("chmod", "-R", "a+rwX", n.dir+"/db")
	return []string{"sslcrtd_program /usr/lib/squid/security_file_certgen -s " + n.dir + "/db -M 4MB",
		"sslcrtd_children 1", "dns_nameservers " + nameServer, "tls_outgoing_options cafile=" + n.ca}
}

// inspectionCA makes what an inspection box holds.
func (n *network) inspectionCA() (ca, both string) {
	n.t.Helper()
	key := filepath.Join(n.dir, "box.key")
	ca = filepath.Join(n.dir, "box.pem")
	n.must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", ca, "-days", "30",
		"-subj", "/O=Example Corp/CN=Example Corp TLS Inspection CA", "-addext", "basicConstraints=critical,CA:TRUE")
	text := ""
	for _, f := range []string{key, ca} {
		b, err := os.ReadFile(f) //nolint:gosec // written above
		if err != nil {
			n.t.Fatal(err)
		}
		text += string(b)
	}
	return ca, n.write("both.pem", text)
}
