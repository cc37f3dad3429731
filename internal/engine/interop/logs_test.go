//go:build interop && linux

package interop

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/logs"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/devicelog"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestLogsOfThisHost: edgenet logs without a path reads a real journal through the real journalctl, and what real
// engines kept of edgeAgent's and edgeHub's output, and changes nothing.
func TestLogsOfThisHost(t *testing.T) {
	eachEngine(t, deviceOptions{}, logsOfThisHost)
}

const journalRemote = "/usr/lib/systemd/systemd-journal-remote"

func logsOfThisHost(t *testing.T, d *device) {
	blackbox.Need(t, "journalctl", "docker", "go")
	lived := fault(t, "5671 refused, the agent by WebSocket").Play(devicelog.Releases()[3],
		devicelog.FromStart, 1).Lines()
	bin := d.journal(t, lived)
	d.said(t, lived, "edgeHub", "edgeAgent")
	before := d.list("ps", "-a", "--no-trunc", "--format", "{{.ID}}")

	cmd := d.edgenet("PATH="+bin+":"+os.Getenv("PATH")).Command(testkit.Within(t, 2*time.Minute), "logs",
		"-f", "json")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%v\n%s\n%s", err, stdout.String(), stderr.String())
	}
	var r logs.Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	c := r.Conclusion
	if c.Component != "edgeHub" || c.Cause == nil || *c.Cause != report.TCPRefused || len(r.Upstream) != 3 {
		t.Errorf("%+v\n%+v\n%s", c, r.Inputs, strings.Join(r.Unread, "\n"))
	}
	for _, in := range r.Inputs {
		t.Logf("%s: %v, %d records", in.Name, in.Format, in.Records)
		if in.Records == 0 {
			t.Errorf("%s has no records", in.Name)
		}
	}
	if len(r.Inputs) != 3 {
		t.Errorf("%d inputs, want the journal and two containers: %v", len(r.Inputs), r.Unread)
	}
	if after := d.list("ps", "-a", "--no-trunc", "--format", "{{.ID}}"); after != before {
		t.Errorf("the engine had %s, and has %s", before, after)
	}
}

func fault(t *testing.T, name string) devicelog.Fault {
	t.Helper()
	for _, f := range devicelog.Faults() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no fault %q", name)
	return devicelog.Fault{}
}

// journal puts what the daemons said into a journal of its own, and gives a folder with a journalctl that reads it.
func (d *device) journal(t *testing.T, lines []devicelog.Line) (bin string) {
	t.Helper()
	if _, err := os.Stat(journalRemote); err != nil {
		t.Skip("systemd-journal-remote is not installed")
	}
	var b bytes.Buffer
	for _, l := range lines {
		if !strings.HasPrefix(l.Unit, "aziot-") {
			continue
		}
		for _, text := range strings.Split(l.Said, "\n") { // each line of a service is an entry
			fmt.Fprintf(&b, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n_SYSTEMD_UNIT=%s.service\n"+
				"SYSLOG_IDENTIFIER=%s\n_PID=%d\nMESSAGE\n", l.At.UnixMicro(), l.At.UnixMicro()-lines[0].At.UnixMicro()+
				1, 7,
				l.Unit, l.Unit, l.PID)
			_ = binary.Write(&b, binary.LittleEndian, uint64(len(text)))
			b.WriteString(text + "\n\n")
		}
	}
	export, dir := filepath.Join(t.TempDir(), "export"), t.TempDir()
	if err := os.WriteFile(export, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	d.must(journalRemote, "-o", filepath.Join(dir, "system.journal"), export)
	real, err := exec.LookPath("journalctl")
	if err != nil {
		t.Fatal(err)
	}
	bin = t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nexec %s --directory=%s \"$@\"\n", real, dir)
	if err := os.WriteFile(filepath.Join(bin, "journalctl"), []byte(script),
		0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	return bin
}

// said runs containers of these names, each of which prints its part of the lines and ends.
func (d *device) said(t *testing.T, lines []devicelog.Line, names ...string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		var b strings.Builder
		for _, l := range lines {
			if l.Unit == name {
				b.WriteString(l.Said + "\n")
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const program = "package main\n\nimport (\n\t\"io\"\n\t\"os\"\n)\n\nfunc main() {\n\tf, err := " +
		"os.Open(os.Args[1])\n\tif err != " +
		"nil {\n\t\tos.Exit(1)\n\t}\n\tio.Copy(os.Stdout, f)\n}\n"
	source := filepath.Join(t.TempDir(), "say.go")
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	d.must("env", "CGO_ENABLED=0", "go", "build", "-o", filepath.Join(dir, "say"), source)
	archive := filepath.Join(t.TempDir(), "say.tar")
	d.must("tar", "-C", dir, "-cf", archive, ".")
	docker := []string{"docker", "-H", "unix://" + d.socket()}
	d.must(append(docker, "import", archive, "edgenet-says:latest")...)
	for _, name := range names {
		driver := []string{}
		if !d.docker {
			driver = []string{"--log-driver", "k8s-file"}
		}
		run := append(append(append([]string{}, docker...), "run", "--name", name, "--network", "none"), driver...)
		d.must(append(run, "edgenet-says:latest", "/say", "/"+name)...)
	}
}
