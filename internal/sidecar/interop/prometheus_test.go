//go:build interop

package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/sidecar"
	"edgenet/internal/twin"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plenty is more time than anything here should need, also on a busy machine.
const plenty = 2 * time.Minute

// module runs the module against a lab, and gives the address of its HTTP side.
func module(t *testing.T) string {
	t.Helper()
	l, err := lab.Start(context.Background(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	info := l.Info()
	o := sidecar.Options{Version: "1.2.3", StateDir: t.TempDir(), EdgeHubMetrics: "-",
		ConnectTo: map[string]netip.AddrPort{}}
	if o.Module, err = twin.FromEnvironment(func(name string) string { return info.ModuleEnv[name] }); err != nil {
		t.Fatal(err)
	}
	for _, c := range info.ConnectTo {
		f := strings.SplitN(c, ":", 3)
		port, err := net.LookupPort("tcp", f[1])
		if err != nil {
			t.Fatal(err)
		}
		o.ConnectTo[hop.HostPort(f[0], port)] = netip.MustParseAddrPort(f[2])
	}
	if o.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sidecar.Run(ctx, o) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return o.Listener.Addr().String()
}

// get gives a body, empty where there is none.
func get(address string) []byte {
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: tr, Timeout: plenty}).Get(address)
	if err != nil {
		return nil
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil
	}
	return b
}

// TestPromtool: its linter has nothing to say of the metrics.
func TestPromtool(t *testing.T) {
	blackbox.Need(t, "promtool")
	address := module(t)
	for end := time.Now().Add(plenty); get("http://"+address+"/readyz") == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the module is never ready")
		}
	}
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = bytes.NewReader(get("http://" + address + "/metrics"))
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPrometheus: a real one scrapes the module, and knows what it says.
func TestPrometheus(t *testing.T) {
	blackbox.Need(t, "prometheus")
	address := module(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs:\n- job_name: edgenet\n  scrape_interval: 1s\n  static_configs:\n  - "+
		"targets: [%q]\n", address)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	own := testkit.NobodyAt(t)
	p := blackbox.Start(t, nil, "prometheus", "--config.file="+config, "--storage.tsdb.path="+
		filepath.Join(dir, "data"), "--web.listen-address="+own)
	for query, want := range map[string]string{
		"up": "1", `edgenet_up{iothub="lab.azure-devices.test",edge_device="lab-device",module_name="edgenet"}`: "1",
		`edgenet_path_up{protocol="AMQP",route="direct"}`: "1", `edgenet_info{version="1.2.3"}`: "1",
		`sum(edgenet_status)`: "1", "edgenet_session": "1",
	} {
		p.Await(t, plenty, query, func() bool { return value(own, query) == want })
	}
}

// value asks Prometheus for one number.
func value(address, query string) string {
	var answer struct {
		Data struct {
			Result []struct {
				Value [2]any `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if json.Unmarshal(get("http://"+address+"/api/v1/query?query="+url.QueryEscape(query)), &answer) != nil ||
		len(answer.Data.Result) != 1 {
		return ""
	}
	text, _ := answer.Data.Result[0].Value[1].(string)
	return text
}
