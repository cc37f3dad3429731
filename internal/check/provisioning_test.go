package check

import (
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/lab/pki"
	"edgenet/internal/outputs"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// service is an HTTPS server on a free port of loopback, and a file with its CA.
func service(t *testing.T, name string, h http.HandlerFunc) (address, ca string) {
	t.Helper()
	authority, err := pki.NewAuthority(pkix.Name{CommonName: "test root"})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := authority.Issue(pki.Leaf{Names: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	ca = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate.Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String(), ca
}

// TestProvisioning: a device that is set for DPS and knows no hub checks DPS, of which
// HTTPS alone decides; a provisioned one checks its hub, unless it is asked.
func TestProvisioning(t *testing.T) {
	t.Parallel()
	const name, global = "dps.site.test", "global.azure-devices-provisioning.net"
	asked := make(chan string, 8)
	address, ca := service(t, name, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.Header().Set("x-ms-request-id", "0")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errorCode":401002}`))
	})
	config := func(lines string) string { return "[provisioning]\nsource = \"dps\"\nid_scope = \"0ne\"\n" + lines }
	own := config("global_endpoint = \"https://" + name + "\"\n")
	for _, tt := range []struct {
		what, config, at, host string
		o                      Options
		code                   int
		found                  bool
	}{
		{"its own endpoint, open", own, address, name, Options{}, exit.Good, false},
		{"its own endpoint, closed", own, "", name, Options{}, exit.Bad, true},
		{"the global one, closed", config(""), "", global, Options{}, exit.Bad, true},
		{"no device, and asked", "", "", global, Options{DPS: true}, exit.Bad, true},
		{"a hub's cloud", "", "", "global.azure-devices-provisioning.cn", Options{DPS: true, Hub: "h.azure-devices.cn"},
			exit.Bad, true},
	} {
		con, out, _ := quiet(t)
		if tt.config != "" {
			file := filepath.Join(con.Root, "etc", "aziot", "config.toml")
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		o, nobody := tt.o, testkit.NobodyAt(t)
		o.Timeout, o.Options = 2*time.Second, outputs.Options{Format: "json"}
		o.Ways = inputs.Ways{CAFiles: []string{ca}}
		for _, port := range []int{443, 5671, 8883} {
			to := nobody
			if port == 443 && tt.at != "" {
				to = tt.at
			}
			o.ConnectTo = append(o.ConnectTo, fmt.Sprintf("%s:%d:%s", tt.host, port, to))
		}
		err := Run(context.Background(), con, o)
		var r report.Report
		if json.Unmarshal(out.Bytes(), &r) != nil || exit.Code(err) != tt.code || r.Verdict.ExitCode != tt.code {
			t.Errorf("%s: %v (%d), %s", tt.what, err, exit.Code(err), out)
			continue
		}
		found := false
		for _, f := range r.Findings {
			found = found || f.Code == report.DPSUnreachable
			if f.Code == report.ProtocolNone || f.Code == report.HTTPSRequired {
				t.Errorf("%s: %+v", tt.what, f)
			}
		}
		if found != tt.found || r.Target.Hub != tt.host || r.Results[0].Endpoint != report.EndpointDPS ||
			r.Verdict.UpstreamProtocol != nil {
			t.Errorf("%s: found %v, %+v, %+v", tt.what, found, r.Target, r.Verdict)
		}
	}
	close(asked)
	for path := range asked {
		if strings.HasPrefix(path, "/0ne00000000/registrations/") {
			return
		}
	}
	t.Error("nobody asked for a registration")
}

// TestAll: a registry that does not answer makes the answer bad, and is named.
func TestAll(t *testing.T) {
	t.Parallel()
	con, out, _ := quiet(t)
	nobody := testkit.NobodyAt(t)
	o := Options{Hub: "h.test", All: true, Timeout: 2 * time.Second, Options: outputs.Options{Format: "json"}}
	o.Resolvers = []string{nobody}
	err := Run(context.Background(), con, o)
	var r report.Report
	if json.Unmarshal(out.Bytes(), &r) != nil || exit.Code(err) != exit.Bad {
		t.Fatalf("%v, %s", err, out)
	}
	for _, f := range r.Findings {
		if f.Code == report.RegistryUnreachable && strings.Contains(f.Summary, "mcr.microsoft.com:443") &&
			strings.Contains(r.Verdict.Reason, "mcr.microsoft.com:443") {
			return
		}
	}
	t.Errorf("%+v, %s", r.Findings, r.Verdict.Reason)
}
