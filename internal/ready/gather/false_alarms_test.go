package gather

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/report"
)

// fresh is a device that nothing was deployed to yet.
func fresh(f *fixture) {
	f.engine["/containers/json"] = []map[string]any{{"Id": "edgeAgent", "Names": []string{"/edgeAgent"}}}
	f.hub = nil
}

// registered is a device of the provisioning service: its hub stands in what identityd
// noted alone.
func registered(f *fixture) {
	f.write("var/lib/aziot/identityd/device_info", "hub_name = \"plant.azure-devices.test\"\n"+
		"device_id = \"gw\"\nregistration_id = \"gw\"\n")
	f.options.Check = func(_ context.Context, d *device.Device) (*report.Report, error) {
		s, ok := d.Hub()
		if !ok || s.Value.Reveal() != "plant.azure-devices.test" {
			f.t.Error("the check is not told the hub of a device that was provisioned")
		}
		return &report.Report{}, nil
	}
}

// unprovisioned is a device whose Edge CA certd has not made yet.
func unprovisioned(f *fixture) {
	f.write("etc/aziot/config.toml", strings.Replace(strings.Replace(strings.Replace(superTOML, "[edge_ca]\n", "", 1),
		"cert = \"file:///etc/certs/ca.pem\"\n", "", 1), "pk = \"file:///etc/certs/ca.key.pem\"\n", "", 1))
	f.write("etc/aziot/certd/config.d/00-super.toml",
		"[cert_issuance.aziot-edged-ca]\nmethod = \"self_signed\"\ncommon_name = \"aziot-edge CA\"\n")
	for _, name := range []string{"etc/certs/ca.pem", "etc/certs/ca.key.pem"} {
		if err := os.Remove(filepath.Join(f.root, name)); err != nil {
			f.t.Fatal(err)
		}
	}
}

// TestFalseAlarms: where the runtime's own check is known to raise an alarm over nothing,
// ours raises none on the same device, and the comparison says why they differ. The names
// are those of the threads, or of the documentation's page.
func TestFalseAlarms(t *testing.T) {
	t.Parallel()
	fine := checked(0, 0)
	for _, tt := range []struct {
		name, theirs, result string
		ours                 string // the row that has to be fine
		says                 string // of the reason; empty where ours is not comparable there
		change               func(*fixture)
	}{
		{"6669: nothing is deployed yet", "edge-hub-storage-mounted-from-host", "error", "store.persist",
			"without a deployment", fresh},
		{"5141: nothing is deployed yet", "edge-agent-storage-mounted-from-host", "error", "store.persist",
			"without a deployment", fresh},
		{"5818: a cloud name as hostname", "hostname", "error", "host.name", "where the name leads",
			func(f *fixture) {
				replaced("gw.plant.test", "gw.cloud.test")(f)
				resolves("gw.cloud.test", "127.0.0.1")(f)
			}},
		{"6930: an address as hostname", "hostname", "error", "host.name", "where the name leads",
			replaced("gw.plant.test", "127.0.0.1")},
		{"5591: no diagnostics image", "container-connect-upstream-amqp", "error", "upstream",
			"diagnostics image", fine},
		{"2544: no diagnostics image", "container-default-connect-upstream-https", "error", "upstream",
			"diagnostics image", fine},
		{"2500: the hub of a device of the provisioning service", "host-connect-iothub-mqtt", "warning", "upstream",
			"another protocol", registered},
		{"3373: Moby's own version", "container-engine-is-moby", "warning", "engine.kind", "ending",
			func(f *fixture) {
				version("Version", "27.5.1+azure-2")(f)
				version("Platform", map[string]string{"Name": ""})(f)
			}},
		{"7411: not provisioned yet", "certs-read", "error", "cert.trust-bundle", "never provisioned", unprovisioned},
		{"2129: a slow board", "container-local-time", "error", "clock", "slow boards", fine},
		{"the page of errors: logs of the snap", "container-engine-logrotate", "warning", "engine.logs", "driver local",
			asIt},
		{"the page of errors: dns of the snap", "container-engine-dns", "warning", "engine.dns", "", asIt},
		{"a network without NTP", "host-local-time", "warning", "clock", "NTP server", fine},
		{"7120: a network without aka.ms", "aziot-edge-version", "error", "release.support", "internet", asIt},
		{"a network without aka.ms", "aziot-version", "error", "release.support", "internet", asIt},
		{"no dns in daemon.json", "container-engine-dns", "warning", "engine.network", "", asIt},
		{"the driver that the documentation recommends", "container-engine-logrotate", "warning", "engine.logs",
			"driver local", hubHost("LogConfig", map[string]any{"Type": "local"})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := healthy(t)
			tt.change(f)
			f.options.Machine = f.machine.options(t)
			theirs, err := ready.ReadTheirs(strings.NewReader(fmt.Sprintf(
				`{"checks":{%q:{"result":{"result":%q,"details":["alarm"]}}}}`, tt.theirs, tt.result)))
			if err != nil {
				t.Fatal(err)
			}
			a := ready.Answered(All(t.Context(), f.options), theirs, "edgenet", time.Now(), 0)
			for _, r := range a.Rows {
				if r.ID == tt.ours && (r.Status == ready.Error || r.Status == ready.Warning) {
					t.Errorf("a false alarm: %s is %s: %s", r.ID, r.Status, r.Summary)
				}
			}
			got := a.Theirs[0]
			if tt.says != "" && (got.Agree == nil || *got.Agree || !strings.Contains(got.Why, tt.says) ||
				!slices.Contains(got.Ours, tt.ours)) {
				t.Errorf("%+v, want that they differ because of %q", got, tt.says)
			}
		})
	}
}

// TestFalseAlarm4488: what does not answer costs its own time once, and not a quarter of an
// hour: everything is asked at once.
func TestFalseAlarm4488(t *testing.T) {
	t.Parallel()
	f := healthy(t)
	f.engine["/version"] = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	f.engine["/info"], f.engine["/system/df"], f.engine["/networks"] = f.engine["/version"], f.engine["/version"],
		f.engine["/version"]
	f.options.Machine = f.machine.options(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	began := time.Now()
	facts := All(ctx, f.options)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	rows, _ := ready.Judge(facts)
	for _, r := range rows {
		if r.ID == "engine.kind" && (r.Status != ready.Unknown || r.Needs == "") {
			t.Errorf("%+v", r)
		}
		if r.Status == ready.Error || r.Status == ready.Warning {
			t.Errorf("an alarm over silence: %s: %s", r.ID, r.Summary)
		}
	}
}
