package twin

import (
	"time"

	"edgenet/internal/alarm"
	"edgenet/internal/amqpwire"
)

// takeBeats takes the heartbeats over from go-amqp, whose timer would wake an idle process (package
// alarm): it is told that the peer wants them once in 25 days. field is the idle time-out in OPEN and
// what follows; where it is none of 32 bits, or has been passed on in part, go-amqp sends them.
func (g *guard) takeBeats(idle time.Duration, field []byte) {
	const uint32Constructor = 0x70
	if idle == 0 || len(field) < 5 || field[0] != uint32Constructor {
		return
	}
	copy(field[1:5], "\xff\xff\xff\xff")
	g.mu.Lock()
	defer g.mu.Unlock()
	g.every = idle / 2
}

// beats sends them. A connection that does not take one has ended.
func (w *amqpWire) beats() {
	defer w.wg.Done()
	w.g.mu.Lock()
	every := w.g.every
	w.g.mu.Unlock()
	if every == 0 {
		return
	}
	next, rings := alarm.Channel(alarm.New)
	defer next.Close()
	for {
		next.Set(every)
		select {
		case <-w.over:
			return
		case <-rings:
		}
		_ = w.g.SetWriteDeadline(time.Now().Add(amqpWrite)) // never fails
		if _, err := w.g.Write(amqpwire.Heartbeat()); err != nil {
			w.g.ended(err)
			w.g.drop()
			return
		}
	}
}
