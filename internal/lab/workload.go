package lab

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/workload"
	"edgenet/internal/secret"
)

// Places that are no ports.
const (
	PlaceWorkload = "workload" // the workload API
	PlaceUpstream = "upstream" // the edgeHub's way to the hub
)

// faultCut is the one fault of PlaceUpstream.
const faultCut = "cut"

var workloadFaults = []faultKind{
	{
		name: "deny", layer: layerWorkload, about: "signing is refused with 403, as for a process that is not the " +
			"module's container",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) {
			workload.Fail(w, http.StatusForbidden, "Forbidden")
		},
	},
	{
		name: "no-trust-bundle", layer: layerWorkload, about: "there is no trust bundle",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) {
			workload.Fail(w, http.StatusNotFound, "trust bundle is not configured")
		},
	},
	{
		name: "workload-error", layer: layerWorkload, arg: "400 to 599 (500)",
		about: "every request is refused with this status", check: between(400, 599),
		http: func(f Fault, w http.ResponseWriter, _ *http.Request) {
			workload.Fail(w, f.number(500), "the lab was told to fail")
		},
	},
	{
		name: "workload-silent", layer: layerWorkload, about: "requests are swallowed",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, swallow) },
	},
	{name: faultCut, layer: layerUpstream,
		about: "the edgeHub cannot reach the hub: it stores messages, and serves twins from its copies"},
}

// workloadPaths are what a fault of the workload API concerns; others all.
var workloadPaths = map[string]string{"deny": "/sign", "no-trust-bundle": "/trust-bundle"}

// openWorkload serves the workload API on a socket in the lab's directory.
func (l *Lab) openWorkload() error {
	socket, path, err := l.socket("workload.sock")
	if err != nil {
		return fmt.Errorf("lab: workload API %w", err)
	}
	l.workloadURI = "unix://" + filepath.ToSlash(path)
	api := &workload.Server{
		TrustBundle: string(l.material.root.PEM()),
		Key: func(module string) (secret.Value, error) {
			return l.hub.Key(hub.Identity{Device: DeviceID, Module: module})
		},
		Modules: l.moduleNames,
	}
	l.serveUnix(socket, l.faultyWorkload(api))
	return nil
}

// socket listens on a Unix socket of that name in the lab's directory.
func (l *Lab) socket(name string) (net.Listener, string, error) {
	path := filepath.Join(l.dir, name)
	removeStale(path)
	socket, err := net.Listen("unix", path)
	if err != nil {
		return nil, "", fmt.Errorf("on %s: %w (the path may have about 100 bytes; --dir chooses a shorter one)",
			path, err)
	}
	return socket, path, nil
}

// serveUnix answers on a socket until the lab closes.
func (l *Lab) serveUnix(socket net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: handshakeLimit, ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(net.Listener) context.Context { return l.ctx },
		ConnState:   l.trackUnix,
	}
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		_ = server.Serve(socket) // ends with Close
	}()
	l.closers = append(l.closers, func() { _ = server.Close(); l.closeUnix() })
}

// removeStale takes away the socket of a lab that died: one that nobody listens on.
func removeStale(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return
	}
	if c, err := net.Dial("unix", path); err == nil {
		_ = c.Close() // somebody does: listening will say so
		return
	}
	_ = os.Remove(path) // listening will say what is wrong otherwise
}

// trackUnix remembers connections that a fault took from the server, which then
// does not close them.
func (l *Lab) trackUnix(c net.Conn, state http.ConnState) {
	if state != http.StateHijacked {
		return
	}
	l.unixMu.Lock()
	defer l.unixMu.Unlock()
	l.unix = append(l.unix, c)
}

func (l *Lab) closeUnix() {
	l.unixMu.Lock()
	defer l.unixMu.Unlock()
	for _, c := range l.unix {
		_ = c.Close() // again, perhaps
	}
}

func (l *Lab) faultyWorkload(next http.Handler) http.Handler {
	return l.awaited(func(w http.ResponseWriter, r *http.Request) {
		l.journal.add(PlaceWorkload, KindRequest, "", r.Method+" "+r.URL.Path)
		if f, on := l.faults.get(PlaceWorkload, layerWorkload); on &&
			strings.HasSuffix(r.URL.Path, workloadPaths[f.Name]) {
			l.journal.add(PlaceWorkload, KindFault, "", f.String())
			kindOf(f).http(f, w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (l *Lab) moduleNames() []string {
	ids, err := l.hub.Modules(DeviceID)
	if err != nil {
		return nil
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.Module
	}
	sort.Strings(names)
	return names
}

// moduleEnv is the environment that the runtime would give the module, and what
// leads it to this lab's ports.
func (l *Lab) moduleEnv(i Info) map[string]string {
	allow := []string{HubName + ":443", HubName + ":5671", HubName + ":8883"}
	for _, x := range l.proxies {
		allow = append(allow, x.port.address)
	}
	return map[string]string{
		"IOTEDGE_WORKLOADURI":        l.workloadURI,
		"IOTEDGE_APIVERSION":         workload.Versions[len(workload.Versions)-1],
		"IOTEDGE_AUTHSCHEME":         "sasToken",
		"IOTEDGE_DEVICEID":           DeviceID,
		"IOTEDGE_MODULEID":           ModuleID,
		"IOTEDGE_MODULEGENERATIONID": l.hub.Generation(hub.Identity{Device: DeviceID, Module: ModuleID}),
		"IOTEDGE_IOTHUBHOSTNAME":     HubName,
		"IOTEDGE_GATEWAYHOSTNAME":    GatewayName,
		"EDGENET_CONNECT_TO":         strings.Join(i.ConnectTo, ","),
		"EDGENET_ALLOW":              strings.Join(allow, ","),
	}
}
