package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// keeper is a connection that was greeted on and is left idle. TCP keep-alives are off on
// all sockets of this program; no keeper sends heartbeats.
type keeper interface {
	// rest is silent for d. An error says that the connection ended meanwhile, and said
	// that the server took its leave in words.
	rest(ctx context.Context, d time.Duration) (said bool, err error)
	// nudge sends something that has to be answered within d.
	nudge(ctx context.Context, d time.Duration) (said bool, err error)
	leave()
}

// keep reaches the target, greets, and gives the connection.
func (a *attempt) keep(ctx context.Context) (k keeper, local string, err error) {
	raw, fault := a.reach(ctx)
	if fault != nil {
		return nil, "", errors.New(fault.Summary)
	}
	local = raw.LocalAddr().String()
	counted := &countedConn{Conn: raw}
	session, fault := hop.Handshake(ctx, a.env, a.trace, report.HopTarget, counted, a.tlsOptions())
	if fault != nil {
		_ = raw.Close()
		return nil, local, errors.New(fault.Summary)
	}
	defer func() {
		if err != nil {
			_ = session.Close()
		}
	}()
	if a.Protocol == report.HTTPS {
		k, err = a.keepHTTP(ctx, session, counted)
		return k, local, err
	}
	s, fault := a.layer(ctx, session)
	if fault != nil {
		return nil, local, errors.New(fault.Summary)
	}
	if a.Protocol == report.AMQP || a.Protocol == report.AMQPWS {
		k, err = a.keepAMQP(ctx, s)
	} else {
		k, err = a.keepMQTT(s, counted)
	}
	return k, local, err
}

// countedConn counts what came, so that a peer's close_notify can be told from a bare
// end of the stream: crypto/tls shows both as io.EOF.
type countedConn struct {
	net.Conn
	n atomic.Int64
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// listener is a keeper that reads all the time, so that an end is seen when it comes.
type listener struct {
	conn   net.Conn
	raw    *countedConn
	ask    []byte // what nudge sends
	bye    func()
	heard  chan error // one element an answer or the end
	wg     sync.WaitGroup
	before int64
	last   atomic.Bool // the peer said that it closes after this answer
}

// errSpoke means that the peer said something unasked: an HTTP 408, a DISCONNECT.
var errSpoke = errors.New("the peer spoke unasked")

func listenOn(conn net.Conn, raw *countedConn, ask []byte, bye func()) *listener {
	l := &listener{conn: conn, raw: raw, ask: ask, bye: bye, heard: make(chan error, 1), before: raw.n.Load()}
	l.wg.Go(func() {
		buf := make([]byte, 512)
		for {
			n, err := conn.Read(buf)
			if n > 0 {
				err = nil
			}
			if bytes.Contains(bytes.ToLower(buf[:n]), []byte("connection: close")) {
				l.last.Store(true)
			}
			select {
			case l.heard <- err:
			default: // more of what was heard already
			}
			if err != nil {
				return
			}
		}
	})
	return l
}

func (l *listener) rest(ctx context.Context, d time.Duration) (bool, error) {
	select {
	case err := <-l.heard:
		if err == nil {
			return true, errSpoke
		}
		return l.said(err), err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(d):
		return false, nil
	}
}

// said tells whether an end came with words: bytes that were no answer, such as TLS's
// close_notify, and then an orderly end.
func (l *listener) said(err error) bool {
	return errors.Is(err, io.EOF) && (l.last.Load() || l.raw.n.Load() > l.before)
}

func (l *listener) nudge(ctx context.Context, d time.Duration) (bool, error) {
	if _, err := l.conn.Write(l.ask); err != nil {
		return false, err
	}
	select {
	case err := <-l.heard:
		return err != nil && l.said(err), err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(d):
		return false, context.DeadlineExceeded
	}
}

var errNoChat = errors.New("nothing can be asked on such a connection")

// chat asks every beat until d is over. An answer in pieces is one answer.
func (l *listener) chat(ctx context.Context, d, beat, wait time.Duration) (bool, error) {
	for until := time.Now().Add(d); time.Now().Before(until); {
		if said, err := l.nudge(ctx, wait); err != nil {
			return said && l.last.Load(), err // what came with the end may be the answer
		}
		if err := l.drain(ctx, beat/4); err != nil {
			return l.last.Load(), err
		}
		l.before = l.raw.n.Load()
		if err := l.drain(ctx, beat-beat/4); err != nil {
			return l.said(err), err
		}
	}
	return false, nil
}

// drain takes what is heard for d, and gives what ended the connection meanwhile.
func (l *listener) drain(ctx context.Context, d time.Duration) error {
	over := time.NewTimer(d)
	defer over.Stop()
	for {
		select {
		case err := <-l.heard:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-over.C:
			return nil
		}
	}
}

func (l *listener) leave() {
	l.bye()
	l.wg.Wait()
}

// keepHTTP asks once, and reads the answer whole.
func (a *attempt) keepHTTP(ctx context.Context, session *hop.Session, raw *countedConn) (keeper, error) {
	var d report.HTTPDetail
	x := a.exchanger(ctx, session)
	path := "/devices/" + madeUpDevice + "/modules?api-version=" + apiVersion
	resp, _, err := x.get(path, "", &d)
	switch {
	case err != nil:
		return nil, err
	case resp.Close || !x.whole:
		return nil, errors.New("the server ends each connection after its answer")
	}
	ask := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: edgenet\r\n\r\n", path, bracket(a.Host))
	_ = session.SetReadDeadline(time.Time{})
	return listenOn(session, raw, []byte(ask), func() { _ = session.Close() }), nil
}

// keepMQTT logs in with a keep-alive of 0, which turns the server's own limit off.
func (a *attempt) keepMQTT(s *stream, raw *countedConn) (keeper, error) {
	l, err := a.mqttLogin()
	if err != nil {
		return nil, err
	}
	c := mqttConnect(l)
	c.Keepalive = 0
	if err := c.Write(s); err != nil {
		return nil, err
	}
	p, err := packets.ReadPacket(&io.LimitedReader{R: s, N: 64})
	if err != nil {
		return nil, err
	}
	if ack, ok := p.(*packets.ConnackPacket); !ok || ack.ReturnCode != 0 {
		return nil, errors.New("the login for an idle connection was refused")
	}
	return listenOn(s, raw, []byte{packets.Pingreq << 4, 0}, func() {
		_ = packets.NewControlPacket(packets.Disconnect).Write(s) // a goodbye
		s.drop()
		_ = s.session.Close()
	}), nil
}

// endOf names how an idle connection ended; nil means that it answered.
func endOf(said bool, err error) string {
	switch {
	case err == nil:
		return report.HoldAlive
	case said:
		return report.HoldServerIdle
	}
	if k := neterr.Of(err); k == neterr.Timeout || k == neterr.Canceled {
		return report.HoldLost
	}
	return report.HoldCut
}

func errorWords(err error) string {
	if err == nil {
		return ""
	}
	return neterr.Text(err)
}
