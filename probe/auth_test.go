package probe_test

import (
	"crypto/tls"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab"
	"edgenet/internal/secret"
	"edgenet/probe"
	"edgenet/report"
)

// identity makes the plan log in with a connection string.
func (s *site) identity(t testing.TB, text string) *site {
	t.Helper()
	cs, err := iothub.ParseConnectionString(text)
	if err != nil {
		t.Fatal(err)
	}
	s.plan.Depth, s.plan.Identity = probe.DepthAuth, &probe.Identity{ConnectionString: cs}
	for _, v := range []secret.Value{cs.SharedAccessKey, cs.SharedAccessSignature} {
		if !v.IsZero() {
			s.secrets = append(s.secrets, v.Reveal())
		}
	}
	return s
}

// signature makes a connection string with a ready-made token that ends at a time.
func (s *site) signature(t testing.TB, end time.Time) string {
	t.Helper()
	cs, err := iothub.ParseConnectionString(s.info.Device)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := iothub.KeySigner(cs.SharedAccessKey)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(iothub.DeviceResource(cs.HostName, cs.DeviceID, ""), "", end, sign)
	if err != nil {
		t.Fatal(err)
	}
	cs.SharedAccessKey, cs.SharedAccessSignature = secret.Value{}, token
	return cs.Reveal().Reveal()
}

func TestLogin(t *testing.T) {
	t.Parallel()
	all := func(outcome string) want {
		return of("target auth "+outcome, "AMQP", "MQTT", "AMQPWS", "MQTTWS", "HTTPS")
	}
	for _, row := range []struct {
		name    string
		faults  []string
		who     func(t testing.TB, s *site) string // zero means the device
		now     time.Duration                      // this host's clock against the true one
		name2   string
		want    want
		summary string
	}{
		{name: "device", name2: lab.DeviceID},
		{name: "module", who: func(_ testing.TB, s *site) string { return s.info.Module }, name2: lab.DeviceID + "/" +
			lab.ModuleID},
		{name: "ready-made token", who: func(t testing.TB, s *site) string {
			return s.signature(t,
				time.Now().Add(time.Hour))
		}, name2: lab.DeviceID},
		{name: "expired token", who: func(t testing.TB, s *site) string {
			return s.signature(t,
				time.Now().Add(-time.Hour))
		},
			want: all("auth.expired credentials"), summary: "the credentials of " + lab.DeviceID + " ended on "},
		{name: "wrong key", who: func(_ testing.TB, s *site) string {
			return replaceKey(s.info.Device,
				"d3Jvbmcga2V5")
		},
			want: all("auth.rejected credentials"), summary: "the hub rejects the credentials of " + lab.DeviceID},
		{name: "unknown device", who: func(_ testing.TB, s *site) string {
			return strings.Replace(s.info.Device,
				lab.DeviceID, "nobody", 1)
		},
			want:    all("auth.rejected credentials"),
			summary: "the hub rejects the credentials of nobody"}, // the lab tells no more, as the hub
		{name: "disabled device", who: func(_ testing.TB, s *site) string {
			return strings.Replace(s.info.Device, lab.DeviceID, lab.DisabledDeviceID, 1)
		},
			want: all("auth.rejected credentials"), summary: lab.DisabledDeviceID},
		{name: "this host's clock is behind", now: -2 * time.Hour, want: all("auth.clock host"),
			summary: "this host's clock is 120 min behind"},
		{name: "the service fails the login", faults: []string{"https=status:503"},
			want: of("target http http.status service", "HTTPS")},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, row.faults, "basic")
			text := s.info.Device
			if row.who != nil {
				text = row.who(t, s)
			}
			s.identity(t, text)
			if row.now != 0 {
				s.env.Now = func() time.Time { return time.Now().Add(row.now) }
			}
			r := s.check(t)
			relaxed := holdAuth(t, r, row.want)
			for _, x := range r.Results {
				if x.Status == report.Failed && !relaxed && !strings.Contains(x.Summary, row.summary) {
					t.Errorf("%s@%s: %s", x.Protocol, x.Route, x.Summary)
				}
				if st, ok := x.Step(report.HopTarget, report.StageAuth); ok {
					d := st.Detail.(*report.AuthDetail)
					if row.name2 != "" && d.Identity != row.name2 || d.Method != "sas" {
						t.Errorf("%s@%s: %+v", x.Protocol, x.Route, d)
					}
				}
			}
			if row.want == nil && row.name2 != "" {
				loggedIn(t, s, row.name2)
			}
		})
	}
}

// holdAuth is hold where the first reading in a step may be another one than the
// result's, which other paths' evidence refined.
func holdAuth(t *testing.T, r *report.Report, w want) bool {
	t.Helper()
	for _, x := range r.Results {
		outcome := w[string(x.Protocol)]
		if outcome == "" {
			outcome = "ok"
		}
		if got := words(&x); got != outcome {
			t.Errorf("%s@%s: %s, want %s (%s)", x.Protocol, x.Route, got, outcome, x.Summary)
		}
	}
	return len(w) == 1
}

func replaceKey(text, key string) string {
	before, _, _ := strings.Cut(text, "SharedAccessKey=")
	return before + "SharedAccessKey=" + key
}

// loggedIn: the lab let the identity in by each way, and nobody else came.
func loggedIn(t *testing.T, s *site, name string) {
	t.Helper()
	n := 0
	for _, e := range s.Events() {
		switch {
		case e.Kind == lab.KindLogin && e.Identity == name:
			n++
		case e.Kind == lab.KindLogin, e.Kind == lab.KindRefused && e.Identity != "" && e.Identity != "edgenet-probe":
			t.Errorf("the lab saw %+v", e)
		}
	}
	if n < 8 { // four protocols by two ways; a REST call is no login to the lab
		t.Errorf("%d logins of %s", n, name)
	}
}

func TestLoginByCertificate(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "open").only(report.AMQP, report.MQTT).identity(t, "HostName="+lab.HubName+";DeviceId="+
		lab.X509DeviceID+";x509=true")
	cert := s.DeviceCertificate()
	s.plan.Identity.Certificate = &cert
	r := s.check(t)
	hold(t, r, nil)
	for _, x := range r.Results {
		st, ok := x.Step(report.HopTarget, report.StageAuth)
		d, is := st.Detail.(*report.AuthDetail)
		if !ok || !is || d.Method != "x509" || d.Expiry == nil || !d.Expiry.Equal(cert.Leaf.NotAfter) ||
			d.Identity != lab.X509DeviceID {
			t.Errorf("%s@%s: %+v", x.Protocol, x.Route, d)
		}
	}
}

// TestCertificateOn443: the certificate is shown there too, the WebSocket's URL does not
// say that none will come, and no token is sent beside it.
func TestCertificateOn443(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	cert := l.DeviceCertificate()
	s := serve(t, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, func(_ int, c *tls.Conn) {
		buf := make([]byte, 8192)
		n, _ := c.Read(buf)
		text := string(buf[:n])
		if strings.Contains(text, "Upgrade:") {
			if strings.Contains(text, "no-client-cert") {
				t.Error("the URL says that no certificate will come")
			}
			_, _ = io.WriteString(c, "HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n")
			return
		}
		for range 2 {
			if strings.Contains(text, "Authorization") {
				t.Error("a token beside the certificate")
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\niothub-errorcode: none\r\nContent-Length: 0\r\n\r\n")
			n, _ = c.Read(buf)
			text = string(buf[:n])
		}
	}).only(report.MQTTWS, report.HTTPS).identity(t, "HostName="+hubName+";DeviceId=d;x509=true")
	s.plan.Identity.Certificate = &cert
	hold(t, s.check(t), of("target websocket ws.status firewall-admin", "MQTTWS"))
}

// TestRefusalsAreAboutAuthentication: without credentials the service refuses a
// well-formed, made-up identity, and hears of no other.
func TestRefusalsAreAboutAuthentication(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "open")
	hold(t, s.check(t), nil)
	refused := 0
	for _, e := range s.Events() {
		switch {
		case e.Kind == lab.KindLogin, e.Kind == lab.KindViolation, e.Kind == lab.KindKick:
			t.Errorf("the lab saw %+v", e)
		case e.Identity != "" && e.Identity != "edgenet-probe":
			t.Errorf("the lab heard of %s: %+v", e.Identity, e)
		case e.Kind == lab.KindRefused && e.Identity == "edgenet-probe":
			refused++
			if strings.Contains(e.Detail, "syntax") || strings.Contains(e.Detail, "api-version") ||
				strings.Contains(e.Detail, "client id") {
				t.Errorf("the refusal is about syntax: %+v", e)
			}
		}
	}
	if refused < 4 { // MQTT and MQTTWS by two routes
		t.Errorf("%d refusals of edgenet-probe", refused)
	}
}

// TestDepths: nothing is said beyond the depth asked for.
func TestDepths(t *testing.T) {
	t.Parallel()
	for depth, last := range map[probe.Depth][]report.Stage{
		probe.DepthTCP:      {report.StageTCP, report.StageConnect},
		probe.DepthTLS:      {report.StageTLS},
		probe.DepthProtocol: {report.StageAMQP, report.StageMQTT, report.StageHTTP},
	} {
		t.Run(string(depth), func(t *testing.T) {
			t.Parallel()
			s := start(t, nil, "open")
			s.plan.Depth = depth
			r := s.check(t)
			hold(t, r, nil)
			for _, x := range r.Results {
				if st := x.Steps[len(x.Steps)-1].Stage; !slices.Contains(last, st) {
					t.Errorf("%s@%s ends with %s", x.Protocol, x.Route, st)
				}
			}
			wantDepth := string(depth)
			if depth == probe.DepthProtocol {
				wantDepth = ""
			}
			if r.Verdict.Depth != wantDepth || r.Verdict.ExitCode != 0 {
				t.Errorf("verdict %+v", r.Verdict)
			}
		})
	}
}

// TestLoginCutShort: the second connection of an AMQP login, and the second request of
// HTTP's, are judged too.
func TestLoginCutShort(t *testing.T) {
	t.Parallel()
	device := "HostName=" + hubName + ";DeviceId=d;SharedAccessKey=a2V5"
	hub401 := "HTTP/1.1 401 X\r\niothub-errorcode: x\r\nContent-Length: 0\r\n\r\n"
	talkHTTP := func(second string, stay bool) func(int, *tls.Conn) {
		return func(_ int, c *tls.Conn) {
			for _, answer := range []string{hub401, second} {
				_, _ = c.Read(make([]byte, 8192))
				_, _ = io.WriteString(c, answer)
			}
			if stay {
				_, _ = io.Copy(io.Discard, c)
			}
			_ = c.CloseWrite()
		}
	}
	talkAMQP := func(second func(c *tls.Conn)) func(int, *tls.Conn) {
		return func(n int, c *tls.Conn) {
			if n > 0 {
				second(c)
				return
			}
			for _, answer := range []string{"AMQP\x03\x01\x00\x00" + mechanisms + outcome, "AMQP\x00\x01\x00\x00" +
				openFrame, "\x00\x00\x00\x0c\x02\x00\x00\x00\x00\x53\x18\x45"} {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
			}
		}
	}
	for _, row := range []struct {
		name     string
		protocol report.Protocol
		talk     func(int, *tls.Conn)
		timeout  time.Duration
		want     string
		summary  string
	}{
		{"let in", report.HTTPS, talkHTTP("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", true), 0, "ok", ""},
		{"closed", report.HTTPS, talkHTTP("", false), 0, "target auth http.closed network",
			"closed in place of an answer"},
		{"silent", report.HTTPS, talkHTTP("", true), short, "target auth http.timeout network", "got no answer within"},
		{"unknown", report.HTTPS, talkHTTP("HTTP/1.1 404 X\r\niothub-errorcode: DeviceNotFound\r\nContent-Length: "+
			"0\r\n\r\n", true), 0, "target auth auth.unknown-device service",
			"the hub does not know d: DeviceNotFound"},
		{"unknown by its code", report.HTTPS,
			talkHTTP("HTTP/1.1 400 X\r\niothub-errorcode: DeviceNotFound\r\nContent-Length: 0\r\n\r\n", true), 0,
			"target auth auth.unknown-device service", ""},
		{"forbidden", report.HTTPS, talkHTTP("HTTP/1.1 403 X\r\niothub-errorcode: IpFilter\r\nContent-Length: "+
			"17\r\n\r\n{\"Message\":\"not\"}", true), 0, "target auth auth.rejected credentials", "403 IpFilter not"},
		{"unauthorized", report.HTTPS, talkHTTP(hub401, true), 0, "target auth auth.rejected credentials",
			"the hub rejects the credentials of d: 401 x"},
		{"unwell", report.HTTPS, talkHTTP("HTTP/1.1 500 X\r\niothub-errorcode: Oops\r\nContent-Length: 0\r\n\r\n",
			true), 0, "target auth http.status service", "the hub answers the authorised request with 500 Oops"},
		{"closed", report.AMQP, talkAMQP(func(c *tls.Conn) { _, _ = c.Read(make([]byte, 100)) }), 0,
			"target auth amqp.closed network", hubName + " closed the connection during the login"},
		{"silent", report.AMQP, talkAMQP(func(c *tls.Conn) { _, _ = io.Copy(io.Discard, c) }), short,
			"target auth amqp.timeout network", "the login at " + hubName + " got no answer within"},
		{"refused", report.AMQP, talkAMQP(func(c *tls.Conn) {
			for _, answer := range []string{"AMQP\x03\x01\x00\x00" + mechanisms, outcome, "AMQP\x00\x01\x00\x00",
				openFrame, closeError} {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
			}
			_, _ = io.Copy(io.Discard, c)
		}), 0, "target auth amqp.error service", "the hub refuses with amqp:not-allowed nobody"},
		{"not AMQP", report.AMQP, talkAMQP(func(c *tls.Conn) {
			_, _ = io.WriteString(c, strings.Repeat("x", 64))
			_,
				_ = io.Copy(io.Discard, c)
		}), 0, "target auth unknown unknown", "the login at " + hubName + " failed"},
	} {
		t.Run(string(row.protocol)+": "+row.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil, row.talk).only(row.protocol).identity(t, device)
			if row.timeout > 0 {
				s.plan.Timeout = row.timeout
			}
			begin := time.Now()
			x := s.check(t).Results[0]
			if words(&x) != row.want || !strings.Contains(x.Summary, row.summary) {
				t.Errorf("%s: %s\nwant %s: %s", words(&x), x.Summary, row.want, row.summary)
			}
			if took := time.Since(begin); took > s.plan.Timeout*11/10+busy {
				t.Errorf("took %s of a timeout of %s", took, s.plan.Timeout)
			}
		})
	}
}

func TestIdentityCheck(t *testing.T) {
	t.Parallel()
	key := secret.New("a2V5")
	cert := &tls.Certificate{}
	for _, row := range []struct {
		name string
		id   probe.Identity
		want string
	}{
		{"a service's", probe.Identity{ConnectionString: iothub.ConnectionString{SharedAccessKeyName: "iothubowner",
			SharedAccessKey: key}}, "a service's"},
		{"X.509 without a certificate", probe.Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d",
			X509: true}}, "--cert and --key"},
		{"X.509", probe.Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d", X509: true},
			Certificate: cert}, ""},
		{"nothing", probe.Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d"}}, "no SharedAccessKey"},
		{"a key", probe.Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d", SharedAccessKey: key}}, ""},
		{"a token", probe.Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d",
			SharedAccessSignature: key}}, ""},
		{"a certificate", probe.Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d"}, Certificate: cert},
			""},
	} {
		err := row.id.Check()
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}

// TestKeyThatIsNoKey fails the login without sending anything of it.
func TestKeyThatIsNoKey(t *testing.T) {
	t.Parallel()
	s := start(t, nil).only(report.AMQP, report.MQTT, report.HTTPS)
	s.plan.Depth = probe.DepthAuth
	s.plan.Identity = &probe.Identity{ConnectionString: iothub.ConnectionString{HostName: lab.HubName,
		DeviceID: lab.DeviceID, SharedAccessKey: secret.New("no base64!")}}
	s.secrets = append(s.secrets, "no base64!")
	hold(t, s.check(t), of("target auth auth.rejected credentials", "AMQP", "MQTT", "HTTPS"))
}
