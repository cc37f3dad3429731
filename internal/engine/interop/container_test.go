//go:build interop && linux

package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"edgenet/internal/engine"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// only gives the one reason that explains the differences of these paths.
func only(t *testing.T, o *blackbox.Outcome, protocols ...report.Protocol) report.Difference {
	t.Helper()
	c := o.Report.Container
	if c.Report == nil {
		t.Fatalf("nothing from the container: %s\n%s", c.Error, o.Stderr)
	}
	if len(c.Differences) != len(protocols) {
		t.Fatalf("%d differences, want %v: %+v\n%s", len(c.Differences), protocols, c.Differences, o.All())
	}
	for i, d := range c.Differences {
		if d.Protocol != protocols[i] || d.Why != c.Differences[0].Why {
			t.Errorf("difference %d: %+v", i, d)
		}
	}
	return c.Differences[0]
}

func TestSideBySide(t *testing.T) {
	eachEngine(t, deviceOptions{}, sideBySide)
}

func sideBySide(t *testing.T, d *device) {
	o := d.check(nil, "--ca-file", d.ca)
	c := o.Report.Container
	if o.Exit != 0 || c.Report == nil || len(c.Differences) != 0 {
		t.Fatalf("exit %d, %+v\n%s\n%s", o.Exit, c, o.All(), o.Stderr)
	}
	if c.Network != network || c.NetworkSource != "default" || c.Engine != d.socket() {
		t.Errorf("%+v", c)
	}
	for _, r := range c.Report.Results {
		if r.Status != report.OK {
			t.Errorf("%s in the container: %s %s", r.Protocol, r.Status, r.Cause)
		}
	}
	resolver := hubAddress
	if d.docker {
		resolver = "127.0.0.11"
	}
	if v := c.Report.Vantage; v == nil || len(v.Interfaces) != 1 || len(v.Gateways) != 1 || v.Resolvers[0] != resolver {
		t.Errorf("the container's place: %+v", v)
	}
	valid(t, o.Report)
	d.leftNothing()
}

// valid holds a real report with a container in it against the schema.
func valid(t *testing.T, r report.Report) {
	t.Helper()
	text, err := os.ReadFile("../../../report/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Error(err)
	}
}

// TestConfinedEngine: an engine that may not raise limits runs the check all the same.
func TestConfinedEngine(t *testing.T) {
	d := newDevice(t, deviceOptions{confined: true})
	if o := d.check(nil, "--ca-file", d.ca, "--protocol", "AMQP,HTTPS"); o.Exit != 0 {
		t.Errorf("exit %d\n%s\n%s", o.Exit, o.All(), o.Stderr)
	}
	d.leftNothing()
}

// TestThroughProxyWithPassword: the password arrives, and the engine never sees it.
func TestThroughProxyWithPassword(t *testing.T) {
	eachEngine(t, deviceOptions{}, throughProxyWithPassword)
}

func throughProxyWithPassword(t *testing.T, d *device) {
	proxy := d.info.Proxy("basic")
	if !strings.Contains(proxy, "edge:lab@"+hubAddress) {
		t.Fatalf("the lab's proxy is %s", proxy)
	}
	o := d.check([]string{"https_proxy=" + proxy}, "--ca-file", d.ca, "--route", "proxy", "--protocol", "AMQPWS,HTTPS")
	if o.Exit != 0 || o.Report.Container.Report == nil || len(o.Report.Container.Report.Results) != 2 {
		t.Fatalf("exit %d\n%s\n%s", o.Exit, o.All(), o.Stderr)
	}
	text, err := json.Marshal(o.Report)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "edge:lab@") {
		t.Error("the report holds the password")
	}
	if src := o.Report.Container.Report.Routes[0].Source; src != "env:https_proxy" {
		t.Errorf("the container's route comes from %s", src)
	}
	d.leftNothing()
}

func TestEngineDNSBroken(t *testing.T) {
	eachEngine(t, deviceOptions{dns: "192.0.2.99"}, engineDNSBroken)
}

func engineDNSBroken(t *testing.T, d *device) {
	o := d.check(nil, "--ca-file", d.ca, "--timeout", "3s")
	x := only(t, o, report.Protocols()...)
	if o.Exit != 1 || !strings.HasPrefix(x.Container, "dns.") || x.Host != "ok" {
		t.Errorf("exit %d, %+v", o.Exit, x)
	}
	asks := "192.0.2.99"
	if d.docker {
		asks = "127.0.0.11, the engine's own, which asks whom daemon.json names"
	}
	if !strings.Contains(x.Why, "The container asks "+asks+"; this host asks "+hubAddress) ||
		!strings.Contains(x.Remedy, "daemon.json") || x.Actor != report.ActorHost {
		t.Errorf("%+v", x)
	}
	d.leftNothing()
}

// TestForwardingOff: forwarding goes after the engine's start. Podman turns on again what
// is off altogether, so that there it is the bridge's own, which a first container made.
func TestForwardingOff(t *testing.T) {
	eachEngine(t, deviceOptions{}, func(t *testing.T, d *device) {
		key := "net.ipv4.ip_forward"
		if !d.docker {
			key = "net.ipv4.conf.cni-podman1.forwarding"
			if o := d.check(nil, "--ca-file", d.ca, "--protocol", "HTTPS"); o.Report.Container.Report == nil {
				t.Fatalf("%+v", o.Report.Container)
			}
		}
		d.must(d.in("host", "sysctl", "-qw", key+"=0")...)
		o := d.check(nil, "--ca-file", d.ca, "--timeout", "3s", "--connect-to", hubName+":5671:"+hubAddress+":5671",
			"--protocol", "AMQP")
		x := only(t, o, report.AMQP)
		if o.Exit != 1 || x.Container != string(report.TCPTimeout) || !strings.Contains(x.Why, "does not forward") ||
			!strings.Contains(x.Remedy, "ip_forward=1") {
			t.Errorf("exit %d, %+v", o.Exit, x)
		}
		d.leftNothing()
	})
}

// TestForwardDropped: a rule on the host drops what is forwarded, which no setting shows.
func TestForwardDropped(t *testing.T) {
	d := newDevice(t, deviceOptions{})
	d.must(d.in("host", "nft", "table inet f {\n chain forward { type filter hook forward priority 10; ip saddr "+
		"10.89.0.0/16 tcp dport 5671 drop; }\n}")...)
	o := d.check(nil, "--ca-file", d.ca, "--timeout", "3s", "--protocol", "AMQP,AMQPWS")
	x := only(t, o, report.AMQP)
	if o.Exit != 0 || x.Container != string(report.TCPTimeout) || !strings.Contains(x.Why, "10.89.0.0/24") ||
		!strings.Contains(x.Remedy, "DOCKER-USER") {
		t.Errorf("exit %d, %+v", o.Exit, x)
	}
	if v := o.Report.Verdict; v.UpstreamProtocol == nil || *v.UpstreamProtocol != report.AMQPWS {
		t.Errorf("the verdict goes by the host: %+v", v)
	}
	d.leftNothing()
}

// TestCorporateCA: the host's store has the CA, and nobody gave it to the containers.
func TestCorporateCA(t *testing.T) {
	eachEngine(t, deviceOptions{}, corporateCA)
}

func corporateCA(t *testing.T, d *device) {
	o := d.check([]string{"SSL_CERT_FILE=" + d.ca})
	x := only(t, o, report.HTTPS)
	if x.Host != "ok" || !strings.HasPrefix(x.Container, "tls.") ||
		!strings.Contains(x.Why, "this host's certificate store trusts") ||
		!strings.Contains(x.Remedy, "trust_bundle_cert") {
		t.Errorf("%+v", x)
	}
	if o.Exit != 1 {
		t.Errorf("exit %d", o.Exit)
	}
	// with the bundle that the runtime hands out, all is well
	o = d.check([]string{"SSL_CERT_FILE=" + d.ca}, "--trust-bundle", d.ca)
	if o.Exit != 0 || len(o.Report.Container.Differences) != 0 {
		t.Errorf("with the trust bundle: exit %d\n%s", o.Exit, o.All())
	}
	d.leftNothing()
}

// TestRuntimeNetworkMissing: it says that it is on another network than the runtime.
func TestRuntimeNetworkMissing(t *testing.T) {
	eachEngine(t, deviceOptions{noNetwork: true}, runtimeNetworkMissing)
}

func runtimeNetworkMissing(t *testing.T, d *device) {
	o := d.check(nil, "--ca-file", d.ca, "--protocol", "HTTPS")
	if c := o.Report.Container; c.NetworkSource != "fallback" || c.Network != "bridge" || c.Report == nil {
		t.Errorf("exit %d, %+v\n%s", o.Exit, c, o.Stderr)
	}
	d.leftNothing()
}

// TestInterrupted: Ctrl-C ends both sides with what they have, and takes all away.
func TestInterrupted(t *testing.T) {
	eachEngine(t, deviceOptions{}, interrupted)
}

func interrupted(t *testing.T, d *device) {
	d.must(d.in("hub", "nft", "table inet f {\n chain input { type filter hook input priority 0; tcp dport 5671 "+
		"drop; }\n}")...)
	ctx := testkit.Within(t, 3*time.Minute)
	cmd := d.edgenet().Command(ctx, "check", "--hub", hubName, "--ca-file", d.ca, "--from", "container", "--timeout",
		"2m", "--deadline", "2m", "--protocol", "AMQP,HTTPS", "-f", "json")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Minute)
	for d.list("ps", "-q") == "" {
		if time.Now().After(until) {
			t.Fatalf("no container came up\n%s", stderr.String())
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Signal(syscall.SIGINT)); err != nil {
		t.Fatal(err)
	}
	exit := ended(ctx, t, cmd)
	var r report.Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil || exit != 130 {
		t.Fatalf("exit %d, %v\n%s%s", exit, err, stdout.String(), stderr.String())
	}
	if !r.Partial || r.Container == nil || r.Container.Report == nil || !r.Container.Report.Partial {
		t.Errorf("partial %v, container %+v\n%s", r.Partial, r.Container, stderr.String())
	}
	d.leftNothing()
}

// TestKilled: what a killed run leaves behind goes with the next one that comes late
// enough, and not before.
func TestKilled(t *testing.T) {
	eachEngine(t, deviceOptions{}, func(t *testing.T, d *device) {
		d.must(d.in("hub", "nft", "table inet f {\n chain input { type filter hook input priority 0; tcp dport 5671 "+
			"drop; }\n}")...)
		cmd := d.edgenet().Command(testkit.Within(t, 3*time.Minute), "check", "--hub", hubName, "--from", "container",
			"--timeout", "1m", "--protocol", "AMQP")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		until := time.Now().Add(time.Minute)
		for d.list("ps", "-q") == "" {
			if time.Now().After(until) {
				t.Fatal("no container came up")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		c, err := engine.Open(t.Context(), engine.Settings{URIs: []string{"unix://" + d.socket()}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Sweep(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if d.list("ps", "-aq") == "" || d.list("images", "-q") == "" {
			t.Error("swept what may still be in use")
		}
		if err := c.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		d.leftNothing()
	})
}

// TestMTU: the way out takes smaller packets than the container asks for, and what is
// larger vanishes without a word.
func TestMTU(t *testing.T) {
	d := newDevice(t, deviceOptions{})
	d.must(d.in("host", "nft", "table inet f {\n chain forward { type filter hook forward priority 10; ip daddr "+
		"10.89.0.0/16 meta length > 600 drop; }\n}")...)
	d.must("ip", "-n", d.ns("host"), "link", "set", "eth0", "mtu", "600")
	o := d.check(nil, "--ca-file", d.ca, "--timeout", "3s", "--protocol", "AMQP")
	x := only(t, o, report.AMQP)
	if !strings.HasPrefix(x.Container, "tls.") ||
		!strings.Contains(x.Why, "has an MTU of 1500, this host's way out (eth0) one of 600") ||
		!strings.Contains(x.Remedy, "600") {
		t.Errorf("exit %d, %+v\n%s", o.Exit, x, o.All())
	}
	d.leftNothing()
}

// TestWithoutPermission: who may not use the socket is told how to.
func TestWithoutPermission(t *testing.T) {
	blackbox.Need(t, "setpriv")
	d := newDevice(t, deviceOptions{})
	for path, mode := range map[string]os.FileMode{bench.dir: 0o755, d.dir: 0o755, d.socket(): 0o600} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	nobody := bench.edgenet.In("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env",
		"DOCKER_HOST=unix://"+d.socket())
	cmd := nobody.Command(testkit.Within(t, time.Minute), "check", "--hub", hubName, "--from", "container")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // the exit code says it
	if code := cmd.ProcessState.ExitCode(); code != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(),
		"permission denied: run as root (sudo)") {
		t.Errorf("exit %d\n%s%s", code, stdout.String(), stderr.String())
	}
}
