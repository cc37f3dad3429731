//go:build linux

package probe_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/probe"
	"edgenet/report"
)

// scarceEnv tells a second process of this test how many descriptors it may have, and
// where the hub's name server is.
const scarceEnv = "EDGENET_TEST_DESCRIPTORS"

// TestFewDescriptors: what this host has run out of is this host's, at every stage that
// needs a socket or a file.
func TestFewDescriptors(t *testing.T) {
	if os.Getenv(scarceEnv) != "" {
		checkWithFew(t)
		return
	}
	t.Parallel()
	s := start(t, nil)
	seen := map[report.Stage]bool{}
	for try := range 14 {
		more, how := try/2, []string{"dns", "connect-to"}[try%2]
		cmd := exec.Command(os.Args[0], "-test.run=^TestFewDescriptors$", "-test.v")
		cmd.Env = append(os.Environ(), scarceEnv+"="+strconv.Itoa(more)+" "+s.info.DNS+" "+s.info.Hub+" "+
			strconv.Itoa(s.info.Ports.HTTPS)+" "+how)
		out, err := cmd.CombinedOutput()
		_, text, ok := strings.Cut(string(out), "RESULT ")
		if err != nil || !ok {
			t.Fatalf("%v: %s", err, out)
		}
		var r report.Result
		if err := json.Unmarshal([]byte(strings.SplitN(text, "\n", 2)[0]), &r); err != nil {
			t.Fatal(err)
		}
		if r.Cause == report.TLSUntrusted && r.Stage == report.StageTLS { // the lab's root is not known there
			continue
		}
		if r.Cause != report.HostLimit || r.Actor != report.ActorHost || !strings.Contains(r.Summary, "EMFILE") {
			t.Errorf("%d descriptors: %s", more, text)
		}
		seen[r.Stage] = true
	}
	if !seen[report.StageDNS] || !seen[report.StageTCP] {
		t.Errorf("seen at %v", seen)
	}
}

func checkWithFew(t *testing.T) {
	f := strings.Fields(os.Getenv(scarceEnv))
	more, _ := strconv.Atoi(f[0])
	port, _ := strconv.Atoi(f[3])
	dns := netip.MustParseAddrPort(f[1])
	env := &hop.Env{DNS: &hop.Resolver{Servers: []netip.AddrPort{dns}, Hosts: "-"}, Trust: &hop.Trust{NoOS: true},
		Redirect: map[netip.AddrPort]netip.AddrPort{}}
	env.Trust.Prepare()
	if f[4] == "connect-to" {
		env.ConnectTo = map[string]netip.AddrPort{hop.HostPort(f[2],
			443): netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))}
	}
	for _, a := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
		ip := netip.MustParseAddr(a)
		env.Redirect[netip.AddrPortFrom(ip, 443)] = netip.AddrPortFrom(ip, uint16(port))
	}
	hop.CountLocalFailures(time.Now()) // the poller's descriptors are there then
	c, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	limit := syscall.Rlimit{Cur: uint64(c.Fd()) + uint64(more), Max: uint64(c.Fd()) + uint64(more)}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	r := probe.Check(context.Background(), probe.Plan{Host: f[2], Routes: probe.Routes(true, nil),
		Protocols: []report.Protocol{report.HTTPS}, Timeout: 5 * time.Second}, env, nil)
	text, err := json.Marshal(r.Results[0])
	if err != nil {
		t.Fatal(err)
	}
	println("RESULT " + string(text))
}
