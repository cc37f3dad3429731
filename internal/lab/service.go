package lab

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"edgenet/internal/lab/hub"
)

// makeHub registers the devices and modules that every lab has.
func (l *Lab) makeHub() error {
	l.hub = hub.New(HubName, func(kind, identity, detail string) { l.journal.add("hub", kind, identity, detail) }, nil)
	for _, id := range []hub.Identity{
		{Device: DeviceID}, {Device: DisabledDeviceID},
		{Device: DeviceID, Module: "$edgeAgent"}, {Device: DeviceID, Module: "$edgeHub"},
		{Device: DeviceID, Module: ModuleID},
	} {
		if _, err := l.hub.Add(id); err != nil {
			return fmt.Errorf("lab: registry: %w", err)
		}
	}
	if err := l.hub.Disable(hub.Identity{Device: DisabledDeviceID}, true); err != nil {
		return fmt.Errorf("lab: registry: %w", err)
	}
	if err := l.hub.AddX509(hub.Identity{Device: X509DeviceID}, l.material.device.Leaf); err != nil {
		return fmt.Errorf("lab: registry: %w", err)
	}
	return nil
}

// heads are the three ports of a service, in the order of connectTo.
type heads struct {
	service string // as material knows it
	address string
	places  [3]string // AMQP, MQTT, HTTPS
	head    *hub.Head
}

// standard are the ports that the vendor's clients have fixed.
var standard = [3]int{5671, 8883, 443}

func (l *Lab) openHub() error {
	head := &hub.Head{Backend: l.hub, Dialect: hub.IoTHub, Service: l.hub, Log: l.logAt("hub")}
	if l.fleet != nil {
		head.More = l.fleet
	}
	return l.openHeads(heads{"hub", l.options.Listen, [3]string{"amqps", "mqtts", "https"}, head},
		l.options.StandardPorts)
}

func (l *Lab) openEdge() error {
	// Where the gateway has no address of its own, the standard ports are the hub's.
	l.edge = hub.NewEdge(l.hub, l.logAt("edge"))
	own := l.options.EdgeListen != l.options.Listen
	return l.openHeads(heads{"edge", l.options.EdgeListen, [3]string{"edgeAmqps", "edgeMqtts", "edgeHttps"}, &hub.Head{
		Backend: l.edge, Dialect: hub.EdgeHub, Log: l.logAt("edge"),
	}}, l.options.StandardPorts && own)
}

func (l *Lab) logAt(place string) hub.Log {
	return func(kind, identity, detail string) { l.journal.add(place, kind, identity, detail) }
}

func (l *Lab) openHeads(h heads, fixed bool) error {
	serves := [3]func(context.Context, *conn, net.Conn){l.serveAMQP(h), l.serveMQTT(h), l.serveHTTPS(h)}
	for i, place := range h.places {
		cfg, err := l.material.config(h.service, i < 2)
		if err != nil {
			return fmt.Errorf("lab: %s: %w", place, err)
		}
		number := 0
		if fixed {
			number = standard[i]
		}
		p := &port{place: place, address: net.JoinHostPort(h.address, strconv.Itoa(number)), tls: cfg, serve: serves[i]}
		if err := l.open(p); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lab) serveAMQP(h heads) func(context.Context, *conn, net.Conn) {
	return func(ctx context.Context, c *conn, inside net.Conn) {
		l.talk(ctx, inside, layerAMQP, h.head.ServeAMQP, h.places[0], c.place)
	}
}

func (l *Lab) serveMQTT(h heads) func(context.Context, *conn, net.Conn) {
	return func(ctx context.Context, c *conn, inside net.Conn) {
		l.talk(ctx, inside, layerMQTT, h.head.ServeMQTT, h.places[1], c.place)
	}
}

// talk serves a protocol, or lets a fault of its layer do so that is on at the
// port or at the proxy that brought the connection.
func (l *Lab) talk(ctx context.Context, nc net.Conn, on layer, serve func(context.Context, net.Conn) error,
	places ...string) {
	if f, faulty := l.faults.find(on, places...); faulty {
		l.journal.add(places[0], KindFault, "", f.String())
		kindOf(f).inner(ctx, f, nc)
		_ = nc.Close() // it is over
		return
	}
	if err := serve(ctx, nc); err != nil {
		l.journal.add(places[0], KindEnd, "", err.Error())
	}
}

// connKey is where a request's context holds its *conn.
type connKey struct{}

// serveHTTPS serves a head's HTTP and its WebSockets.
func (l *Lab) serveHTTPS(h heads) func(context.Context, *conn, net.Conn) {
	place := h.places[2]
	h.head.AMQP = func(ctx context.Context, nc net.Conn) error {
		l.talk(ctx, nc, layerAMQP, h.head.ServeAMQP, placesOf(ctx, place)...)
		return nil
	}
	h.head.MQTT = func(ctx context.Context, nc net.Conn) error {
		l.talk(ctx, nc, layerMQTT, h.head.ServeMQTT, placesOf(ctx, place)...)
		return nil
	}
	return l.serveHTTP(place, h.head)
}

// serveHTTP hands the connections of a place to one http.Server.
func (l *Lab) serveHTTP(place string, handler http.Handler) func(context.Context, *conn, net.Conn) {
	queue := &handedOver{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{
		Handler:           l.faultyHTTP(place, handler),
		ReadHeaderTimeout: handshakeLimit,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what is worth knowing is in the journal
		BaseContext:       func(net.Listener) context.Context { return l.ctx },
		ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
			return hub.WithPeer(context.WithValue(ctx, connKey{}, socketOf(nc)), nc)
		},
	}
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		_ = server.Serve(queue) // ends with Close
	}()
	l.closers = append(l.closers, func() { _ = server.Close() }) // its connections are closed already
	return func(ctx context.Context, _ *conn, inside net.Conn) {
		c := &notifyClose{Conn: inside, closed: make(chan struct{})}
		select {
		case queue.conns <- c:
		case <-ctx.Done():
			return
		}
		select {
		case <-c.closed:
		case <-ctx.Done():
		}
	}
}

// placesOf are where a request's faults may be set.
func placesOf(ctx context.Context, place string) []string {
	if c, ok := ctx.Value(connKey{}).(*conn); ok && c != nil && c.via != "" {
		return []string{place, c.place}
	}
	return []string{place}
}

// faultyHTTP puts the faults of HTTP and WebSocket before a head.
func (l *Lab) faultyHTTP(place string, next http.Handler) http.Handler {
	return l.awaited(func(w http.ResponseWriter, r *http.Request) {
		l.journal.add(place, KindRequest, "", r.Method+" "+r.URL.Path+" "+r.Header.Get("Sec-Websocket-Protocol"))
		on := layerHTTP
		if hub.IsUpgrade(r) {
			on = layerWS
		}
		places := placesOf(r.Context(), place)
		if f, faulty := l.faults.find(layerHTTP, places...); faulty && f.Name == faultSkew {
			w.Header().Set("Date", skewed(f))
		}
		if f, faulty := l.faults.find(on, places...); faulty && f.Name != faultSkew {
			l.journal.add(place, KindFault, "", f.String())
			kindOf(f).http(f, w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// awaited makes Close wait for a handler, which net/http does not.
func (l *Lab) awaited(handle http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.handlersMu.Lock()
		if l.ctx.Err() != nil {
			l.handlersMu.Unlock()
			panic(http.ErrAbortHandler) // the lab is closing
		}
		l.handlers.Add(1)
		l.handlersMu.Unlock()
		defer l.handlers.Done()
		handle(w, r)
	})
}

// handedOver is a listener of connections that others accepted.
type handedOver struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (h *handedOver) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *handedOver) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

func (h *handedOver) Addr() net.Addr { return &net.TCPAddr{} }

// notifyClose tells when the server is through with a connection.
type notifyClose struct {
	net.Conn
	closed chan struct{}
	once   sync.Once
}

func (c *notifyClose) Close() error {
	defer c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// NetConn is what lies underneath, in the way of tls.Conn.
func (c *notifyClose) NetConn() net.Conn { return c.Conn }
