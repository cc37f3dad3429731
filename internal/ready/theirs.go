package ready

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"edgenet/internal/sorting"
	"edgenet/report"
)

// maxTheirs bounds an imported check, in bytes.
const maxTheirs = 4 << 20

// Their is one check of iotedge check or aziotctl check, beside our rows.
type Their struct {
	ID      string   `json:"id"`
	Result  string   `json:"result"` // ok, warning, error, fatal, skipped, ignored
	Details string   `json:"details,omitempty"`
	Ours    []string `json:"ours"`  // ids of rows that look at the same
	Agree   *bool    `json:"agree"` // null: nothing of ours compares with it
	Why     string   `json:"why,omitempty"`
}

// ErrNotACheck is what a text gives that is no output of these checks.
var ErrNotACheck = errors.New(
	"not the JSON of iotedge check or aziotctl check: expected an object with \"checks\" (iotedge check -o json > " +
		"check.json)",
)

// ReadTheirs reads the JSON that iotedge check -o json and aziotctl check -o json print.
func ReadTheirs(r io.Reader) ([]Their, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTheirs+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxTheirs:
		return nil, fmt.Errorf("larger than %d MiB", maxTheirs>>20)
	}
	var in struct {
		Checks map[string]struct {
			Result struct {
				Result  string   `json:"result"`
				Details []string `json:"details"`
			} `json:"result"`
		} `json:"checks"`
	}
	if err := json.Unmarshal(text, &in); err != nil || in.Checks == nil {
		return nil, ErrNotACheck
	}
	var out []Their
	for id, c := range in.Checks {
		// The first is the message, the rest its causes, of which each may repeat the next.
		details := report.Clean(strings.Join(strings.Fields(strings.Join(slices.Compact(c.Result.Details), ": ")), " "),
			300)
		out = append(
			out,
			Their{
				ID:      report.Clean(id, 80),
				Result:  report.Clean(c.Result.Result, 20),
				Details: details,
				Ours:    []string{},
			},
		)
	}
	sorting.By(out, func(x, y Their) int { return strings.Compare(x.ID, y.ID) })
	return out, nil
}

// Compare puts their checks beside our rows, and says where they differ why.
func Compare(theirs []Their, rows []Row) []Their {
	out := slices.Clone(theirs)
	for i := range out {
		t := &out[i]
		worst, seen := 0, false
		for _, r := range rows {
			if !slices.Contains(r.Replaces, t.ID) {
				continue
			}
			if !slices.Contains(t.Ours, r.ID) {
				t.Ours = append(t.Ours, r.ID)
			}
			if r.Status != Unknown && r.Status != Skipped && r.Status != Question {
				worst, seen = max(worst, r.bad()), true
			}
		}
		theirBad, comparable := theirWeight(t.Result)
		if !seen || !comparable {
			continue
		}
		agree := (worst > 0) == (theirBad > 0)
		t.Agree = &agree
		if !agree {
			t.Why = cmp.Or(knownReason(t.ID, theirBad > 0),
				"no error of theirs is known here: compare what each looked at")
		}
	}
	return out
}

func theirWeight(result string) (int, bool) {
	switch result {
	case "ok":
		return 0, true
	case "warning":
		return 1, true
	case "error", "fatal":
		return 2, true
	}
	return 0, false
}

// endsAtTLS was seen with release 1.6.0: behind a filter that answers a WebSocket's upgrade
// with a page it says ok.
const endsAtTLS = "it ends with the TLS handshake: neither AMQP, MQTT nor a WebSocket's upgrade is tried"

// knownReason says why a check of theirs is known to err, from its source; empty where
// no such thing is known.
func knownReason(id string, alarm bool) string {
	type reason struct{ id, falseAlarm, falseOK string }
	for _, k := range []reason{
		{"container-engine-logrotate", "it accepts journald alone, or max-file with max-size: the driver local, " +
			"which the documentation recommends, is taken for unbounded, and settings of single modules are not read",
			"it reads daemon.json alone: a module can have other settings"},
		{"container-engine-dns", "it wants \"dns\" in daemon.json, although containers resolve without it",
			"it reads a list of name servers and resolves nothing"},
		{"container-engine-uri", "", "it asks by docker's command, which agrees on a version with the engine; the " +
			"daemon does not"},
		{"container-engine-is-moby", "it reads the version's ending, and takes builds such as +azure-2 for others", ""},
		{"hostname", "it compares with the machine's name; what counts is where the name leads",
			"a name that equals the machine's can still lead elsewhere"},
		{"host-local-time", "it asks a public NTP server, which most plants block", ""},
		{"container-local-time", "slow boards need longer than it waits", ""},
		{"aziot-edge-version", "it asks the internet for the newest version; without a way there it calls that an " +
			"error", "an installed version can be listed and out of support"},
		{"aziot-version", "it asks the internet for the newest version; without a way there it calls that an error",
			"an installed version can be listed and out of support"},
		{"edge-agent-storage-mounted-from-host", "a device without a deployment has no such container yet",
			"a volume without a name and a tmpfs count as kept"},
		{"edge-hub-storage-mounted-from-host", "a device without a deployment has no such container yet",
			"a volume without a name and a tmpfs count as kept"},
		{"certs-preloaded", "", "it looks at the first certificate of each file alone, and at files alone: an Edge " +
			"CA that the device makes or fetches is never looked at"},
		{"certs-read", "a device that was never provisioned has no trust bundle yet", ""},
		{"configs-up-to-date", "it compares times, which lie after a restore",
			"it compares times: a drop-in that wins is not seen"},
		{"config-up-to-date", "it compares times, which lie after a restore",
			"it compares times: a drop-in that wins is not seen"},
		{"certs-match-private-keys", "", "it asks whether keys fit alone, not who issued a certificate or until when " +
			"it counts"},
		{"host-connect-iothub-amqp", "it tries this port although another protocol may be set", endsAtTLS},
		{"host-connect-iothub-mqtt", "it tries this port although another protocol may be set", endsAtTLS},
		{"host-connect-iothub-https", "", endsAtTLS},
		{"check-agent-image", "it pulls the image for real, and is left out on DPS devices", ""},
		{"connect-management-uri", "it needs its own diagnostics image: where that cannot be pulled it blames " +
			"the device", ""},
		{"proxy-settings", "it compares texts: settings of different places may differ on purpose",
			"it does not look at deployments"},
	} {
		if k.id != id {
			continue
		}
		if alarm {
			return k.falseAlarm
		}
		return k.falseOK
	}
	if alarm && (strings.HasPrefix(id, "container-connect-") || strings.HasPrefix(id, "container-default-connect-")) {
		return "it runs its own diagnostics image: where that cannot be pulled it blames the way to the hub"
	}
	return ""
}
