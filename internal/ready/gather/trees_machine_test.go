package gather

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/report"
)

// prints makes a program of the machine print something else; nothing means that it is not
// installed.
func prints(program, old, now string) func(*fixture) {
	return func(f *fixture) {
		text := f.machine.prints[program]
		delete(f.machine.prints, program)
		if now != "" {
			f.machine.prints[program] = strings.Replace(text, old, now, 1)
		}
	}
}

func resolves(name, address string) func(*fixture) {
	return func(f *fixture) { f.machine.names[name] = address }
}

// checked has the report of a check, with the hub's clock so many milliseconds before ours.
func checked(skew report.Millis, exit int) func(*fixture) {
	return func(f *fixture) {
		f.options.Check = func(context.Context, *device.Device) (*report.Report, error) {
			r := &report.Report{Results: []report.Result{{Status: report.OK, Steps: []report.Step{
				{Stage: report.StageHTTP, Detail: &report.HTTPDetail{SkewMs: &skew}}}}}}
			r.Verdict.ExitCode, r.Verdict.Reason = exit, "the words of the verdict"
			return r, nil
		}
	}
}

func unchecked(f *fixture) {
	f.options.Check = func(context.Context, *device.Device) (*report.Report, error) {
		return nil, errors.New("the name of the hub, which no file has")
	}
}

func registries(list []ready.Registry, err error) func(*fixture) {
	return func(f *fixture) {
		f.options.Registries = func(context.Context, *device.Device) ([]ready.Registry, error) { return list, err }
	}
}

// taken has edgeHub stopped, and another program on the port that it publishes.
func taken(f *fixture) {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = l.Close() })
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	hubHost("PortBindings", map[string]any{"8883/tcp": []map[string]string{{"HostPort": port}}})(f)
	f.hub["State"] = map[string]any{"Status": "exited"}
	tcp := filepath.Join(f.root, "proc/net/tcp")
	if err := errors.Join(os.Remove(tcp), os.Symlink("/proc/net/tcp", tcp)); err != nil {
		f.t.Fatal(err)
	}
}

func file(name, text string) func(*fixture) { return func(f *fixture) { f.write(name, text) } }

func engineDir(disk FileSystem) func(*fixture) {
	return func(f *fixture) {
		disk.ID = "2"
		f.machine.disks["/srv/engine"] = disk
		f.engine["/info"].(map[string]any)["DockerRootDir"] = "/srv/engine"
	}
}

const withParent = "parent_hostname = \"parent.plant.test\"\nhostname"

// machineTrees are the rows over the machine: what its programs, its kernel and its resolver
// say, and what a check and the registries do.
func machineTrees() map[string]three {
	gone := as(ready.Unknown, noSocket)
	return map[string]three{
		"boot.enabled": {as(ready.OK, asIt),
			as(ready.Error, prints("systemctl", "UnitFileState=enabled", "UnitFileState=disabled")),
			as(ready.Unknown, prints("systemctl", "", ""))},
		"clock": {as(ready.OK, checked(1200, 0)), as(ready.Error, checked(-400_000, 0)),
			as(ready.Unknown, prints("timedatectl", "", ""))},
		"disk.free": {as(ready.OK, asIt),
			as(ready.Error, engineDir(FileSystem{Type: "ext4", FreeBytes: 1 << 20, TotalBytes: 64 << 30})),
			as(ready.Unknown, func(f *fixture) { f.machine.closed = []string{f.root} })},
		"engine.mtu": {as(ready.OK, asIt), as(ready.Warning, file("sys/class/net/eth0/mtu", "1280\n")),
			as(ready.Unknown, file("proc/net/route", "Iface\n"))},
		"engine.storage-driver": {as(ready.OK, asIt), as(ready.Error, engineDir(FileSystem{Type: "tmpfs",
			FreeBytes: 9 << 30, TotalBytes: 9 << 30})), gone},
		"hub.ports": {as(ready.OK, asIt), as(ready.Error, taken), gone},
		"hub.performance": {as(ready.OK, asIt), as(ready.Warning, file("proc/meminfo", "MemTotal: 1000000 kB\n")),
			as(ready.Unknown, unreadable("proc/meminfo"))},
		"host.name": {as(ready.OK, asIt), as(ready.Warning, resolves("gw.plant.test", "203.0.113.9")),
			as(ready.Unknown, resolves("gw.plant.test", "fail"))},
		"nested": {as(ready.OK, replaced("hostname", withParent)), as(ready.Error, func(f *fixture) {
			replaced("hostname", withParent)(f)
			resolves("parent.plant.test", "")(f)
		}), as(ready.Unknown, unreadable("etc/aziot/config.toml"))},
		"upstream": {as(ready.OK, checked(0, 0)), as(ready.Error, checked(0, 1)), as(ready.Unknown, unchecked)},
		"registry.reachable": {as(ready.OK, registries([]ready.Registry{{Host: "r.test", Reached: true}}, nil)),
			as(ready.Error, registries([]ready.Registry{{Host: "r.test", Why: "no answer"}}, nil)),
			as(ready.Unknown, registries(nil, errors.New("a list of the images")))},
	}
}
