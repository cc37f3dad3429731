//go:build netns && linux

package netns

import (
	"encoding/json"
	"os/exec"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// firstEdition is what a check of this network sent before the second edition: the mean of twelve runs, in
// bytes at the client's interface.
const firstEdition = 8082

// TestBytesOfAHealthyRun: a run sends at most a tenth more than the first edition did, though it fills a
// packet and looks at the port that the verdict goes by. How many packets only acknowledge is chance: the
// least of a few runs counts.
func TestBytesOfAHealthyRun(t *testing.T) {
	t.Parallel()
	if bench.why != "" {
		blackbox.Miss(t, bench.why)
	}
	n := newNetwork(t)
	n.names()
	n.lab()
	least := 0
	for range 8 {
		before := n.sent()
		o := n.check(testkit.Within(t, 60*time.Second), "--hub", hubName, "--route", "direct")
		time.Sleep(200 * time.Millisecond) // goodbyes
		if took := n.sent() - before; o.Exit == 0 && (least == 0 || took < least) {
			least = took
		}
	}
	if least == 0 || least > firstEdition*11/10 {
		t.Errorf("%d bytes sent, the first edition sent %d", least, firstEdition)
	}
}

// slowBytes is what a run may send at 32 kbit/s: experiments that finish a slow link off are sent no more.
const slowBytes = 30000

// TestBytesOnASlowLink: five ways at 32 kbit/s.
func TestBytesOnASlowLink(t *testing.T) {
	t.Parallel()
	if bench.why != "" {
		blackbox.Miss(t, bench.why)
	}
	n := newNetwork(t)
	n.names()
	n.lab()
	n.rate("32kbit")
	before := n.sent()
	o := n.check(testkit.Within(t, 60*time.Second), "--hub", hubName, "--timeout", "10s")
	if sent := n.sent() - before; o.Exit != 0 || sent > slowBytes {
		t.Errorf("exit %d, %d bytes sent", o.Exit, sent)
	}
}

// sent is what the client's interface has sent, in bytes.
func (n *network) sent() int {
	n.t.Helper()
	out, err := exec.Command("ip", "-n", n.ns("cli"), "-j", "-s", "link", "show", "out").Output() //nolint:gosec // ours
	var links []struct {
		Stats struct {
			Tx struct {
				Bytes int `json:"bytes"`
			} `json:"tx"`
		} `json:"stats64"`
	}
	if err == nil {
		err = json.Unmarshal(out, &links)
	}
	if err != nil || len(links) != 1 {
		n.t.Fatalf("%v: %s", err, out)
	}
	return links[0].Stats.Tx.Bytes
}
