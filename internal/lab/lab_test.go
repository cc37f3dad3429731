package lab

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/hub"
)

// The names of design's JSON, which scripts rely on.
func TestInfoJSON(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	b, err := json.Marshal(l.Info())
	if err != nil {
		t.Fatal(err)
	}
	var o map[string]any
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"hub", "gateway", "addresses", "caFile", "workloadUri", "ports", "connectTo", "deviceConnectionString",
		"moduleConnectionString", "serviceConnectionString", "proxies", "dns", "moduleEnv",
	} {
		if o[name] == nil {
			t.Errorf("no %s in %s", name, b)
		}
	}
	i := l.Info()
	for _, text := range []string{i.Device, i.Module, i.Service} {
		if _, err := iothub.ParseConnectionString(text); err != nil {
			t.Error(err)
		}
	}
	if len(i.ConnectTo) != 6 || !strings.HasPrefix(i.ConnectTo[0], HubName+":5671:127.0.0.1:") ||
		!strings.HasPrefix(i.ConnectTo[5], GatewayName+":443:") {
		t.Errorf("connectTo %v", i.ConnectTo)
	}
	for _, p := range i.Proxies {
		if u, err := url.Parse(p.URL); err != nil || u.Port() == "" {
			t.Errorf("proxy %s: %v", p.URL, err)
		}
	}
	content, err := os.ReadFile(i.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	if block, _ := pem.Decode(content); block == nil || !slices.Equal(block.Bytes, l.CA().Raw) ||
		l.CA().Subject.CommonName != "edgenet lab root" {
		t.Error("the file is not the CA's certificate")
	}
}

// A directory of one's own stays, and serves again, also after a lab that died.
func TestDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lab")
	for range 2 {
		l, err := Start(context.Background(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(l.Info().CAFile); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "ca.pem")); err != nil {
			t.Errorf("the directory was not the lab's to remove: %v", err)
		}
		socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "workload.sock")})
		if err != nil {
			t.Fatal(err)
		}
		socket.SetUnlinkOnClose(false)
		_ = socket.Close() // as a lab leaves it that is killed
	}
	l := start(t, Options{})
	made := l.Info().CAFile
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(made); !os.IsNotExist(err) {
		t.Errorf("a temporary directory is left behind: %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"address":      {Listen: "localhost"},
		"edge address": {EdgeListen: "nowhere"},
		"not here":     {Listen: "192.0.2.1"},
		"delay":        {Delay: -1},
		"fault":        {Faults: []Fault{{Place: "amqps", Name: "nothing"}}},
		"file as dir":  {Dir: os.Args[0]},
	} {
		if l, err := Start(within(t, 5*time.Second), o); err == nil {
			t.Errorf("%s: started", name)
			_ = l.Close()
		}
	}
}

// A taken port is an error that says which, and leaves nothing open.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	const address = "127.0.0.77"
	taken, err := net.Listen("tcp", address+":8883")
	if err != nil {
		t.Skipf("port 8883 of %s cannot be had: %v", address, err)
	}
	defer taken.Close()
	_, err = Start(within(t, 5*time.Second), Options{Listen: address, StandardPorts: true})
	if err == nil || !strings.Contains(err.Error(), address+":8883") {
		t.Errorf("got %v", err)
	}
}

// Close comes back soon however many clients hang in whatever state.
func TestCloseWithClientsInEveryState(t *testing.T) {
	t.Parallel()
	specs := []string{
		"amqps=amqp-silent:header", "mqtts=swallow", "https=ws-silent", "https=http-silent", "edgeAmqps=tls-stall",
		"edgeMqtts=tls-drip",
		"edgeHttps=latency:500", "proxy:open=connect-silent", "proxy:basic=connect-drip",
		"proxy:deny=connect-endless-header", "workload=workload-silent",
	}
	o := Options{}
	for _, spec := range specs {
		f, err := ParseFault(spec)
		if err != nil {
			t.Fatal(err)
		}
		o.Faults = append(o.Faults, f)
	}
	l := start(t, o)
	for place, p := range l.ports {
		for _, send := range []string{"", headAMQP, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT " + HubName +
			":443 HTTP/1.1\r\nHost: h\r\n\r\n", "\x05\x01\x00"} {
			nc, err := net.Dial("tcp", p.address)
			if err != nil {
				t.Fatalf("%s: %v", place, err)
			}
			defer nc.Close()
			_, _ = nc.Write([]byte(send)) // it may be closed already
		}
	}
	for place, send := range map[string]string{"amqps": headAMQP, "https": "GET / HTTP/1.1\r\nHost: h\r\n\r\n"} {
		if _, err := mustDial(t, l, place).Write([]byte(send)); err != nil {
			t.Error(err)
		}
	}
	unix, err := net.Dial("unix", strings.TrimPrefix(l.Info().WorkloadURI, "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	if _, err := unix.Write([]byte("GET /modules?api-version=2022-08-03 HTTP/1.1\r\nHost: h\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	begin := time.Now()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
}

// The end of the context ends the lab.
func TestContextEndsTheLab(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	l, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	address := l.ports["amqps"].address
	cancel()
	eventually(t, "the port is closed", func() bool {
		nc, err := net.Dial("tcp", address)
		if err == nil {
			_ = nc.Close()
		}
		return err != nil
	})
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// No event holds a key, a token's signature or a password.
func TestEventsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	good := tokenFor(t, l, device, nextHour())
	_, _ = connectMQTT(t, mustDial(t, l, "mqtts"), device, HubName, DeviceID, good)
	_, _ = connectMQTT(t, mustDial(t, l, "mqtts"), device, HubName, DeviceID, "SharedAccessSignature hunter2")
	_, s := openAMQP(t, mustDial(t, l, "amqps"), nil)
	putToken(t, s, HubName+path(device), good)
	putToken(t, s, HubName+path(device), "hunter2")
	_, _, err := connectThrough(t, l, "basic", HubName+":443", "edge:hunter2")
	if err != nil {
		t.Error(err)
	}
	for _, kind := range []string{KindAccept, KindTLS, KindLogin, KindRefused, KindRequest} {
		eventually(t, "an event of kind "+kind, func() bool { // some come after the answer to the client
			return slices.ContainsFunc(l.Events(), func(e Event) bool { return e.Kind == kind })
		})
	}
	b, err := json.Marshal(l.Events())
	if err != nil {
		t.Fatal(err)
	}
	key, err := l.Hub().Key(device)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "sig=", key.Reveal(), "SharedAccessSignature sr"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%q is among the events", secret)
		}
	}
}

// A device with a certificate logs in by MQTT too, and only with its own.
func TestX509OverMQTT(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	id := hub.Identity{Device: X509DeviceID}
	dial := func(cert tls.Certificate) net.Conn {
		cfg := clientTLS(l, HubName)
		cfg.Certificates = []tls.Certificate{cert}
		nc, err := tls.Dial("tcp", l.ports["mqtts"].address, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		return nc
	}
	if _, err := connectMQTT(t, dial(l.DeviceCertificate()), id, HubName, id.Device, ""); err != nil {
		t.Error(err)
	}
	stranger, err := l.material.config("hub", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connectMQTT(t, dial(stranger.Certificates[0]), id, HubName, id.Device, ""); err == nil {
		t.Error("another certificate logged in")
	}
	if _, err := connectMQTT(t, dial(l.DeviceCertificate()), device, HubName, DeviceID, ""); err == nil {
		t.Error("another device logged in")
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		l, err := Start(context.Background(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// The lab runs on IPv6's loopback as well.
func TestIPv6(t *testing.T) {
	t.Parallel()
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 loopback here: %v", err)
	}
	_ = probe.Close()
	l := start(t, Options{Listen: "::1"})
	mustDial(t, l, "amqps")
	if !strings.HasPrefix(l.Info().ConnectTo[0], HubName+":5671:[::1]:") {
		t.Errorf("connectTo %v", l.Info().ConnectTo)
	}
	if a, err := ask(l, "udp", HubName+".", dns.TypeAAAA); err != nil || len(a.Answer) != 1 {
		t.Errorf("AAAA: %v, %v", a, err)
	}
	if response, _, err := connectThrough(t, l, "open", HubName+":443", ""); err != nil || response.StatusCode != 200 {
		t.Errorf("proxy: %v, %v", response, err)
	}
}

// Faults may change while clients come, directly and by proxy.
func TestFaultsChangeWhileClientsCome(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 30 {
			for _, name := range []string{faultRefuse, "tls-close", "inspected", "amqp-silent", "loss"} {
				if err := l.SetFault(Fault{Place: "amqps", Name: name}); err != nil {
					t.Error(err)
				}
			}
			if err := l.ClearFault("amqps"); err != nil {
				t.Error(err)
			}
			_ = l.Info()
		}
	}()
	for {
		select {
		case <-done:
			if got := handshake(l, l.Info().ConnectTo[0][len(HubName)+6:], "ok"); got != "ok" {
				t.Errorf("in the end: %s", got)
			}
			return
		default:
		}
		if nc, err := net.DialTimeout("tcp", l.ports["amqps"].address, patience); err == nil {
			_, _ = nc.Write([]byte("x")) // whatever becomes of it
			_ = nc.Close()
		}
		if response, nc, err := connectThrough(t, l, "open", HubName+":5671", ""); err != nil ||
			response.StatusCode != 200 {
			t.Errorf("by proxy: %v", err)
		} else {
			_ = nc.Close()
		}
	}
}

// TestCut: the connections that are there are reset, and the next one is served.
func TestCut(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	before := mustDial(t, l, "edgeAmqps")
	if err := l.Cut("edgeAmqps"); err != nil {
		t.Fatal(err)
	}
	_ = before.SetReadDeadline(time.Now().Add(plenty))
	if _, err := before.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
	mustDial(t, l, "edgeAmqps")
	if err := l.Cut("dns"); err == nil {
		t.Error("dns has no connections to cut")
	}
}
