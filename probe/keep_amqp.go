package probe

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/Azure/go-amqp"
)

// amqpKeeper leaves reading to go-amqp.
type amqpKeeper struct {
	conn *amqp.Conn
	s    *stream
}

// hushed sends no empty frames, which are AMQP's heartbeats (part 2, section 2.4.5).
type hushed struct{ net.Conn }

func (h hushed) Write(p []byte) (int, error) {
	if len(p) == 8 && string(p) == "\x00\x00\x00\x08\x02\x00\x00\x00" {
		return len(p), nil
	}
	return h.Conn.Write(p)
}

// keepAMQP opens a connection with a token put and no link, so that it takes nobody's
// place. It asks the peer for no heartbeats either.
func (a *attempt) keepAMQP(ctx context.Context, s *stream) (keeper, error) {
	conn, err := amqp.NewConn(ctx, hushed{s}, &amqp.ConnOptions{SASLType: amqp.SASLTypeAnonymous(), HostName: a.Host,
		ContainerID: madeUpDevice, IdleTimeout: -1})
	if err != nil {
		return nil, err
	}
	k := &amqpKeeper{conn, s}
	if a.Identity.Certificate != nil {
		return k, nil
	}
	sess, err := conn.NewSession(ctx, nil)
	if err == nil {
		if f := a.beginAuth().putToken(ctx, sess); f != nil {
			err = errors.New(f.Summary)
		}
	}
	if err != nil {
		k.leave()
		return nil, err
	}
	return k, nil
}

func (k *amqpKeeper) rest(ctx context.Context, d time.Duration) (bool, error) {
	select {
	case <-k.conn.Done():
		err := k.conn.Err()
		return amqpSaid(err), err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(d):
		return false, nil
	}
}

// amqpSaid: the peer sent CLOSE.
func amqpSaid(err error) bool {
	var e *amqp.ConnError
	return errors.As(err, &e) && e.RemoteErr != nil
}

func (k *amqpKeeper) nudge(ctx context.Context, d time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_, err := k.conn.NewSession(ctx, nil)
	return amqpSaid(err), err
}

func (k *amqpKeeper) leave() {
	_ = k.conn.Close() // and the stream with it
	k.s.drop()
	_ = k.s.session.Close()
}
