package amqp

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// handshakeTimeout is how long a client has from TLS to open.
const handshakeTimeout = 60 * time.Second

// ErrNotAMQP is returned to the caller of Serve after the header of another
// protocol; the client got ours, as 2.2 wants.
var ErrNotAMQP = errors.New("amqp: the client's first bytes are not a header of AMQP 1.0")

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// handshake goes from the first byte to both opens. The security layer is
// optional: the vendor's C# SDK leaves it out.
func (c *Conn) handshake() error {
	if err := c.nc.SetReadDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	header, err := c.header()
	if err != nil {
		return err
	}
	if header == HeaderSASL {
		if err := c.sasl(); err != nil {
			return err
		}
		if header, err = c.header(); err != nil {
			return err
		}
	}
	if header != HeaderAMQP {
		return ErrNotAMQP
	}
	return c.opens()
}

// header reads the client's header and answers with the same or, where that is
// unknown, with ours (2.2).
func (c *Conn) header() (Header, error) {
	var h Header
	if _, err := io.ReadFull(c.nc, h[:]); err != nil {
		return h, err
	}
	answer := HeaderAMQP
	if h == HeaderSASL {
		answer = HeaderSASL
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.write(answer[:]); err != nil {
		return h, err
	}
	if h != HeaderAMQP && h != HeaderSASL {
		return h, ErrNotAMQP
	}
	return h, nil
}

// sasl runs the security layer (5.3.2) with mechanisms of a single response.
func (c *Conn) sasl() error {
	if err := c.write(EncodeSASL(&Mechanisms{c.cfg.Mechanisms})); err != nil {
		return err
	}
	f, err := readFrame(c.nc, minFrameSize*8) // a token as PLAIN password exceeds 512
	if err != nil {
		return err
	}
	if f.kind != frameSASL {
		return fmt.Errorf("amqp: a frame of type %d inside SASL", f.kind)
	}
	p, _, err := parse(f.body, saslParsers)
	if err != nil {
		return err
	}
	init, ok := p.(*Init)
	if !ok {
		return errors.New("amqp: expected sasl-init")
	}
	outcome := &Outcome{Code: SASLOK, Additional: []byte("Welcome!")}
	if !slices.Contains(c.cfg.Mechanisms, init.Mechanism) || !c.cfg.Application.SASL(c, string(init.Mechanism),
		init.Response) {
		outcome = &Outcome{Code: SASLAuth}
	}
	if err := c.write(EncodeSASL(outcome)); err != nil {
		return err
	}
	if outcome.Code != SASLOK {
		return fmt.Errorf("amqp: SASL %s refused", init.Mechanism)
	}
	return nil
}

// opens exchanges open performatives (2.4.1).
func (c *Conn) opens() error {
	f, err := readFrame(c.nc, MaxFrameSize)
	if err != nil {
		return err
	}
	p, _, err := parse(f.body, parsers)
	if err != nil {
		return err
	}
	open, ok := p.(*Open)
	if !ok || f.kind != frameAMQP || f.channel != 0 {
		return errors.New("amqp: expected open on channel 0")
	}
	idle := uint32(c.cfg.IdleTimeout.Milliseconds())
	hostname := "localhost" // so says the hub itself, whatever name it was called by
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return errors.New("amqp: closed while opening")
	}
	c.open = open
	c.peerMax = max(min(open.MaxFrameSize, MaxFrameSize), minFrameSize)
	err = c.send(0, &Open{
		ContainerID: c.cfg.ContainerID, Hostname: &hostname, MaxFrameSize: MaxFrameSize, ChannelMax: 8191,
		IdleTimeout: &idle,
	}, nil)
	if err != nil {
		return err
	}
	if t := c.peerIdle(); t > 0 && t < c.cfg.MinPeerIdle {
		c.closing = true
		return c.send(0, &Close{&Error{Condition: "amqp:not-allowed",
			Description: fmt.Sprintf("an idle time-out of %s is too short", t)}}, nil)
	}
	return nil
}

// peerIdle is what the client announced: after so long without a frame it leaves.
func (c *Conn) peerIdle() time.Duration {
	if c.open.IdleTimeout == nil {
		return 0
	}
	return time.Duration(*c.open.IdleTimeout) * time.Millisecond
}

// heartbeats sends an empty frame (2.4.5) after each 7/8 of the peer's idle
// time-out, as the hub does. The function that it returns ends and awaits it.
func (c *Conn) heartbeats() (stop func()) {
	idle := c.peerIdle()
	if idle <= 0 {
		return func() {}
	}
	done, quit := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(max(idle*7/8, 10*time.Millisecond))
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
			c.mu.Lock()
			err := error(nil)
			if !c.closing {
				err = c.send(0, nil, nil)
			}
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}
