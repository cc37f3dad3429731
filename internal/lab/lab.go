package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"edgenet/internal/lab/dps"
	"edgenet/internal/lab/fleet"
	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/pki"
)

// Lab is a running lab.
type Lab struct {
	options  Options
	dir      string
	ownDir   bool
	material *material
	journal  journal
	faults   faults
	hub      *hub.Hub
	edge     *hub.Edge
	dps      *dps.Service
	fleet    *fleet.Fleet // nil without
	ports    map[string]*port
	order    []string // of ports, as they were opened
	proxies  []*proxy
	dns      *nameServer
	inner    net.Listener // for connections that proxies bring
	innerMu  sync.Mutex
	closers  []func()
	ready    chan struct{} // closed when everything is there
	// askHTTPS makes the hub ask for a client's certificate on 443 as well.
	askHTTPS atomic.Bool

	workloadURI string
	engineURI   string
	unixMu      sync.Mutex
	unix        []net.Conn

	handlersMu sync.Mutex // a handler does not start once the lab is closing
	handlers   sync.WaitGroup

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
	err    error
}

// Start starts a lab. It ends with Close, or when ctx ends.
func Start(ctx context.Context, o Options) (*Lab, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	wanted, err := o.faults()
	if err != nil {
		return nil, err
	}
	l := &Lab{options: o, journal: journal{log: o.Log}, ports: make(map[string]*port), ready: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(ctx)
	for _, step := range []func() error{l.makeDir, l.makeMaterial, l.makeHub, l.makeFleet, l.openInner, l.openHub,
		l.openEdge, l.openDPS, l.openProxies, l.openDNS, l.openWorkload, l.openEngine} {
		if err := step(); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	for _, f := range wanted {
		if err := l.SetFault(f); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	close(l.ready)
	context.AfterFunc(l.ctx, func() { _ = l.Close() }) // the error stays for whoever calls Close
	return l, nil
}

// faults are the scenario's and then the others.
func (o *Options) faults() ([]Fault, error) {
	var all []Fault
	if o.Scenario != "" {
		s, err := scenario(o.Scenario)
		if err != nil {
			return nil, err
		}
		for _, spec := range s.Faults {
			f, err := ParseFault(spec)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	for _, f := range o.Faults {
		if _, err := f.info(); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func (l *Lab) makeDir() error {
	l.dir = l.options.Dir
	if l.dir == "" {
		dir, err := os.MkdirTemp("", "edgenet-lab-")
		if err != nil {
			return fmt.Errorf("lab: a directory for the CA and the workload API's socket: %w", err)
		}
		l.dir, l.ownDir = dir, true
		return nil
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("lab: directory for the CA and the workload API's socket: %w", err)
	}
	return nil
}

func (l *Lab) makeMaterial() error {
	m, err := newMaterial(l.options.Listen, l.options.EdgeListen, l.options.DPSListen)
	if err != nil {
		return fmt.Errorf("lab: certificates: %w", err)
	}
	l.material = m
	chain, key, err := pki.PEM(m.device)
	if err != nil {
		return fmt.Errorf("lab: certificates: %w", err)
	}
	for _, f := range []struct {
		name    string
		content []byte
		mode    os.FileMode
	}{ // certificates are for every user who is to trust the lab
		{"ca.pem", m.root.PEM(), 0o644}, {X509DeviceID + ".pem", chain, 0o644}, {X509DeviceID + ".key.pem", key, 0o600},
	} {
		if err := os.WriteFile(filepath.Join(l.dir, f.name), f.content, f.mode); err != nil {
			return fmt.Errorf("lab: certificates: %w", err)
		}
	}
	return nil
}

// openInner opens the listener through which proxies reach the services.
func (l *Lab) openInner() error {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("lab: listen on 127.0.0.1: %w", err)
	}
	l.inner = inner
	return nil
}

// pair makes both ends of a connection.
func (l *Lab) pair() (near, far *net.TCPConn, err error) {
	l.innerMu.Lock()
	defer l.innerMu.Unlock()
	nc, err := net.Dial("tcp", l.inner.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	for {
		other, err := l.inner.Accept()
		if err != nil {
			_ = nc.Close()
			return nil, nil, err
		}
		if other.RemoteAddr().String() == nc.LocalAddr().String() {
			return nc.(*net.TCPConn), other.(*net.TCPConn), nil
		}
		_ = other.Close() // a stranger
	}
}

func (l *Lab) openDNS() error {
	zone := map[string]net.IP{
		HubName + ".":     net.ParseIP(l.options.Listen),
		GatewayName + ".": net.ParseIP(l.options.EdgeListen),
		DPSName + ".":     net.ParseIP(l.options.DPSListen),
	}
	server, err := l.startNameServer(l.options.Listen, zone)
	l.dns = server
	return err
}

// open opens a port.
func (l *Lab) open(p *port) error {
	p.lab = l
	if err := p.listen(); err != nil {
		return err
	}
	l.ports[p.place] = p
	l.order = append(l.order, p.place)
	return nil
}

// lineOf is how bytes flow at a place: the lab's delay and its faults.
func (l *Lab) lineOf(place string) line {
	w := line{delay: l.options.Delay}
	for _, on := range []layer{layerLine, layerPath} {
		if f, faulty := l.faults.get(place, on); faulty {
			kindOf(f).line(f, &w)
		}
	}
	return w
}

// CA is the certificate of the root that signed the services' certificates.
func (l *Lab) CA() *x509.Certificate { return l.material.root.Certificate }

// InspectionCA is the root that "inspected" shows, a vendor's; CorporateCA the
// one of "corp-inspected".
func (l *Lab) InspectionCA() *x509.Certificate { return l.material.vendor.Certificate }

// CorporateCA is described at InspectionCA.
func (l *Lab) CorporateCA() *x509.Certificate { return l.material.company.Certificate }

// DeviceCertificate is that of the device X509DeviceID, key included.
func (l *Lab) DeviceCertificate() tls.Certificate { return l.material.device }

// Hub is the lab's hub, to look at and to change twins and devices.
func (l *Lab) Hub() *hub.Hub { return l.hub }

// Edge is the lab's edgeHub.
func (l *Lab) Edge() *hub.Edge { return l.edge }

// Fleet is the simulated fleet, nil where the lab has none.
func (l *Lab) Fleet() *fleet.Fleet { return l.fleet }

// makeFleet simulates the devices that were asked for.
func (l *Lab) makeFleet() error {
	if l.options.Fleet == 0 {
		return nil
	}
	o := l.options.FleetOptions
	o.Devices, o.Hub = l.options.Fleet, HubName
	made, err := fleet.New(o)
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	l.fleet = made
	return nil
}

// Events is what happened so far, oldest first; of very many, the latest.
func (l *Lab) Events() []Event { return l.journal.all() }

// SetFault switches a fault on, in place of another one of its layer at its
// place. It counts for what comes to that layer from now on.
func (l *Lab) SetFault(f Fault) error {
	kind, err := f.info()
	if err != nil {
		return err
	}
	l.faults.set(f, kind.layer)
	if kind.name == faultCut {
		l.edge.SetUpstream(false)
	}
	if p := l.ports[f.Place]; p != nil && kind.layer == layerTCP {
		return p.apply()
	}
	return nil
}

// ClearFault switches all faults of a place off.
func (l *Lab) ClearFault(place string) error {
	l.faults.clear(place)
	switch p := l.ports[place]; {
	case p != nil:
		return p.apply()
	case place == PlaceUpstream:
		l.edge.SetUpstream(true)
	case place != PlaceDNS && place != PlaceWorkload:
		return fmt.Errorf("lab: no place is named %q", place)
	}
	return nil
}

// Cut resets every connection that a port or a proxy has now, as the death of what serves
// there does. Those that come later are served as before.
func (l *Lab) Cut(place string) error {
	p := l.ports[place]
	if p == nil {
		return fmt.Errorf("lab: no port or proxy is named %q", place)
	}
	p.cut()
	return nil
}

// Close ends everything, waits for every goroutine, and removes the directory if
// it was the lab's own.
func (l *Lab) Close() error {
	l.once.Do(func() {
		l.handlersMu.Lock()
		l.cancel()
		l.handlersMu.Unlock()
		for _, p := range l.ports {
			p.close()
		}
		if l.inner != nil {
			_ = l.inner.Close() // nothing is lost with it
		}
		if l.dns != nil {
			l.dns.close()
		}
		for _, f := range l.closers {
			f()
		}
		l.wg.Wait()
		l.handlers.Wait()
		if l.ownDir {
			if err := os.RemoveAll(l.dir); err != nil {
				l.err = fmt.Errorf("lab: remove what was made: %w", err)
			}
		}
	})
	return l.err
}
