package inputs

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/report"
)

func TestWays(t *testing.T) {
	t.Parallel()
	env := &hop.Env{}
	w := Ways{
		Resolvers: []string{"10.0.0.53", "[2001:db8::53]:5353"},
		ConnectTo: []string{"h.test:443:[::1]:8443"},
		Source:    "192.0.2.7",
		IPv6:      true,
	}
	if err := w.Network(env); err != nil {
		t.Fatal(err)
	}
	if env.Family != hop.IPv6Only || len(env.DNS.Servers) != 2 ||
		env.DNS.Servers[0] != netip.MustParseAddrPort("10.0.0.53:53") ||
		env.DNS.Servers[1] != netip.MustParseAddrPort("[2001:db8::53]:5353") ||
		env.ConnectTo["h.test:443"] != netip.MustParseAddrPort("[::1]:8443") ||
		env.Source.IPv4 != netip.MustParseAddr("192.0.2.7") {
		t.Errorf("got %+v", env)
	}
}

func TestProtocols(t *testing.T) {
	t.Parallel()
	got, err := Protocols([]string{"https", "amqp-ws", "AmqpWs", "AMQP"})
	if err != nil || len(got) != 3 || got[0] != report.AMQP || got[2] != report.HTTPS {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := Protocols([]string{"AMPQ"}); err == nil || !strings.Contains(err.Error(), "did you mean AMQP?") ||
		!exit.Help(err) {
		t.Errorf("got %v", err)
	}
}

func TestParseReport(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "line 1: not a JSON report",
		"{\n\n\"schema\": x}":             "line 3: not a JSON report",
		`{"schema":"edgenet.twin/1"}`:     `its schema is "edgenet.twin/1"`,
		`{"schema":"edgenet.report/1"}{}`: "more than one report",
		`{"schema":"edgenet.report/1","results":[` + strings.Repeat("{},", 1001) +
			`{}]}`: "1002 paths, routes or findings in it: expected at most 1000",
		`{"schema":"edgenet.report/1","results":[` + strings.Repeat("{},", 100_001) +
			`{}]}`: "line 1: expected at most 100000 values",
	} {
		if _, err := ParseReport([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	if r, err := ParseReport([]byte(`{"schema":"edgenet.report/1","target":{"hub":"h.test"}}`)); err != nil ||
		r.Target.Hub != "h.test" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestProxy: what nobody sees in a proxy's name is named, and its password never shown.
func TestProxy(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"http://u:S3cret@pro\u200bxy.corp:3128", "http://pr\u043exy.corp:3128",
		"http://proxy\u00a0.corp", "http://proxy\u2010a.corp"} {
		if p, err := Proxy(raw); err == nil || strings.Contains(err.Error(), "S3cret") {
			t.Errorf("%q: %+v, %v", raw, p, err)
		}
	}
	for _, raw := range []string{"http://u:p@proxy.corp:3128", "http://[2001:db8::1]:3128", "socks5://10.0.0.1:1080",
		"http://bücher.example:3128"} {
		if _, err := Proxy(raw); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestCredentialsOfNobody(t *testing.T) {
	t.Parallel()
	con := &console.Console{Stdin: strings.NewReader("edge:S3cret\n"), Getenv: func(string) string { return "" }}
	err := Credentials(context.Background(), con, "-", nil)
	if err == nil || strings.Contains(err.Error(), "S3cret") || exit.Code(err) != exit.Usage || exit.Help(err) {
		t.Errorf("got %v", err)
	}
}
