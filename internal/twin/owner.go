package twin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"edgenet/internal/alarm"
)

// errReplace is a wire's answer to renew: a token of this protocol is that of its
// connection.
var errReplace = errors.New("the protocol takes a new token only with a new connection")

// own watches over the connection and renews its token in time. The alarm is monotonic:
// a clock that is set does not delay it.
func (s *Session) own(made time.Time) {
	defer s.wg.Done()
	due, rings := alarm.Channel(alarm.New)
	defer due.Close()
	due.Set(time.Until(made.Add(s.c.renewAfter())))
	for {
		w := s.current()
		select {
		case <-s.ctx.Done():
			w.close()
			return
		case <-w.done():
			s.end(lost(w))
			w.close()
			return
		case <-rings:
			next, err := s.renew(w)
			if err != nil {
				s.in.notice(fmt.Errorf("token not renewed: %w", err))
			}
			due.Set(next)
		}
	}
}

// renewTimeouts are how many of Config.Timeout a renewal may take: one of them waits for
// what is under way.
const renewTimeouts = 3

// lingerWait is how long calls of methods may be late after edgeHub was told to keep them.
const lingerWait = 250 * time.Millisecond

// slack is the time between the moment to renew a token and its end.
func (s *Session) slack() time.Duration { return s.c.tokenLife() - s.c.renewAfter() }

// renew replaces the token and tells when the next one is due: soon, where it failed
// and the old one still counts.
func (s *Session) renew(w wire) (time.Duration, error) {
	again := s.slack() / 5
	ctx, cancel := context.WithTimeout(s.ctx, renewTimeouts*s.c.timeout())
	defer cancel()
	cred, err := s.c.credentials(ctx)
	if err != nil {
		return again, err
	}
	if err = w.renew(ctx, cred.token); errors.Is(err, errReplace) {
		err = s.replace(ctx, w, cred)
	}
	if err != nil {
		return again, err
	}
	return time.Until(cred.made.Add(s.c.renewAfter())), nil
}

// replace puts a new connection in the place of an old one that is well. What may fail
// comes first; then edgeHub keeps its calls of methods, requests wait outside, those
// inside and the running methods end, and only then the old connection says goodbye and
// the new one logs in: edgeHub takes one at a time. What changed in between is read from
// the twin.
func (s *Session) replace(ctx context.Context, old wire, cred credentials) error {
	stream, err := s.c.open(ctx, s.transport, cred.roots)
	if err != nil {
		return err
	}
	idle, cancel := context.WithTimeout(ctx, s.c.timeout())
	defer cancel()
	if err := old.drain(idle); err != nil {
		s.in.notice(fmt.Errorf("before the new token: %w", err))
	}
	select { // what edgeHub had under way by then may still come (MQTT 3.1.1, 3.10.4)
	case <-time.After(lingerWait):
	case <-idle.Done():
	}
	s.in.quiet.wait(idle)
	s.gate.shut(idle)
	defer s.gate.reopen()
	old.close()
	w, err := s.c.login(ctx, s.transport, stream, cred, s.in)
	if err != nil {
		s.end(fmt.Errorf("%w: with a new token: %w", ErrLost, err))
		return err
	}
	s.mu.Lock()
	s.wire = w
	s.mu.Unlock()
	if !s.track.isBased() {
		return nil
	}
	a, err := w.ask(ctx, opGet, nil)
	if err == nil {
		err = a.fault(opGet)
	}
	if err == nil {
		err = s.in.post(event{kind: eventTwin, body: a.body})
	}
	if err != nil { // a change could be lost, so the session goes
		s.end(fmt.Errorf("%w: with a new token: %w", ErrLost, err))
	}
	return err
}
