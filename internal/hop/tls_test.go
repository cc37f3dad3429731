package hop_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func authority(t *testing.T, name, org string) *pki.Authority {
	t.Helper()
	subject := pkix.Name{CommonName: name}
	if org != "" {
		subject.Organization = []string{org}
	}
	a, err := pki.NewAuthority(subject)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func below(t *testing.T, a *pki.Authority, name, org string) *pki.Authority {
	t.Helper()
	subject := pkix.Name{CommonName: name}
	if org != "" {
		subject.Organization = []string{org}
	}
	b, err := a.Intermediate(subject)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func issue(t *testing.T, a *pki.Authority, l pki.Leaf, chain ...*pki.Authority) tls.Certificate {
	t.Helper()
	c, err := a.Issue(l)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range chain {
		c.Certificate = append(c.Certificate, x.Certificate.Raw)
	}
	return c
}

// got is what a TLS server heard after the handshake.
type got struct {
	data []byte
	err  error
}

// tlsServer does TLS with one connection and tells what came inside.
func tlsServer(t *testing.T, cfg *tls.Config) (netip.AddrPort, <-chan got) {
	t.Helper()
	heard := make(chan got, 1)
	return serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		s := tls.Server(c, cfg)
		if err := s.Handshake(); err != nil {
			heard <- got{err: err}
			return
		}
		data, err := io.ReadAll(s)
		heard <- got{data, err}
	}), heard
}

// shake connects to a server and does the handshake.
func shake(t *testing.T, d time.Duration, env *hop.Env, to netip.AddrPort, o hop.TLSOptions) (*hop.Session, *hop.Trace,
	*hop.Fault) {
	t.Helper()
	if env == nil {
		env = &hop.Env{Trust: &hop.Trust{NoOS: true}}
	}
	ctx, tr := testkit.Within(t, d), trace()
	c, f := hop.Dial(ctx, env, tr, report.HopTarget, to.Addr().String(), int(to.Port()))
	if f != nil {
		t.Fatal(f.Summary)
	}
	s, f := hop.Handshake(ctx, env, tr, report.HopTarget, c, o)
	if s != nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	if f != nil && s == nil {
		_ = c.Close()
	}
	return s, tr, f
}

// TestHandshakeCauses: servers that never get as far as a certificate.
func TestHandshakeCauses(t *testing.T) {
	t.Parallel()
	hello := func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }
	says := func(answer string, stay bool) func(net.Conn) {
		return func(c net.Conn) {
			hello(c)
			_, _ = io.WriteString(c, answer)
			if stay {
				_, _ = io.Copy(io.Discard, c)
			}
		}
	}
	tls11 := append([]byte{22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2}, make([]byte, 32)...)
	tls11 = append(tls11, 0, 0xc0, 0x13, 0)
	for _, tt := range []struct {
		name   string
		server func(net.Conn)
		cause  report.Cause
		value  string
		detail func(*report.TLSDetail) bool
	}{
		{"reset at the hello", func(c net.Conn) { hello(c); reset(c) }, report.TLSReset, "was reset",
			func(d *report.TLSDetail) bool { return d.Reason != "" }},
		{"closed at the hello", hello, report.TLSReset, "was closed",
			func(d *report.TLSDetail) bool { return d.Reason != "" }},
		{"half a record, then closed", says("\x16\x03\x03\x00\x50\x02", false), report.TLSReset, "was closed", nil},
		{"one byte of TLS, then closed", says("\x16", false), report.TLSReset, "was closed", nil},
		{"silence", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, report.TLSTimeout, "within 0.", nil},
		{"half a record, then silence", says("\x16\x03\x03\x00\x50\x02", true), report.TLSTimeout, "within 0.", nil},
		{"alert 40", says("\x15\x03\x03\x00\x02\x02\x28", false), report.TLSAlert, "alert 40 handshake_failure",
			func(d *report.TLSDetail) bool { return *d.Alert == report.Alert{Number: 40, Name: "handshake_failure"} }},
		{"alert 112", says("\x15\x03\x01\x00\x02\x02\x70", false), report.TLSAlert, "alert 112 unrecognized_name", nil},
		{"alert 116, nothing asked", says("\x15\x03\x03\x00\x02\x02\x74", false), report.TLSAlert, "alert 116", nil},
		{"TLS 1.1", says(string(tls11), true), report.TLSAlert, "TLS version that IoT Hub has given up",
			func(d *report.TLSDetail) bool { return d.Alert == nil && strings.Contains(d.Reason, "302") }},
		{"HTTP", says("HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n", false), report.TLSNotTLS,
			"HTTP/1.1 302 Found", func(d *report.TLSDetail) bool {
				return strings.HasPrefix(d.FirstBytes, `HTTP/1.1 302 Found\r\nLocation`)
			}},
		{"SSH", says("SSH-2.0-OpenSSH_9.2\r\n", true), report.TLSNotTLS, "SSH-2.0", nil},
		{"a greeting before the hello", func(c net.Conn) {
			_,
				_ = io.WriteString(c, "220 mail.test ESMTP\r\n")
			hello(c)
		}, report.TLSNotTLS, "220 mail.test", nil},
		{"one strange byte, then closed", says("H", false), report.TLSNotTLS, ": H", nil},
		{"one strange byte, then silence", says("H", true), report.TLSNotTLS, ": H", nil},
		{"escapes", says("\x1b[2J\x1b]0;x\x07boo", false), report.TLSNotTLS, `\x1b[2J`, nil},
		{"a record of TLS's type and of no TLS version", says("\x16\x99hello", false), report.TLSNotTLS,
			`\x16\x99hello`, nil},
		{"a record that is too long", says("\x16\x03\x03\xff\xff"+strings.Repeat("x", 100), false), report.TLSNotTLS,
			`\x16\x03\x03\xff\xff`, nil},
		{"empty records without end", says(strings.Repeat("\x16\x03\x03\x00\x00", 500), true), report.TLSNotTLS,
			"empty TLS records", func(d *report.TLSDetail) bool { return d.Reason != "" }},
		{"warnings without end", says(strings.Repeat("\x15\x03\x03\x00\x02\x01\x70", 500), true), report.TLSNotTLS,
			"warnings", func(d *report.TLSDetail) bool { return d.Reason != "" }},
		{"a handshake message of the wrong kind", says("\x16\x03\x03\x00\x04\x0e\x00\x00\x00", false), report.Unknown,
			"unexpected", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			to := serve(t, listen(t, "127.0.0.1:0"), tt.server)
			_, tr, f := shake(t, 500*time.Millisecond, nil, to, hop.TLSOptions{ServerName: host})
			st := failed(t, tr, f, report.HopTarget, report.StageTLS, tt.cause, host, tt.value)
			d := st.Detail.(*report.TLSDetail)
			if strings.Contains(f.Summary, `\r`) {
				t.Errorf("more than the first line: %s", f.Summary)
			}
			if d.ServerName != host || d.Consumer != "containers" || d.At == nil || d.Remote != to.String() ||
				!strings.HasPrefix(d.Local, "127.0.0.1:") || len(d.Chain) != 0 {
				t.Errorf("detail %+v", d)
			}
			if (d.FirstBytes != "") != (tt.cause == report.TLSNotTLS && d.Reason == "") ||
				(d.Alert != nil) != strings.HasPrefix(tt.name, "alert") {
				t.Errorf("first bytes %q, alert %v", d.FirstBytes, d.Alert)
			}
			if tt.detail != nil && !tt.detail(d) {
				t.Errorf("detail %+v", d)
			}
			if st.DurationMs > 1500 || strings.ContainsAny(st.Summary, "\x1b\x07\r\n") {
				t.Errorf("took %v ms: %q", st.DurationMs, st.Summary)
			}
		})
	}
}

// TestChainCauses: what a chain that does not verify is called, and its neighbours.
func TestChainCauses(t *testing.T) {
	t.Parallel()
	root, corp, forti := authority(t, "Known Root", "Known"), authority(t, "Corp Root", "Contoso"),
		authority(t, "FortiGate CA", "Fortinet")
	microsoft := below(t, authority(t, "Some Root", "Some"), "Microsoft TLS CA", "Microsoft Corporation")
	regional := below(t, authority(t, "Missing Root", "DigiCert Inc"), "Regional CA", "Regional")
	labRoot := authority(t, "edgenet lab root", "")
	mid := below(t, root, "Known Issuing", "Known")
	self, err := pki.SelfSigned(pki.Leaf{Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	hub, gw := pki.Leaf{Names: []string{host}}, pki.Leaf{Names: []string{"gw.corp"}}
	now := time.Now()
	old := pki.Leaf{Names: []string{host}, NotBefore: now.Add(-23 * time.Hour), NotAfter: now.Add(-2 * time.Hour)}
	young := pki.Leaf{Names: []string{host}, NotBefore: now.Add(2 * time.Hour), NotAfter: now.Add(48 * time.Hour)}
	for _, tt := range []struct {
		name    string
		cert    tls.Certificate
		server  string
		proxied bool
		cause   report.Cause
		values  []string
	}{
		{"a stranger's CA for a hub's name", issue(t, corp, hub), host, false, report.TLSIntercepted,
			[]string{"Corp Root, Contoso", "intercepted"}},
		{"an inspection product for any name", issue(t, forti, gw), "gw.corp", false, report.TLSIntercepted,
			[]string{"FortiGate CA, Fortinet (Fortinet FortiGate)"}},
		{"an inspection product above the issuer", issue(t, below(t, forti, "Branch", "Contoso"), gw), "gw.corp", false,
			report.TLSUntrusted, nil},
		{"the same with the whole chain", issue(t, below(t, forti, "Branch", "Contoso"), gw, forti), "gw.corp", false,
			report.TLSIntercepted, []string{"Fortinet"}},
		{"a stranger's CA through a proxy", issue(t, corp, gw), "gw.corp", true, report.TLSIntercepted,
			[]string{"Corp Root"}},
		{"a private CA that was not given", issue(t, corp, gw), "gw.corp", false, report.TLSUntrusted,
			[]string{"issued by Corp Root, Contoso", "no known root"}},
		{"the same, sent with its root", issue(t, corp, gw, corp), "gw.corp", false, report.TLSUntrusted,
			[]string{"leads to Corp Root, Contoso"}},
		{"self-signed for a hub's name", self, host, true, report.TLSUntrusted, []string{"self-signed"}},
		{"a known public issuer, incomplete", issue(t, microsoft, hub), host, true, report.TLSUntrusted,
			[]string{"Microsoft Corporation", "was not sent"}},
		{"below a known public issuer whose root is missing here", issue(t, regional, hub, regional), host, false,
			report.TLSUntrusted, []string{"leads to Missing Root, DigiCert Inc"}},
		{"a known issuer without its intermediate", issue(t, mid, gw), "gw.corp", false, report.TLSUntrusted,
			[]string{"Known Issuing", "was not sent"}},
		{"the lab's root for a lab's name", issue(t, labRoot, pki.Leaf{Names: []string{"lab.azure-devices.test"}}),
			"lab.azure-devices.test", false, report.TLSUntrusted, []string{"edgenet lab root"}},
		{"another CA where a private one is expected that nobody gave",
			issue(t, corp, pki.Leaf{Names: []string{"lab.azure-devices.test"}}), "lab.azure-devices.test", false,
			report.TLSUntrusted, []string{"Corp Root"}},
		{"a client's certificate", issue(t, root, pki.Leaf{Names: []string{"gw.corp"}, Client: true}), "gw.corp", false,
			report.TLSUntrusted, []string{"incompatible key usage"}},
		{"expired", issue(t, root, old), host, false, report.TLSExpired,
			[]string{"expired on " + old.NotAfter.UTC().Format("2006-01-02 15:04"), "this host's clock says"}},
		{"expired, of another CA", issue(t, corp, old), host, false, report.TLSIntercepted, nil},
		{"not yet valid", issue(t, root, young), host, false, report.TLSNotYetValid,
			[]string{"valid from " + young.NotBefore.UTC().Format("2006-01-02 15:04"), "this host's clock says"}},
		{"another name", issue(t, root, pki.Leaf{Names: []string{"a.test", "b.test", "c.test", "d.test"}}), host, false,
			report.TLSNameMismatch, []string{"a.test, b.test, c.test, …"}},
		{"no name", issue(t, root, pki.Leaf{}), host, false, report.TLSNameMismatch, []string{"no name at all"}},
		{"expired for another name", issue(t, root, pki.Leaf{Names: []string{"a.test"}, NotBefore: old.NotBefore,
			NotAfter: old.NotAfter}), host, false, report.TLSExpired, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			to, heard := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{tt.cert}})
			env := &hop.Env{Trust: (&hop.Trust{NoOS: true}).InPublic(root.Certificate)}
			s, tr, f := shake(t, 5*time.Second, env, to, hop.TLSOptions{ServerName: tt.server, Proxied: tt.proxied,
				HTTP: true})
			st := failed(t, tr, f, report.HopTarget, report.StageTLS, tt.cause, append(tt.values, tt.server)...)
			d := st.Detail.(*report.TLSDetail)
			if d.At == nil || d.Remote != to.String() || d.Local == "" || d.Reason == "" &&
				tt.cause != report.TLSIntercepted || d.Version != "TLS 1.3" || d.Cipher == "" ||
				len(d.Chain) != len(tt.cert.Certificate) || d.Chain[0].SHA256 == "" {
				t.Errorf("detail %+v", d)
			}
			for pool, op := range d.Trust {
				if op.OK || op.Reason == "" {
					t.Errorf("pool %s: %+v", pool, op)
				}
			}
			if validity := tt.cause == report.TLSExpired || tt.cause == report.TLSNotYetValid; (s != nil) != validity {
				t.Errorf("session %v: given only to ask for the Date", s != nil)
			}
			if s != nil {
				_ = s.Close()
			}
			if h := <-heard; len(h.data) > 0 {
				t.Errorf("%d bytes were written to a peer that did not verify", len(h.data))
			}
		})
	}
}

// TestPools: whose trust decides, with a company's CA in one place and not in the other.
func TestPools(t *testing.T) {
	t.Parallel()
	corp := authority(t, "Corp Inspection", "Contoso")
	mid := below(t, corp, "Corp Issuing", "Contoso")
	cfg := &tls.Config{Certificates: []tls.Certificate{issue(t, mid, pki.Leaf{Names: []string{host}}, mid)}}
	roots := []*x509.Certificate{corp.Certificate}
	inOS := func() *hop.Trust { return (&hop.Trust{NoOS: true}).InOS(corp.Certificate) }
	for _, tt := range []struct {
		name               string
		trust              *hop.Trust
		daemon, containers report.Cause // empty: verified
		pools              []string     // that verify it
	}{
		{"nowhere", &hop.Trust{NoOS: true}, report.TLSIntercepted, report.TLSIntercepted, nil},
		{"in the host's store", inOS(), "", report.TLSIntercepted, []string{"os"}},
		{"in the bundle", &hop.Trust{NoOS: true, Bundle: roots}, report.TLSIntercepted, "", []string{"bundle"}},
		{"in both, by --ca-file", &hop.Trust{NoOS: true, Extra: roots}, "", "", []string{"bundle", "os"}},
		{"public, and this host's store lacks it", (&hop.Trust{NoOS: true}).InPublic(corp.Certificate),
			report.TLSUntrusted, "", []string{"public"}},
		{"in the bundle of a module", &hop.Trust{NoOS: true, Module: true, Bundle: roots}, "", "", []string{"bundle"}},
	} {
		for consumer, cause := range map[hop.Consumer]report.Cause{hop.Daemon: tt.daemon,
			hop.Containers: tt.containers} {
			t.Run(tt.name+" for "+string(consumer), func(t *testing.T) {
				to, _ := tlsServer(t, cfg)
				s, tr, f := shake(t, 5*time.Second, &hop.Env{Trust: tt.trust}, to,
					hop.TLSOptions{ServerName: host, Consumer: consumer})
				if cause != "" {
					failed(t, tr, f, report.HopTarget, report.StageTLS, cause)
				} else if f != nil || s == nil {
					t.Fatalf("fault %+v", f)
				}
				steps := tr.Steps()
				d := steps[len(steps)-1].Detail.(*report.TLSDetail)
				if d.Consumer != string(consumer) || len(d.Trust) != 3 && !tt.trust.Module || len(d.Trust) != 2 &&
					tt.trust.Module {
					t.Errorf("detail %+v", d)
				}
				var ok []string
				for pool, op := range d.Trust {
					if op.OK {
						ok = append(ok, pool)
						if !strings.Contains(op.Root, "Corp Inspection") {
							t.Errorf("pool %s says root %q", pool, op.Root)
						}
					}
				}
				slices.Sort(ok)
				if !slices.Equal(ok, tt.pools) {
					t.Errorf("verified by %v, want %v", ok, tt.pools)
				}
				if cause == "" && (d.Chain[0].Subject != "CN="+host || d.Names[0] != host || d.At != nil) {
					t.Errorf("detail %+v", d)
				}
			})
		}
	}
}

// TestClientHello: no larger than the runtime's, so that what stops it is not its size.
func TestClientHello(t *testing.T) {
	t.Parallel()
	for _, http := range []bool{false, true} {
		var size int
		info := make(chan *tls.ClientHelloInfo, 1)
		to := serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) {
			p := make([]byte, 4096)
			n, _ := c.Read(p)
			size = n
			_ = tls.Server(&replay{c, p[:n]}, &tls.Config{GetConfigForClient: func(i *tls.ClientHelloInfo) (*tls.Config,
				error) {
				info <- i
				return nil, io.EOF
			}}).Handshake()
		})
		_, _, f := shake(t, 2*time.Second, nil, to, hop.TLSOptions{ServerName: host, HTTP: http})
		i := <-info
		if f == nil || size >= 512 || size == 0 {
			t.Errorf("the hello has %d bytes", size)
		}
		if !slices.Equal(i.SupportedCurves, []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}) {
			t.Errorf("curves %v", i.SupportedCurves)
		}
		if !slices.Equal(i.SupportedVersions, []uint16{tls.VersionTLS13, tls.VersionTLS12}) || i.ServerName != host {
			t.Errorf("versions %x, name %q", i.SupportedVersions, i.ServerName)
		}
		if want := []string{"http/1.1"}; http && !slices.Equal(i.SupportedProtos, want) || !http &&
			len(i.SupportedProtos) != 0 {
			t.Errorf("ALPN %v", i.SupportedProtos)
		}
	}
}

// replay gives bytes that were read already first.
type replay struct {
	net.Conn
	first []byte
}

func (r *replay) Read(p []byte) (int, error) {
	if len(r.first) > 0 {
		n := copy(p, r.first)
		r.first = r.first[n:]
		return n, nil
	}
	return r.Conn.Read(p)
}

// TestClientAuth: TLS 1.2 refuses in the handshake, 1.3 at the first read after it.
func TestClientAuth(t *testing.T) {
	t.Parallel()
	root := authority(t, "Known Root", "Known")
	env := &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{root.Certificate}}}
	cfg := &tls.Config{Certificates: []tls.Certificate{issue(t, root, pki.Leaf{Names: []string{host}})},
		ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
	to, _ := tlsServer(t, cfg)
	_, tr, f := shake(t, 5*time.Second, env, to, hop.TLSOptions{ServerName: host})
	st := failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSClientAuth, host,
		"asked for a client certificate", "alert 40 handshake_failure")
	if d := st.Detail.(*report.TLSDetail); !d.CertAsked || d.Alert.Number != 40 || d.At == nil {
		t.Errorf("detail %+v", d)
	}

	cfg = cfg.Clone()
	cfg.MaxVersion = tls.VersionTLS13
	to, _ = tlsServer(t, cfg)
	s, tr, f := shake(t, 5*time.Second, env, to, hop.TLSOptions{ServerName: host})
	if f != nil {
		t.Fatalf("in TLS 1.3 the handshake succeeds: %s", f.Summary)
	}
	if s.ClientRefusal(io.EOF) != nil {
		t.Error("an end is no refusal")
	}
	_, err := s.Read(make([]byte, 1))
	f = s.ClientRefusal(err)
	st = failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSClientAuth, host,
		"alert 116 certificate_required")
	if d := st.Detail.(*report.TLSDetail); !d.CertAsked || d.Alert.Number != 116 || d.At == nil || d.Local == "" ||
		d.Remote != to.String() || s.Detail() != d {
		t.Errorf("detail %+v", d)
	}

	own := issue(t, root, pki.Leaf{Names: []string{"device"}, Client: true})
	to, heard := tlsServer(t, cfg)
	s, _, f = shake(t, 5*time.Second, env, to, hop.TLSOptions{ServerName: host, Certificate: &own})
	if f != nil {
		t.Fatal(f.Summary)
	}
	_, _ = io.WriteString(s, "x")
	_ = s.Close()
	if h := <-heard; h.err != nil || string(h.data) != "x" {
		t.Errorf("with a certificate: %q, %v", h.data, h.err)
	}
	if !s.Detail().CertAsked || s.Detail().Alert != nil {
		t.Errorf("being asked proves nothing: %+v", s.Detail())
	}
}

// TestPrivateRoot: where a private root is expected and known, a chain of others is an
// interception, and one of the same house that does not verify is not.
func TestPrivateRoot(t *testing.T) {
	t.Parallel()
	const name = "plant.azure-devices.test"
	root, corp, house := authority(t, "Plant hub root", ""), authority(t, "Corp Root", "Contoso"),
		authority(t, "Plant hub issuing", "")
	leaf := pki.Leaf{Names: []string{name}}
	for _, tt := range []struct {
		what  string
		cert  tls.Certificate
		trust *hop.Trust
		cause report.Cause
	}{
		{"a stranger's chain", issue(t, corp, leaf),
			&hop.Trust{NoOS: true, Extra: []*x509.Certificate{root.Certificate}}, report.TLSIntercepted},
		{"the same, the root in the bundle alone", issue(t, corp, leaf),
			&hop.Trust{NoOS: true, Bundle: []*x509.Certificate{root.Certificate}}, report.TLSIntercepted},
		{"an issuer of the house that was not sent", issue(t, house, leaf),
			&hop.Trust{NoOS: true, Extra: []*x509.Certificate{root.Certificate}}, report.TLSUntrusted},
		{"nobody gave a root", issue(t, corp, leaf), &hop.Trust{NoOS: true}, report.TLSUntrusted},
		{"the daemon lacks what the containers have", issue(t, root, leaf),
			&hop.Trust{NoOS: true, Bundle: []*x509.Certificate{root.Certificate}}, report.TLSUntrusted},
	} {
		to, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{tt.cert}})
		_, tr, f := shake(t, 5*time.Second, &hop.Env{Trust: tt.trust}, to, hop.TLSOptions{ServerName: name, HTTP: true,
			Consumer: hop.Daemon})
		if st := tr.Steps(); f == nil || f.Cause != tt.cause {
			t.Errorf("%s: got %+v, want %s", tt.what, st, tt.cause)
		}
	}
}

// TestStrangeCertificates: what cannot be parsed, and chains without end.
func TestStrangeCertificates(t *testing.T) {
	t.Parallel()
	corp := authority(t, "Corp", "Contoso")
	broken := issue(t, corp, pki.Leaf{Names: []string{host}})
	broken.Certificate = [][]byte{[]byte("this is no certificate")}
	to, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{broken}})
	_, tr, f := shake(t, 5*time.Second, nil, to, hop.TLSOptions{ServerName: host})
	st := failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSUntrusted, host, "cannot be read")
	if d := st.Detail.(*report.TLSDetail); d.Reason == "" || d.At == nil {
		t.Errorf("detail %+v", d)
	}

	long := issue(t, corp, pki.Leaf{Names: []string{host}})
	for range 300 {
		long.Certificate = append(long.Certificate, corp.Certificate.Raw)
	}
	to, _ = tlsServer(t, &tls.Config{Certificates: []tls.Certificate{long}})
	_, tr, f = shake(t, 5*time.Second, nil, to, hop.TLSOptions{ServerName: host})
	st = failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSIntercepted, host)
	if d := st.Detail.(*report.TLSDetail); len(d.Chain) != 10 {
		t.Errorf("%d certificates are kept", len(d.Chain))
	}

	for range 600 {
		long.Certificate = append(long.Certificate, corp.Certificate.Raw)
	}
	to, _ = tlsServer(t, &tls.Config{Certificates: []tls.Certificate{long}})
	_, tr, f = shake(t, 5*time.Second, nil, to, hop.TLSOptions{ServerName: host})
	failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSUntrusted, host, "exceeds maximum")

	names := make([]string, 500)
	for i := range names {
		names[i] = "x.test"
	}
	many := issue(t, corp, pki.Leaf{Names: append(names, host)})
	to, _ = tlsServer(t, &tls.Config{Certificates: []tls.Certificate{many}})
	_, tr, _ = shake(t, 5*time.Second, nil, to, hop.TLSOptions{ServerName: host})
	if d := tr.Steps()[1].Detail.(*report.TLSDetail); len(d.Names) > 17 {
		t.Errorf("%d names are kept", len(d.Names))
	}

	escapes := authority(t, "Evil\x1b[2J\u202eCA", "")
	to, _ = tlsServer(t, &tls.Config{Certificates: []tls.Certificate{issue(t, escapes,
		pki.Leaf{Names: []string{host}})}})
	_, tr, f = shake(t, 5*time.Second, nil, to, hop.TLSOptions{ServerName: host})
	st = failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSIntercepted, "Evil")
	if strings.ContainsAny(st.Summary+st.Detail.(*report.TLSDetail).Chain[0].Issuer, "\x1b\u202e") {
		t.Errorf("%q", st.Summary)
	}
}

// TestTLSStopped: a handshake that the round's end cuts is skipped.
func TestTLSStopped(t *testing.T) {
	t.Parallel()
	to := serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	round := testkit.Within(t, 200*time.Millisecond)
	tr := hop.NewTrace(round, time.Now())
	c, f := hop.Dial(round, &hop.Env{}, tr, report.HopTarget, to.Addr().String(), int(to.Port()))
	if f != nil {
		t.Fatal(f.Summary)
	}
	defer func() { _ = c.Close() }()
	_, f = hop.Handshake(round, &hop.Env{}, tr, report.HopTarget, c, hop.TLSOptions{ServerName: host})
	if st := tr.Steps()[1]; f == nil || !f.Stopped || st.Status != report.Skipped || st.Cause != "" {
		t.Errorf("fault %+v, step %+v", f, st)
	}
}
