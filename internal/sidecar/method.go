package sidecar

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"edgenet/internal/secret"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/twin"
	"edgenet/report"
)

// Bounds of methods. A caller's own limit is 30 seconds unless he says otherwise, and
// while one method is answered no other event of edgeHub is.
const (
	maxPayload   = 8 << 10
	methodWait   = 25 * time.Second
	maxAnswer    = 120 << 10 // of 128 KiB that the hub takes
	maxHistory   = 100
	historyLimit = 50
)

// badPayload is a refusal with status 400.
type badPayload struct{ reason string }

func (e badPayload) Error() string { return e.reason }

// method answers a direct method.
func (l *loop) method(ctx context.Context, m twin.Method) twin.Reply {
	answers := map[string]func(context.Context, json.RawMessage) (int, any, error){
		"check": l.checkMethod, "report": l.reportMethod, "history": l.historyMethod, "ping": l.pingMethod,
	}
	f := answers[m.Name]
	if f == nil {
		return reply(404, map[string]any{"error": fmt.Sprintf("no method %q: expected check, report, history or ping",
			secret.Show(m.Name, 60))})
	}
	status, body, err := f(ctx, m.Payload)
	var bad badPayload
	switch {
	case errors.As(err, &bad):
		return reply(400, map[string]any{"error": bad.reason})
	case err != nil:
		return reply(500, map[string]any{"error": report.Clean(err.Error(), 200)})
	}
	return reply(status, body)
}

func reply(status int, body any) twin.Reply {
	b, err := json.Marshal(body)
	if err != nil {
		return twin.Reply{Status: 500, Payload: json.RawMessage(`{"error":"the answer cannot be written"}`)}
	}
	return twin.Reply{Status: status, Payload: b}
}

// payload reads an object into v: empty and null are an empty one, unknown keys and
// anything behind it are refused.
func payload(raw json.RawMessage, v any, form string) error {
	if len(raw) > maxPayload {
		return badPayload{fmt.Sprintf("a payload of %d bytes: at most %d are read", len(raw), maxPayload)}
	}
	text := bytes.TrimSpace(raw)
	if len(text) == 0 || string(text) == "null" {
		return nil
	}
	if text[0] != '{' {
		return badPayload{fmt.Sprintf("the payload %s is no object: expected %s", secret.Show(string(text), 60), form)}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badPayload{fmt.Sprintf("the payload cannot be used (%s): expected %s",
			report.Clean(secret.Within(err.Error()), 100), form)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badPayload{"something follows the payload's object"}
	}
	return nil
}

// checkMethod runs a check now.
func (l *loop) checkMethod(ctx context.Context, raw json.RawMessage) (int, any, error) {
	in := struct {
		Wait *bool `json:"wait"`
	}{}
	if err := payload(raw, &in, `{}, or {"wait":false} for an answer at once`); err != nil {
		return 0, nil, err
	}
	id, ch := l.call()
	defer l.forget(id)
	l.post(machine.CheckAsked{Call: id, Wait: in.Wait == nil || *in.Wait})
	limit := time.NewTimer(methodWait)
	defer limit.Stop()
	select {
	case a := <-ch:
		return a.Status, a.Body, nil
	case <-limit.C:
		return 200, map[string]any{"done": false,
			"reason": "the check takes longer than a method may: ask for the report later"}, nil
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
}

// historyMethod gives the last transitions, the newest last.
func (l *loop) historyMethod(_ context.Context, raw json.RawMessage) (int, any, error) {
	in := struct {
		Limit *int `json:"limit"`
	}{}
	const form = `{}, or {"limit":N} for the last N transitions, 1 to 100`
	if err := payload(raw, &in, form); err != nil {
		return 0, nil, err
	}
	n := historyLimit
	if in.Limit != nil {
		n = *in.Limit
	}
	if n < 1 || n > maxHistory {
		return 0, nil, badPayload{fmt.Sprintf("limit %d: expected %s", n, form)}
	}
	v := l.shown.Load()
	log := v.state.Log
	if len(log) > n {
		log = log[len(log)-n:]
	}
	if log == nil {
		log = []machine.Transition{}
	}
	return 200, map[string]any{"transitions": log, "pending": v.state.Pending(), "dropped": v.state.Dropped}, nil
}

func (l *loop) pingMethod(_ context.Context, raw json.RawMessage) (int, any, error) {
	if err := payload(raw, &struct{}{}, "{}"); err != nil {
		return 0, nil, err
	}
	v := l.shown.Load()
	_, checking := v.state.Checking()
	return 200, map[string]any{"pong": true, "version": l.o.Version, "status": v.state.Status, "seq": v.state.Seq,
		"uptimeSec": int64(time.Since(l.begun) / time.Second), "checking": checking}, nil
}

// reportMethod gives the last full report.
func (l *loop) reportMethod(_ context.Context, raw json.RawMessage) (int, any, error) {
	if err := payload(raw, &struct{}{}, "{}"); err != nil {
		return 0, nil, err
	}
	v := l.shown.Load()
	if v.report == nil {
		return 404, map[string]any{"error": "there is no report yet: the first check is under way"}, nil
	}
	body, err := cutReport(v.report, maxAnswer)
	return 200, body, err
}
