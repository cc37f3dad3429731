package sidecar

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/twin"
	"edgenet/report"
)

// Bounds of the session with edgeHub. A refused login counts against the device, so the
// pause after one is long from the start.
const (
	firstPause   = time.Second
	longestPause = time.Minute
	steady       = time.Minute // a session that lasted as long starts the pauses over
	output       = "edgenet"   // telemetry's
)

// sessionKeeper keeps one session with edgeHub, and opens the next when it is lost.
type sessionKeeper struct {
	l    *loop
	open func(ctx context.Context, h twin.Handler, first twin.Transport) (Session, error)

	mu      sync.Mutex
	session Session // nil without one
	version int64   // of the desired section that was posted last
}

func newSessionKeeper(l *loop) *sessionKeeper {
	h := &sessionKeeper{l: l, open: l.o.Open}
	if h.open == nil {
		h.open = l.o.openTwin
	}
	return h
}

// openTwin opens a real session.
func (o Options) openTwin(ctx context.Context, h twin.Handler, first twin.Transport) (Session, error) {
	c, err := o.Module.Config()
	if err != nil {
		return nil, err
	}
	c.Handler = h
	if len(o.ConnectTo) > 0 {
		c.Dial = o.dial
	}
	s, err := twin.Open(ctx, c, first)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// run keeps the session up until the context ends.
func (h *sessionKeeper) run(ctx context.Context, first twin.Transport) {
	pause, said := firstPause, ""
	for ctx.Err() == nil {
		s, err := h.open(ctx, twin.Handler{Desired: h.desired, Method: h.l.method, Notice: h.notice}, first)
		if err == nil {
			begun := time.Now()
			first, said = s.Transport(), ""
			err = h.serve(ctx, s)
			if time.Since(begun) > steady {
				pause = firstPause
			}
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil && err.Error() != said { // once, however often it is tried
			said = err.Error()
			h.l.o.Log.Warn("no session with edgeHub: " + report.Clean(said, 400))
		}
		if errors.Is(err, twin.ErrRefused) {
			pause = longestPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(jittered(pause, h.l.o.Module.Name())):
		}
		pause = min(2*pause, longestPause)
	}
}

// jittered spreads the reconnects of modules that lost the same edgeHub or power.
func jittered(pause time.Duration, name string) time.Duration {
	f := fnv.New32a()
	_, _ = f.Write([]byte(name)) // never fails
	return pause + pause*time.Duration(f.Sum32()%256)/1024
}

// serve reads the twin, tells the loop, and waits for the session's end. An error is one
// of the beginning; the end of a session that was there is an event.
func (h *sessionKeeper) serve(ctx context.Context, s Session) error {
	defer func() { _ = s.Close() }() // its end has been told
	h.mu.Lock()
	h.version = -1
	h.mu.Unlock()
	t, err := s.Twin(ctx)
	if err != nil {
		return err
	}
	var reported map[string]any
	if err := json.Unmarshal(t.Reported, &reported); err != nil && len(t.Reported) > 0 {
		return errors.New("the twin's reported properties are no JSON object")
	}
	own, _ := reported[machine.Section].(map[string]any)
	h.mu.Lock()
	h.session = s
	h.mu.Unlock()
	h.l.post(machine.LinkUp{Transport: string(s.Transport()), Reported: own})
	h.desired(twin.Desired{Version: t.DesiredVersion, Document: t.Desired})
	h.l.readEdgeHub()
	select {
	case <-s.Done():
	case <-ctx.Done():
	}
	h.mu.Lock()
	h.session = nil
	h.mu.Unlock()
	if ctx.Err() == nil {
		h.l.post(machine.LinkDown{Reason: report.Clean(s.Err().Error(), 200)})
	}
	return nil
}

// desired posts a section that is not older than the last one.
func (h *sessionKeeper) desired(d twin.Desired) {
	h.mu.Lock()
	old := d.Version < h.version
	if !old {
		h.version = d.Version
	}
	h.mu.Unlock()
	if old {
		return
	}
	section := desired.Canonical(d.Document)
	settings, complaints := desired.Parse(section, h.l.o.Allow)
	h.l.post(machine.DesiredSeen{Section: section, Settings: settings, Complaints: complaints})
}

func (h *sessionKeeper) notice(err error) {
	h.l.o.Log.Warn("edgeHub: " + report.Clean(err.Error(), 300))
}

// errNoSession ends what was to be sent when the session was lost.
var errNoSession = errors.New("there is no session with edgeHub")

func (h *sessionKeeper) current() Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.session
}

func (h *sessionKeeper) patch(body json.RawMessage) error {
	s := h.current()
	if s == nil {
		return errNoSession
	}
	if err := twin.CheckPatch(body); err != nil {
		return err
	}
	return s.Report(h.l.ctx, body)
}

// send sends a transition. Its id is the same whenever it is sent again.
func (h *sessionKeeper) send(t machine.Transition) error {
	s := h.current()
	if s == nil {
		return errNoSession
	}
	body, err := json.Marshal(t.Event())
	if err != nil {
		return err
	}
	id := "edgenet-" + strconv.FormatUint(t.Seq, 10) + "-" + strconv.FormatInt(t.At.Unix(), 36)
	return s.Send(h.l.ctx, twin.Message{Output: output, ID: id, Body: body,
		Properties: map[string]string{"schema": machine.EventSchema}})
}

// linked tells whether there is a session.
func (h *sessionKeeper) linked() bool { return h.current() != nil }

var _ Session = (*twin.Session)(nil)

// hostPort is where a dial goes after EDGENET_CONNECT_TO.
func (o Options) hostPort(host string, port int) string {
	if to, ok := o.ConnectTo[hop.HostPort(host, port)]; ok {
		return to.String()
	}
	return hop.HostPort(host, port)
}
