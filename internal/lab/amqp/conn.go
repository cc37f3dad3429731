package amqp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Bounds of one connection. A hub's client has one session and a handful of
// links on it.
const (
	maxSessions  = 16
	maxLinks     = 64
	writeTimeout = 10 * time.Second
	// lingering is how long a peer gets to answer our close.
	lingering = time.Second
)

// Config is what a service shows of itself. All fields have to be set except
// those that say otherwise.
type Config struct {
	// ContainerID stands in our open.
	ContainerID string
	// Mechanisms are offered in this order.
	Mechanisms []Symbol
	// IdleTimeout is what our open announces: a peer that is silent for longer is
	// thrown out.
	IdleTimeout time.Duration
	// MinPeerIdle is the shortest idle time-out that a peer may ask for; zero
	// means any.
	MinPeerIdle time.Duration
	Application Application
}

// Application is what stands behind the links. Its methods run on the
// connection's own goroutine, one at a time.
type Application interface {
	// SASL judges a mechanism that was offered and the client's first response.
	SASL(c *Conn, mechanism string, response []byte) bool
	// Attach says what a link leads to, or refuses it.
	Attach(c *Conn, a *Attach) (*Terminus, *Error)
	// Closed is called once, when nothing will come or go any more.
	Closed(c *Conn)
}

// Conn is one client's connection.
type Conn struct {
	cfg      Config
	nc       net.Conn
	open     *Open
	peerMax  uint32
	mu       sync.Mutex // guards what follows, and keeps frames whole on nc
	sessions map[uint16]*session
	closing  bool
	buf      []byte
}

// Serve talks to one client until it goes or ctx ends, and then closes nc. It
// returns nil after a close that both sides said.
func Serve(ctx context.Context, nc net.Conn, cfg Config) error {
	c := &Conn{cfg: cfg, nc: nc, peerMax: minFrameSize, sessions: make(map[uint16]*session)}
	stop := context.AfterFunc(ctx, func() {
		c.Close(&Error{Condition: "amqp:connection:forced", Description: "the lab closes"})
	})
	defer stop()
	defer c.forget() // after nc is closed, so that no writer is stuck on it
	defer nc.Close()
	if err := c.handshake(); err != nil {
		return err
	}
	return c.run()
}

// Open is what the client said in its open; nil before it came.
func (c *Conn) Open() *Open { return c.open }

// NetConn is what lies underneath.
func (c *Conn) NetConn() net.Conn { return c.nc }

func (c *Conn) run() error {
	stop := c.heartbeats()
	defer stop()
	for {
		f, err := c.read()
		if err != nil {
			return c.broken(err)
		}
		if len(f.body) == 0 {
			continue // a heartbeat (2.4.5)
		}
		done, err := c.frame(f)
		if err != nil {
			return c.broken(err)
		}
		if done {
			return nil
		}
	}
}

func (c *Conn) read() (frame, error) {
	c.mu.Lock()
	wait := c.cfg.IdleTimeout + c.cfg.IdleTimeout/4
	if c.closing {
		wait = lingering
	}
	err := c.nc.SetReadDeadline(time.Now().Add(wait))
	c.mu.Unlock()
	if err != nil {
		return frame{}, err
	}
	f, err := readFrame(c.nc, MaxFrameSize)
	if err == nil && f.kind != frameAMQP {
		err = fmt.Errorf("amqp: a frame of type %d", f.kind)
	}
	return f, err
}

// broken tells the peer why the connection ends, where that may still reach it.
func (c *Conn) broken(err error) error {
	var netErr net.Error
	var mine *Error
	switch {
	case errors.As(err, &mine):
	case errors.As(err, &netErr) && netErr.Timeout():
		mine = &Error{Condition: "amqp:resource-limit-exceeded",
			Description: "nothing came for longer than the idle time-out"}
	case errors.As(err, &netErr), isEOF(err):
		return err
	default:
		mine = &Error{Condition: "amqp:connection:framing-error", Description: err.Error()}
	}
	c.Close(mine)
	return err
}

// Close says close, with a reason unless e is nil; the peer's own close or a
// second of silence ends the connection.
func (c *Conn) Close(e *Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	c.closing = true
	if c.open != nil {
		_ = c.send(0, &Close{e}, nil) // it ends either way
	}
	_ = c.nc.SetReadDeadline(time.Now().Add(lingering))
}

// frame handles one frame and tells whether the client closed.
func (c *Conn) frame(f frame) (bool, error) {
	p, payload, err := parse(f.body, parsers)
	if err != nil {
		return false, err
	}
	switch p := p.(type) {
	case *Open:
		return false, &Error{Condition: "amqp:illegal-state", Description: "a second open"}
	case *Close:
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.closing {
			c.closing = true
			return true, c.send(0, &Close{}, nil)
		}
		return true, nil
	case *Begin:
		return false, c.begin(f.channel, p)
	}
	c.mu.Lock()
	s := c.sessions[f.channel]
	closing := c.closing
	c.mu.Unlock()
	if closing {
		return false, nil // between our close and the peer's, frames mean nothing
	}
	if s == nil {
		return false, &Error{Condition: "amqp:not-found", Description: fmt.Sprintf("no session on channel %d",
			f.channel)}
	}
	return false, s.frame(p, payload)
}

func (c *Conn) begin(channel uint16, p *Begin) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil
	}
	if c.sessions[channel] != nil || len(c.sessions) >= maxSessions {
		return &Error{Condition: "amqp:not-allowed", Description: "the channel is in use, or too many sessions"}
	}
	c.sessions[channel] = newSession(c, channel, p)
	return c.send(channel, &Begin{
		RemoteChannel: &channel, NextOutgoingID: firstOutgoingID, IncomingWindow: incomingWindow,
		OutgoingWindow: 1<<32 - 1, HandleMax: 262143,
	}, nil)
}

// send writes one frame; c.mu is held.
func (c *Conn) send(channel uint16, p performative, payload []byte) error {
	c.buf = appendFrame(c.buf[:0], frameAMQP, channel, p, payload)
	return c.write(c.buf)
}

func (c *Conn) write(b []byte) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := c.nc.Write(b)
	return err
}

// forget tells the application that all links and the connection are gone.
func (c *Conn) forget() {
	c.mu.Lock()
	c.closing = true
	sessions := c.sessions
	c.sessions = nil
	c.mu.Unlock()
	for _, s := range sessions {
		s.forget()
	}
	c.cfg.Application.Closed(c)
}
