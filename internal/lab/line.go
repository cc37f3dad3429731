package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// line is how a connection's bytes flow between the socket and the service.
// Zero fields change nothing.
type line struct {
	delay    time.Duration // one way, both directions
	idleCut  time.Duration // silence after which it is reset
	idleDrop time.Duration // silence after which nothing passes any more
	loss     time.Duration // life after which it is reset
	mtu      int           // bytes of the largest segment that reaches the client
}

var pathFaults = []faultKind{
	{
		name: "mtu", layer: layerPath, arg: "bytes of the largest segment that passes (600)",
		about: "what is larger never reaches a client that has not asked for small segments (TCP_MAXSEG), and nobody " +
			"tells (Linux only)",
		check: func(arg string) error {
			if runtime.GOOS != "linux" {
				return fmt.Errorf("not possible on %s", runtime.GOOS)
			}
			return between(88, 65535)(arg)
		},
		line: func(f Fault, l *line) { l.mtu = f.number(600) },
	},
}

var lineFaults = []faultKind{
	{
		name: "latency", layer: layerLine, arg: "milliseconds one way (100)",
		about: "everything takes longer, in both directions",
		check: between(1, 60000),
		line:  func(f Fault, l *line) { l.delay += f.millis(100) },
	},
	{
		name: "idle-cut", layer: layerLine, arg: "seconds of silence (60)", about: "idle connections are reset",
		check: between(1, 86400),
		line:  func(f Fault, l *line) { l.idleCut = f.seconds(60) },
	},
	{
		name: "idle-drop", layer: layerLine, arg: "seconds of silence (60)",
		about: "idle connections are forgotten: what is sent then gets no answer, as behind a NAT",
		check: between(1, 86400),
		line:  func(f Fault, l *line) { l.idleDrop = f.seconds(60) },
	},
	{
		name: "loss", layer: layerLine, arg: "seconds of life (10)",
		about: "every connection is reset after so long, used or not",
		check: between(1, 86400),
		line:  func(f Fault, l *line) { l.loss = f.seconds(10) },
	},
}

// wrap puts the line between the socket and whoever gets the result. Goroutines
// that it starts end with the socket and are counted in wg.
func (l line) wrap(ctx context.Context, tcp *net.TCPConn, wg *sync.WaitGroup) net.Conn {
	var c net.Conn = tcp
	if l.delay > 0 {
		c = delayed(ctx, tcp, l.delay, wg)
	}
	if l.mtu > 0 && segmentSize(tcp) <= l.mtu {
		l.mtu = 0 // the client's segments are small enough
	}
	if l.idleCut == 0 && l.idleDrop == 0 && l.loss == 0 && l.mtu == 0 {
		return c
	}
	w := &lineConn{Conn: c, tcp: tcp, line: l}
	reset := func() { (&conn{Conn: c, tcp: tcp}).reset() }
	if l.loss > 0 {
		w.timers = append(w.timers, time.AfterFunc(l.loss, reset))
	}
	if l.idleCut > 0 {
		w.idle = append(w.idle, idleTimer{time.AfterFunc(l.idleCut, reset), l.idleCut})
	}
	if l.idleDrop > 0 {
		w.idle = append(w.idle, idleTimer{time.AfterFunc(l.idleDrop, func() { w.dropped.Store(true) }), l.idleDrop})
	}
	return w
}

// lineConn watches how long a connection lives and is silent.
type lineConn struct {
	net.Conn
	tcp     *net.TCPConn
	line    line
	timers  []*time.Timer
	idle    []idleTimer
	dropped atomic.Bool
}

type idleTimer struct {
	*time.Timer
	after time.Duration
}

func (w *lineConn) touch() {
	for _, t := range w.idle {
		t.Reset(t.after)
	}
}

// Read gives nothing of what comes after the connection was forgotten.
func (w *lineConn) Read(p []byte) (int, error) {
	for {
		n, err := w.Conn.Read(p)
		if err != nil || !w.dropped.Load() {
			w.touch()
			return n, err
		}
	}
}

// Write pretends to send after the connection was forgotten.
func (w *lineConn) Write(p []byte) (int, error) {
	if w.dropped.Load() {
		return len(p), nil
	}
	if w.line.mtu > 0 && len(p) > w.line.mtu {
		w.dropped.Store(true) // and what follows waits for it in vain
		return len(p), nil
	}
	w.touch()
	return w.Conn.Write(p)
}

func (w *lineConn) Close() error {
	for _, t := range w.timers {
		t.Stop()
	}
	for _, t := range w.idle {
		t.Stop()
	}
	return w.Conn.Close()
}

func (w *lineConn) CloseWrite() error {
	if w.dropped.Load() {
		return nil
	}
	return w.tcp.CloseWrite()
}

// What may be on its way in each direction of a delayed connection.
const (
	delayChunk  = 32 << 10
	delayChunks = 64
)

// chunk is some bytes and when they are due.
type chunk struct {
	due time.Time
	b   []byte
}

// delayed returns a connection whose bytes reach the socket, and come from it,
// after d. The rate stays what it is.
func delayed(ctx context.Context, tcp *net.TCPConn, d time.Duration, wg *sync.WaitGroup) net.Conn {
	near, far := net.Pipe()
	wg.Add(2)
	go func() {
		defer wg.Done()
		carry(ctx, far, tcp, d)
		_ = far.Close()
	}()
	go func() {
		defer wg.Done()
		carry(ctx, tcp, far, d)
		_ = tcp.Close()
	}()
	return near
}

// carry copies from src to dst, late.
func carry(ctx context.Context, dst io.Writer, src io.Reader, d time.Duration) {
	way := make(chan chunk, delayChunks)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer close(way)
		for {
			b := make([]byte, delayChunk)
			n, err := src.Read(b)
			if n > 0 {
				way <- chunk{time.Now().Add(d), b[:n]}
			}
			if err != nil {
				way <- chunk{due: time.Now().Add(d)} // the end travels as long
				return
			}
		}
	}()
	defer wg.Wait()
	broken := false
	for c := range way {
		if broken {
			continue // only to let the reader come to its end
		}
		select {
		case <-time.After(time.Until(c.due)):
		case <-ctx.Done():
		}
		if c.b == nil {
			return // the end; the reader is through as well
		}
		if _, err := dst.Write(c.b); err != nil {
			broken = true
		}
	}
}
