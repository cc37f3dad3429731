package twin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Bounds of methods: the hub's, and what of a name is kept.
const (
	maxReply      = 128 << 10 // bytes
	maxMethodName = 128
	maxHeld       = 16 // changes kept for the first Twin, which covers older ones anyway
)

// At most so many notices go to the handler within a window.
const (
	maxNotices   = 60
	noticeWindow = time.Minute
)

// dispatch calls the handler, one event after the other.
func (s *Session) dispatch() {
	defer s.wg.Done()
	var held []event
	for {
		e, ok := s.in.take(s.ctx)
		switch {
		case !ok:
			return
		case e.kind == eventNotice:
			s.notice(e.err)
		case e.kind == eventMethod:
			s.method(e)
			s.in.quiet.add(-1)
		case !s.track.isBased():
			if held = append(held, e); len(held) > maxHeld {
				held = held[1:]
			}
		default:
			for _, h := range append(held, e) {
				s.desired(h)
			}
			held = nil
		}
	}
}

// notice tells the handler, which may write a log on a small disk: an edgeHub that talks
// nonsense is told of only so often.
func (s *Session) notice(err error) {
	now := time.Now()
	if now.Sub(s.noticed.since) > noticeWindow {
		s.noticed.since, s.noticed.n = now, 0
	}
	s.noticed.n++
	if s.c.Handler.Notice == nil || s.noticed.n > maxNotices {
		return
	}
	if s.noticed.n == maxNotices {
		err = fmt.Errorf("%w (what else comes within %s is not told)", err, noticeWindow)
	}
	s.c.Handler.Notice(err)
}

// desired tells of a change, and fills gaps from the twin itself.
func (s *Session) desired(e event) {
	var d Desired
	var fresh bool
	switch e.kind {
	case eventDesired:
		version, patch, err := parseDesired(e.body, e.version)
		if err != nil {
			s.notice(err)
			return
		}
		if d, fresh = s.fill(version); !fresh {
			d, fresh = s.track.patch(version, patch)
		}
	case eventTwin:
		t, doc, err := parseTwin(e.body)
		if err != nil {
			s.notice(err)
			return
		}
		d, fresh = s.track.whole(t.DesiredVersion, doc)
	}
	if fresh && s.c.Handler.Desired != nil {
		s.c.Handler.Desired(d)
	}
}

// fill reads the twin where notices before this version are missing: edgeHub sends one
// for many after it was offline, and what was lost on the way stays lost.
func (s *Session) fill(version int64) (Desired, bool) {
	if !s.track.missing(version) {
		return Desired{}, false
	}
	t, doc, err := s.get(s.ctx)
	if err != nil {
		s.notice(fmt.Errorf("desired properties before version %d were missed, and the twin cannot be read: %w",
			version, err))
		return Desired{}, false
	}
	if t.DesiredVersion < version {
		return Desired{}, false // edgeHub's copy is behind its own notice, which then is all there is
	}
	return s.track.whole(t.DesiredVersion, doc)
}

// method calls the handler and sends what it answers.
func (s *Session) method(e event) {
	r := s.answer(e)
	if len(r.Payload) > maxReply || len(r.Payload) > 0 && !json.Valid(r.Payload) {
		r = failure(http.StatusInternalServerError, "the answer is not JSON of at most 128 KiB")
	}
	err := s.use(s.ctx, func(ctx context.Context, w wire) error { return w.reply(ctx, e.call, r) })
	if err != nil {
		s.notice(fmt.Errorf("the answer to method %s did not go out: %w", secret.Show(e.name, 60), err))
	}
}

func (s *Session) answer(e event) Reply {
	payload := e.body
	if len(payload) == 0 {
		payload = []byte("null")
	}
	switch {
	case len(e.name) > maxMethodName || report.Clean(e.name, maxMethodName) != e.name:
		return failure(http.StatusBadRequest, "the method's name is too long or not printable")
	case len(payload) > maxReply:
		return failure(http.StatusBadRequest, "the payload is longer than 128 KiB")
	case s.c.Handler.Method == nil:
		return failure(http.StatusNotFound, "this module has no methods")
	}
	if err := checkJSON(payload); err != nil {
		return failure(http.StatusBadRequest, "the payload: "+err.Error())
	}
	return s.c.Handler.Method(s.ctx, Method{e.name, payload})
}

// failure is the answer to a call that never came to the handler.
func failure(status int, reason string) Reply {
	return Reply{status, encode(object{"error": reason})}
}
