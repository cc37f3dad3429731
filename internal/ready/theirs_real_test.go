package ready

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadTheirsReal reads what the real programs printed in fourteen networks (README.md
// beside the files).
func TestReadTheirsReal(t *testing.T) {
	t.Parallel()
	const ok, bad, warn = "ok", "error", "warning"
	for network, want := range map[string][3]string{ // AMQP, HTTPS, MQTT
		"healthy": {ok, ok, ok}, "nested": {ok, ok, ok}, "nested-parent-off": {bad, bad, bad},
		"amqp-dropped": {bad, ok, ok}, "only-443": {bad, ok, bad}, "hello-swallowed": {bad, ok, bad},
		"proxy-only": {bad, ok, bad}, "proxy-not-set": {bad, bad, bad}, "proxy-407": {bad, bad, bad},
		"inspected": {ok, bad, ok}, "dns-dead": {bad, bad, bad}, "captive-portal": {bad, bad, bad},
		"upgrade-refused": {bad, ok, bad}, // it does not see that no WebSocket works
		"dps":             {warn, warn, warn},
	} {
		for program, checks := range map[string]int{"iotedge": 45, "aziotctl": 24} {
			text, err := os.ReadFile(filepath.Join("testdata", "check", network+"."+program+".json"))
			if err != nil {
				t.Fatal(err)
			}
			list, err := ReadTheirs(bytes.NewReader(text))
			if err != nil || len(list) != checks {
				t.Errorf("%s, %s: %d checks, %v", network, program, len(list), err)
			}
			got := map[string]Their{}
			for _, c := range list {
				got[c.ID] = c
			}
			for i, port := range []string{"amqp", "https", "mqtt"} {
				if c := got["host-connect-iothub-"+port]; c.Result != want[i] {
					t.Errorf("%s, %s: %s is %q, want %q", network, program, port, c.Result, want[i])
				}
			}
			if network == "proxy-407" && !strings.Contains(got["host-connect-iothub-https"].Details, "407") {
				t.Errorf("%s: the cause is lost: %q", program, got["host-connect-iothub-https"].Details)
			}
		}
	}
}

// TestRealChecksAreKnown holds the list of the real program against ours: each of its
// checks is compared with a row, or is one of theirs that no row looks at.
func TestRealChecksAreKnown(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/check/healthy.iotedge.json")
	if err != nil {
		t.Fatal(err)
	}
	list, err := ReadTheirs(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	replaced := map[string]bool{}
	for _, rule := range Rules() {
		for _, id := range rule.Replaces {
			replaced[id] = true
		}
	}
	theirsAlone := map[string]string{
		"keyd-config-well-formed": "the daemon says so itself at its start", "certd-config-well-formed": "likewise",
		"tpmd-config-well-formed": "likewise", "tpmd-running": "a device without a TPM does not need it",
		"connect-management-uri": "modules say it at once",
	}
	for _, c := range list {
		if !replaced[c.ID] && theirsAlone[c.ID] == "" {
			t.Errorf("%s is compared with nothing", c.ID)
		}
	}
}
