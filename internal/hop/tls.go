package hop

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"strings"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// TLSOptions says what a handshake is for.
type TLSOptions struct {
	ServerName string
	Consumer   Consumer // whose trust decides; zero means Containers
	// the handshake goes through a proxy: a chain that does not verify is then an interception
	Proxied     bool
	HTTP        bool             // ALPN http/1.1, and one renegotiation as the hub's HTTP front end asks for it
	Certificate *tls.Certificate // shown when asked; zero means none
	Hello       Hello            // zero means the runtime's
}

// Handshake does TLS on c and verifies the captured chain at once. On a fault the
// session is nil, but for faults of validity: then it is given beside the fault so
// that the peer's Date can be asked for without credentials, and nothing else.
func Handshake(ctx context.Context, env *Env, t *Trace, h report.Hop, c net.Conn, o TLSOptions) (*Session, *Fault) {
	m := t.Begin(h, report.StageTLS)
	d := &report.TLSDetail{ServerName: o.ServerName, Consumer: string(o.consumer())}
	heard := &Tap{Conn: c, Keep: 256} // a ServerHello has some 100
	conn := tls.Client(heard, o.config(d))
	err := conn.HandshakeContext(ctx)
	state := conn.ConnectionState()
	chain := state.PeerCertificates
	if err != nil {
		d.Chain = describeChain(chain)
		f := classifyHandshake(err, heard.First, d, m)
		f.Summary += heard.unanswered(f.Cause, h == report.HopTarget && o.Proxied, d)
		return nil, m.failTLS(env, c, d, f)
	}
	d.Version, d.Cipher = tls.VersionName(state.Version), cipherName(state.CipherSuite)
	d.Names = leafNames(chain[0])
	ops, shown := env.trust().opinions(chain, o.ServerName, env.Clock())
	d.Chain = shown
	d.Trust = trustDetail(ops)
	op := env.trust().decide(o.consumer(), ops)
	s := &Session{conn, env, t, h, d, c}
	if w := env.trust().weakness(o.consumer(), op, chain, o.ServerName); w != nil {
		return nil, m.failTLS(env, c, d, weakFault(w, d))
	}
	switch {
	case op.flaw == flawNone && state.Version == tls.VersionTLS12 && legacy(heard.First):
		return nil, m.failTLS(env, c, d, legacyFault(d))
	case op.flaw == flawNone:
		m.OK(d)
		return s, nil
	}
	if short := env.trust().scarceAfter(op); short != nil {
		return nil, m.failTLS(env, c, d, Fault{Cause: report.HostLimit, Summary: fmt.Sprintf("this host has run out "+
			"of %s (%s), so its CA store could not be read, and nothing is known of the certificate of %s",
			neterr.Scarce(short), neterr.ErrnoName(short), o.ServerName)})
	}
	f := m.failTLS(env, c, d, o.judge(op, ops, chain, d, env))
	if op.flaw == flawExpired || op.flaw == flawEarly {
		return s, f
	}
	return nil, f
}

func (o TLSOptions) consumer() Consumer {
	if o.Consumer == "" {
		return Containers
	}
	return o.Consumer
}

// config: TLS 1.2 at least, as IoT Hub has had it since 2025-08-31; the three curves of
// the runtime's ClientHello, no larger (post-quantum shares would double it).
func (o TLSOptions) config(d *report.TLSDetail) *tls.Config {
	c := &tls.Config{
		ServerName: o.ServerName,
		MinVersion: tls.VersionTLS12,
		// The chain is captured whatever it is; Handshake verifies it against the
		// three pools before anything else is written.
		InsecureSkipVerify: true, //nolint:gosec // verified by opinions
		// what fills a packet is to leave as one, from the first record on
		DynamicRecordSizingDisabled: true,
		CurvePreferences:            []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			d.CertAsked = true
			if o.Certificate != nil {
				return o.Certificate, nil
			}
			return &tls.Certificate{}, nil
		},
	}
	if o.HTTP {
		c.NextProtos = []string{"http/1.1"} // a WebSocket upgrade needs HTTP/1.1
		c.Renegotiation = tls.RenegotiateOnceAsClient
	}
	o.Hello.apply(c)
	return c
}

func (m *Move) failTLS(env *Env, c net.Conn, d *report.TLSDetail, f Fault) *Fault {
	stampTLS(env, c, d)
	return m.Fail(f, d)
}

// stampTLS notes when and between whom a handshake failed.
func stampTLS(env *Env, c net.Conn, d *report.TLSDetail) {
	d.At = env.UTC()
	d.Local, d.Remote = c.LocalAddr().String(), c.RemoteAddr().String()
}

// classifyHandshake is the classifier of handshakes that were not done.
func classifyHandshake(err error, first []byte, d *report.TLSDetail, m *Move) Fault {
	name := d.ServerName
	plain, ok := neterr.PlainAnswer(err)
	if len(d.Chain) == 0 && (ok || !looksTLS(first)) {
		if len(first) == 0 {
			first = plain
		}
		d.FirstBytes = report.CleanBytes(first, 64)
		return Fault{Cause: report.TLSNotTLS, Summary: fmt.Sprintf("the answer to the TLS hello for %s is not TLS: %s",
			name, report.FirstLine(d.FirstBytes))}
	}
	if a, ok := neterr.Alert(err); ok {
		return alertFault(a, d)
	}
	switch {
	case neterr.VersionRefused(err):
		d.Reason = neterr.Text(err)
		return Fault{Cause: report.TLSAlert,
			Summary: fmt.Sprintf("%s offers only a TLS version that IoT Hub has given up: %s", name, d.Reason)}
	case neterr.EmptyRecords(err), emptyRecord(first):
		d.Reason = neterr.Text(err)
		return Fault{Cause: report.TLSNotTLS,
			Summary: fmt.Sprintf("what answers for %s sends empty TLS records or warnings and no handshake: no TLS "+
				"server does that", name)}
	case neterr.HugeHandshake(err):
		d.Reason = neterr.Text(err)
		return Fault{Cause: report.TLSUntrusted,
			Summary: fmt.Sprintf("the certificates shown for %s are larger than any chain is (%s)", name, d.Reason)}
	case neterr.Unreadable(err) != "":
		return weakFault(&report.Weakness{What: neterr.Unreadable(err), Certificate: "which this program cannot read",
			OpenSSL: true}, d)
	case neterr.BadCertificate(err):
		d.Reason = neterr.Text(err)
		return Fault{Cause: report.TLSUntrusted, Summary: fmt.Sprintf("the certificate shown for %s cannot be read: %s",
			name, d.Reason)}
	}
	d.Reason = neterr.Text(err)
	switch neterr.Of(err) {
	case neterr.Timeout, neterr.Canceled:
		return Fault{Cause: report.TLSTimeout,
			Summary: fmt.Sprintf("TCP is up, and the TLS handshake for %s got no further within %s", name,
				Seconds(m.Elapsed()))}
	case neterr.Reset:
		return Fault{Cause: report.TLSReset,
			Summary: fmt.Sprintf("TCP is up, and the connection was reset at the TLS hello for %s after %s", name,
				brief(m.Elapsed()))}
	case neterr.EOF:
		return Fault{Cause: report.TLSReset,
			Summary: fmt.Sprintf("TCP is up, and the connection was closed at the TLS hello for %s after %s", name,
				brief(m.Elapsed()))}
	}
	return Fault{Cause: report.Unknown, Summary: fmt.Sprintf("TLS with %s failed: %s", name, d.Reason)}
}

func alertFault(a report.Alert, d *report.TLSDetail) Fault {
	d.Alert = &a
	if d.CertAsked && neterr.ClientCertificateAlert(a.Number) {
		return Fault{Cause: report.TLSClientAuth,
			Summary: fmt.Sprintf("%s asked for a client certificate, got none, and refused (alert %d %s)", d.ServerName,
				a.Number, a.Name)}
	}
	return Fault{Cause: report.TLSAlert, Summary: fmt.Sprintf("%s refused the TLS handshake with alert %d %s",
		d.ServerName, a.Number, a.Name)}
}

// emptyRecord tells whether a peer began with a record that holds nothing.
func emptyRecord(p []byte) bool {
	return len(p) >= 5 && looksTLS(p) && p[3] == 0 && p[4] == 0
}

// looksTLS tells whether the bytes start with a TLS record: content type alert or
// handshake, major version 3.
func looksTLS(p []byte) bool {
	return len(p) == 0 || (p[0] == 0x15 || p[0] == 0x16) && (len(p) < 2 || p[1] == 3)
}

// judge is the classifier of chains that did not verify.
func (o TLSOptions) judge(op opinion, ops map[string]opinion, chain []*x509.Certificate, d *report.TLSDetail,
	env *Env) Fault {
	d.Reason, d.Renewed, d.Unfit = op.reason, op.renewed, op.unfit
	if !op.ends.IsZero() {
		ends := op.ends.UTC()
		d.RootEnded = &ends
	}
	name, issuer := d.ServerName, report.Clean(issuerName(chain[0]), 120)
	switch op.flaw {
	case flawExpired:
		return Fault{Cause: report.TLSExpired,
			Summary: fmt.Sprintf("the certificate of %s is past its time: %s; this host's clock says %s", name,
				d.Reason, stamp(env.Clock()))}
	case flawEarly:
		return Fault{Cause: report.TLSNotYetValid,
			Summary: fmt.Sprintf("the certificate of %s is not yet valid: %s; this host's clock says %s", name,
				d.Reason, stamp(env.Clock()))}
	case flawName:
		return Fault{Cause: report.TLSNameMismatch, Summary: fmt.Sprintf("the certificate is not for %s but for %s",
			name, cmp.Or(strings.Join(firstOf(d.Names, 3), ", "), "no name at all"))}
	}
	if ops[PoolPublic].flaw == flawUntrusted {
		d.Impostor = report.Clean(env.trust().impostor(chain), 200)
	}
	vendor, by := vendorOf(chain)
	d.Vendor, d.VendorBy, d.Sibling = vendor, report.Clean(by, 240), report.Clean(env.trust().sibling(chain), 200)
	if o.intercepted(ops, chain, d.Vendor, env.trust().private()) {
		by := issuer
		if d.Vendor != "" {
			by += " (" + d.Vendor + ")"
		}
		return Fault{Cause: report.TLSIntercepted,
			Summary: fmt.Sprintf("the certificate shown for %s was issued by %s: TLS is intercepted", name, by)}
	}
	if d.Impostor != "" {
		return Fault{Cause: report.TLSUntrusted,
			Summary: fmt.Sprintf("the certificate of %s is not trusted: it names %s, "+
				"whose key has not signed it", name, d.Impostor)}
	}
	return Fault{Cause: report.TLSUntrusted, Summary: fmt.Sprintf("the certificate of %s is not trusted: %s",
		name, d.Reason)}
}

// intercepted tells an inspection box's chain from one that merely lacks its root: a
// CA issued the leaf, no public root stands behind it, and something says that a
// public or another chain would be expected here.
func (o TLSOptions) intercepted(ops map[string]opinion, chain []*x509.Certificate, vendor string,
	private []*x509.Certificate) bool {
	leaf := chain[0]
	if selfSigned(leaf) || ops[PoolPublic].flaw != flawUntrusted {
		return false
	}
	if vendor != "" {
		return true
	}
	last := chain[len(chain)-1]
	if publicIssuer(leaf) || publicIssuer(last) {
		return false // incomplete, or the root is missing here
	}
	switch cloud, azure := iothub.CloudOf(o.ServerName); {
	case azure && cloud.Public:
		return true
	case azure: // a private root is expected: where it is known, a chain of others is not the hub's
		return strangers(chain, ops, private)
	}
	return o.Proxied
}

// strangers tells whether a chain has nothing to do with the private roots that are known: no
// pool trusts it, and no root has a name like its issuers', as an incomplete chain's has.
func strangers(chain []*x509.Certificate, ops map[string]opinion, private []*x509.Certificate) bool {
	for _, op := range ops {
		if op.flaw != flawUntrusted {
			return false
		}
	}
	for _, root := range private {
		for _, c := range []*x509.Certificate{chain[0], chain[len(chain)-1]} {
			if kin(c.Issuer, root.Subject) {
				return false
			}
		}
	}
	return len(private) > 0
}

// kin tells whether two authorities are of one house, as far as their names say: of the same
// organisation, or, where they name none, called the same but for the last word.
func kin(a, b pkix.Name) bool {
	if len(a.Organization) > 0 && len(b.Organization) > 0 {
		return a.Organization[0] == b.Organization[0]
	}
	stem := func(name string) string { return name[:max(0, strings.LastIndexByte(name, ' '))] }
	return a.CommonName == b.CommonName || stem(a.CommonName) != "" && stem(a.CommonName) == stem(b.CommonName)
}

// ClientRefusal tells whether an error met after the handshake is the peer's refusal
// of a missing client certificate, which TLS 1.3 shows only at the first read, and
// turns the step into that failure.
func (s *Session) ClientRefusal(err error) *Fault {
	a, ok := neterr.Alert(err)
	if !ok && s.detail.CertAsked && neterr.Of(err) == neterr.Reset {
		a, ok = s.unreadAlert()
	}
	if !ok || s.detail.Version != tls.VersionName(tls.VersionTLS13) {
		return nil
	}
	stampTLS(s.env, s.Conn, s.detail)
	return s.trace.Refail(s.hop, report.StageTLS, alertFault(a, s.detail), nil)
}

// PageRefusal turns the step into a refusal of a missing client certificate that the peer,
// after asking for one, made by an HTTP page in place of an alert, as nginx does.
func (s *Session) PageRefusal(said string) *Fault {
	if !s.detail.CertAsked {
		return nil
	}
	stampTLS(s.env, s.Conn, s.detail)
	s.detail.Reason = said
	return s.trace.Refail(s.hop, report.StageTLS, Fault{Cause: report.TLSClientAuth,
		Summary: fmt.Sprintf("%s asked for a client certificate, got none, and refused by a page: %s",
			s.detail.ServerName, said)}, nil)
}

// unreadAlert reads what a peer said before it reset the connection: a write that
// fails leaves its alert unread (mosquitto closes with this side's bytes unread, so
// its alert and its reset come together).
func (s *Session) unreadAlert() (report.Alert, bool) {
	_ = s.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	_, err := s.Read(make([]byte, 1))
	return neterr.Alert(err)
}

// Detail is the handshake's evidence.
func (s *Session) Detail() *report.TLSDetail { return s.detail }
