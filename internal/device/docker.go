package device

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
	"edgenet/internal/sorting"
	"edgenet/report"
)

func sortedKeys(e entries) []string {
	return sorting.Keys(e, func(a, b string) int {
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
			d.add(Setting{Name: k.name, Place: DaemonJSON, File: file, Key: "proxies." + k.daemon,
				Line: doc.Line(v.Start), Value: secret.New(v.Text)})
		} else if v != nil && v.Kind != jsonedit.Null {
			d.fault(Fault{Kind: FaultType, Severity: report.SeverityError, Place: DaemonJSON, File: file,
				Line: doc.Line(v.Start), Key: "proxies." + k.daemon,
				Text:   "it is " + v.Kind.String() + ", where the engine wants a text: it does not start",
				Remedy: "Write it as a text in quotes."})
		}
		for _, form := range [][]string{{"proxies", "default", k.cli}, {"proxies", k.cli}} {
			if v := doc.Root.Get(form...); v != nil && v.Kind == jsonedit.String {
				d.clientForm(file, strings.Join(form, "."), doc.Line(v.Start), k.daemon, k.name, v.Text)
			}
		}
	}
}

// clientForm: the docker command's own file (~/.docker/config.json) names its proxies in
// another way, and the engine does not read that way.
func (d *Device) clientForm(file, key string, line int, want string, n Name, value string) {
	s := Setting{Name: n, Place: DaemonJSON, File: file, Key: key, Line: line, Value: secret.New(value)}
	s.lose(LossForm, "this is the form of the docker command's own file: the engine takes no proxy from it")
	d.add(s)
	d.fault(Fault{Kind: FaultMisplaced, Severity: report.SeverityError, Place: DaemonJSON, File: file, Line: line,
		Key: key,
		Text: "this is the form of the docker command's own file (~/.docker/config.json): the engine takes no " +
			"proxy from it",
		Remedy: fmt.Sprintf(`Write it as {"proxies": {"%s": "…"}} and restart the engine (23.0 and later).`, want)})
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
			d.add(Setting{Name: k.name, Place: DockerCLI, File: file, Key: "proxies.default." + k.cli,
				Line: doc.Line(v.Start), Value: secret.New(v.Text),
				Lost: "only containers that this user starts with the docker command get it, such as those of " +
					"iotedge check: never edgeAgent, edgeHub or a module"})
		}
	}
}
