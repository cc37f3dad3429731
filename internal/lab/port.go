package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// maxConns bounds the connections of one port.
const maxConns = 4096

// port is a listener with its faults, and what is served behind it.
type port struct {
	place   string
	address string      // host:port; fixed once it listens
	tls     *tls.Config // nil: what comes is served as it comes
	serve   func(ctx context.Context, c *conn, inside net.Conn)
	lab     *Lab

	mu       sync.Mutex
	listener net.Listener
	drops    *dropper
	reserved *reservation // keeps the number while nothing listens
	conns    map[*conn]struct{}
	closed   bool
}

// listen opens the port, on the same number as before where there was one.
func (p *port) listen() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil || p.closed {
		return nil
	}
	l, err := listenConfig.Listen(p.lab.ctx, "tcp", p.address)
	if err != nil {
		return fmt.Errorf("lab: %s: listen on %s: %w", p.place, p.address, err)
	}
	if p.reserved == nil {
		if p.reserved, err = reserve(l.Addr().(*net.TCPAddr)); err != nil {
			_ = l.Close()
			return fmt.Errorf("lab: %s: listen on %s: %w", p.place, p.address, err)
		}
	}
	p.listener = l
	if actual := l.Addr().String(); p.address != actual {
		p.address = actual // the first time; from then on it is read without a lock
	}
	p.lab.wg.Add(1)
	go p.accept(l)
	return nil
}

// shut closes the listener; connections that are there stay.
func (p *port) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close() // nothing is lost with it
		p.listener = nil
	}
	if p.drops != nil {
		p.drops.close()
		p.drops = nil
	}
}

// apply makes the listener what the fault of its layer wants.
func (p *port) apply() error {
	f, on := p.lab.faults.get(p.place, layerTCP)
	switch {
	case on && f.Name == faultRefuse:
		p.shut()
	case on && f.Name == faultDropSYN:
		p.shut()
		d, err := dropSYN(p.address)
		if err != nil {
			return fmt.Errorf("lab: %s: %w", f, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed {
			d.close()
			return nil
		}
		p.drops = d
	default:
		p.mu.Lock()
		if p.drops != nil {
			p.drops.close()
			p.drops = nil
		}
		p.mu.Unlock()
		return p.listen()
	}
	return nil
}

func (p *port) accept(l net.Listener) {
	defer p.lab.wg.Done()
	select {
	case <-p.lab.ready: // whoever comes earlier waits in the kernel's queue
	case <-p.lab.ctx.Done():
		return
	}
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of file descriptors, as a rule
			continue
		}
		p.start(nc.(*net.TCPConn))
	}
}

// start serves a connection on its own goroutine.
func (p *port) start(tcp *net.TCPConn) {
	c := &conn{tcp: tcp, place: p.place}
	c.Conn = p.lab.lineOf(p.place).wrap(p.lab.ctx, tcp, &p.lab.wg)
	if !p.track(c) {
		_ = c.Close()
		return
	}
	p.lab.wg.Add(1)
	go func() {
		defer p.lab.wg.Done()
		defer p.forget(c)
		p.lab.journal.add(p.place, KindAccept, "", tcp.RemoteAddr().String())
		p.handle(c)
	}()
}

// enter serves a connection that a proxy brings: behind whatever stands in front
// of the port on the direct way. Faults of the proxy's own place apply in the
// tunnel; tunnel is that place, or empty where the proxy keeps them for itself.
func (p *port) enter(tcp *net.TCPConn, via, tunnel string) {
	c := &conn{Conn: tcp, tcp: tcp, place: tunnel, via: via}
	if !p.track(c) {
		_ = tcp.Close()
		return
	}
	p.lab.wg.Add(1)
	go func() {
		defer p.lab.wg.Done()
		defer p.forget(c)
		p.lab.journal.add(p.place, KindAccept, "", "from "+via)
		if !p.faulty(c, layerTLS, tunnel) {
			p.inside(c)
		}
	}()
}

func (p *port) track(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.conns) >= maxConns {
		return false
	}
	if p.conns == nil {
		p.conns = make(map[*conn]struct{})
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *port) forget(c *conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// handle goes up the layers, with the faults of the direct way.
func (p *port) handle(c *conn) {
	if p.faulty(c, layerTCP, p.place) || p.tls != nil && p.faulty(c, layerTLS, p.place) {
		return
	}
	p.inside(c)
}

// faulty lets a fault of a layer take the connection over, unless the fault lets it pass.
func (p *port) faulty(c *conn, l layer, place string) bool {
	f, on := p.lab.faults.get(place, l)
	if !on || kindOf(f).conn == nil {
		return false
	}
	p.lab.journal.add(p.place, KindFault, "", f.String())
	kindOf(f).conn(f, c)
	passes := c.passes
	c.passes = false
	return !passes
}

// inside does the TLS handshake and serves what comes in it.
func (p *port) inside(c *conn) {
	if p.tls == nil {
		p.serve(p.lab.ctx, c, c)
		return
	}
	cfg, err := p.config(c)
	if err != nil {
		p.lab.journal.add(p.place, KindTLS, "", err.Error())
		return
	}
	t := tls.Server(c, cfg)
	ctx, cancel := context.WithTimeout(p.lab.ctx, handshakeLimit)
	err = t.HandshakeContext(ctx)
	cancel()
	if err != nil {
		p.lab.journal.add(p.place, KindTLS, "", err.Error())
		linger(c) // so that our alert arrives before the reset over unread bytes
		return
	}
	p.lab.journal.add(p.place, KindTLS, "", t.ConnectionState().ServerName)
	p.serve(p.lab.ctx, c, t)
	_ = t.Close() // sends close_notify where that still goes
	linger(c)
}

// config is the port's own, changed by a fault of the certificate. One on the
// direct way, such as an inspection, does not concern what a proxy brings.
func (p *port) config(c *conn) (*tls.Config, error) {
	f, on := p.lab.faults.get(c.place, layerCert)
	if !on && c.via != "" {
		f, on = p.lab.faults.get(p.place, layerCert)
		on = on && f.Name != "inspected" && f.Name != "corp-inspected"
	}
	cfg := p.tls
	if p.place == "https" && p.lab.askHTTPS.Load() {
		// The real hub renegotiates once a request needs it, which Go's server cannot. So the
		// lab's asks at the start, and only from when a device needs it, since to ask is
		// evidence to whoever looks at the handshake.
		cfg = cfg.Clone()
		cfg.ClientAuth = tls.RequestClientCert
	}
	if !on {
		return cfg, nil
	}
	cfg = cfg.Clone()
	p.lab.journal.add(p.place, KindFault, "", f.String())
	return cfg, kindOf(f).cert(f, p.lab.material, cfg)
}

// cut resets the connections that are there.
func (p *port) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.reset()
	}
}

// close ends the port and its connections.
func (p *port) close() {
	p.shut()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.reserved.release()
	p.reserved = nil
	for c := range p.conns {
		_ = c.tcp.Close()
	}
}
