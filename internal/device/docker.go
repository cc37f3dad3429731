package device

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
)

func sortedKeys(e entries) []string {
	return slices.SortedFunc(maps.Keys(e), func(a, b string) int {
		if d := e[a].line - e[b].line; d != 0 {
			return d
		}
		return slices.Compare([]byte(a), []byte(b))
	})
}

func jsonError(file string, place Place, err error) *SyntaxError {
	line, expected := 1, "JSON"
	var se *jsonedit.SyntaxError
	if errors.As(err, &se) {
		line, expected = se.Line, fmt.Sprintf("JSON; at column %d %s", se.Column, se.Expected)
	}
	return &SyntaxError{File: file, Line: line, Place: place, Expected: expected}
}

// daemonFiles are where the engine's configuration is: Debian's and Microsoft's
// packages, and the snap.
var daemonFiles = []string{"/etc/docker/daemon.json", "/var/snap/docker/current/config/daemon.json"}

// proxyKeys are the members of daemon.json's "proxies" (Engine 23.0 and later) and of
// the docker command's "proxies"."default".
var proxyKeys = []struct {
	daemon, cli string
	name        Name
}{{"https-proxy", "httpsProxy", Proxy}, {"http-proxy", "httpProxy", HTTPProxy}, {"no-proxy", "noProxy", NoProxy}}

func (d *Device) readDocker(home string) {
	for _, file := range daemonFiles {
		if text, ok := d.file(file); ok {
			d.readDaemonJSON(file, text)
		}
	}
	homes := []string{home}
	if home == "" {
		homes = []string{"/root"}
		for _, h := range d.list("/home", "") {
			homes = append(homes, path.Join("/home", h))
		}
	}
	for _, h := range homes {
		d.readDockerCLI(path.Join(h, ".docker/config.json"))
	}
}

func (d *Device) readDaemonJSON(file string, text []byte) {
	if len(text) == 0 {
		return
	}
	doc := d.json(file, DaemonJSON, text)
	if doc == nil {
		return
	}
	for _, k := range proxyKeys {
		if v := doc.Root.Get("proxies", k.daemon); v != nil && v.Kind == jsonedit.String {
			d.add(Setting{Name: k.name, Place: DaemonJSON, File: file, Key: "proxies." + k.daemon, Line: doc.Line(v.Start), Value: secret.New(v.Text)})
		}
	}
}

// readDockerCLI reads what the docker command gives to containers that it starts itself:
// never to edgeAgent, edgeHub and modules, which are made over the engine's API.
func (d *Device) readDockerCLI(file string) {
	text, err := d.tree.read(file)
	if err != nil || len(text) == 0 { // other people's homes are no loss
		return
	}
	doc := d.json(file, DockerCLI, text)
	if doc == nil {
		return
	}
	for _, k := range proxyKeys {
		if v := doc.Root.Get("proxies", "default", k.cli); v != nil && v.Kind == jsonedit.String {
			d.add(Setting{Name: k.name, Place: DockerCLI, File: file, Key: "proxies.default." + k.cli, Line: doc.Line(v.Start), Value: secret.New(v.Text),
				Lost: "only containers that this user starts with the docker command get it, such as those of iotedge check: never edgeAgent, edgeHub or a module"})
		}
	}
}
