package rollout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

var errKilled = errors.New("killed")

// killer ends a run at a write, in one of the places where a kill makes a difference.
type killer struct {
	*service.Client
	log   *File
	at    int // the write
	place string
	n     int
	dead  bool
}

const (
	beforeLine = "before the line" // of the intention
	tornLine   = "in the middle of the line"
	beforeSend = "before it is sent"
	afterSend  = "after it was sent"
	tornDone   = "in the middle of the last line"
)

func (k *killer) Journal() *fleet.Journal { return k.log.Journal() }

func (k *killer) Append(e fleet.Entry) error {
	if e.State == fleet.Intended {
		k.n++
	}
	mine := k.n == k.at && !k.dead
	line, _ := json.Marshal(e)
	switch {
	case k.dead:
		return errKilled
	case mine && e.State == fleet.Intended && k.place == beforeLine:
		k.dead = true
		return errKilled
	case mine && (e.State == fleet.Intended && k.place == tornLine || e.State != fleet.Intended && k.place == tornDone):
		k.dead = true
		_, _ = k.log.f.Write(line[:len(line)/2])
		return errKilled
	}
	return k.log.Append(e)
}

// send carries a write out unless the kill comes first.
func (k *killer) send(write func() error) error {
	mine := k.n == k.at && !k.dead
	if k.dead || mine && k.place == beforeSend {
		k.dead = true
		return errKilled
	}
	err := write()
	if mine && k.place == afterSend {
		k.dead = true
		return errKilled
	}
	return err
}

func (k *killer) PatchTags(ctx context.Context, device, module, etag string, tags map[string]any) (t *service.Twin,
	err error) {
	err = k.send(func() (err error) { t, err = k.Client.PatchTags(ctx, device, module, etag, tags); return err })
	return t, err
}

func (k *killer) Create(ctx context.Context, x *service.Configuration) (c *service.Configuration, err error) {
	err = k.send(func() (err error) { c, err = k.Client.Create(ctx, x); return err })
	return c, err
}

func (k *killer) Delete(ctx context.Context, id, etag string) error {
	return k.send(func() error { return k.Client.Delete(ctx, id, etag) })
}

// Twin keeps a dead run from reading on: a killed process does nothing.
func (k *killer) Twin(ctx context.Context, device, module string) (*service.Twin, error) {
	if k.dead {
		return nil, errKilled
	}
	return k.Client.Twin(ctx, device, module)
}

func (k *killer) Configuration(ctx context.Context, id string) (*service.Configuration, error) {
	if k.dead {
		return nil, errKilled
	}
	return k.Client.Configuration(ctx, id)
}

var places = []string{beforeLine, tornLine, beforeSend, afterSend, tornDone}

const killDevices = 24 // with two deployments and two tags a device: 50 writes

// whole is the state after an undisturbed run.
func whole(t *testing.T) (state string, writes int) {
	w := newWorld(t, killDevices)
	f := w.open(t)
	defer func() { _ = f.Close() }()
	k := &killer{Client: w.client(t), log: f}
	out, err := Apply(t.Context(), w.options(t, k, k))
	if err != nil || len(out.Moved) != killDevices || out.Stopped() {
		t.Fatalf("%v %+v", err, out)
	}
	return stable(w), k.n
}

// stable is the state without the times and hashes that differ between two worlds.
func stable(w *world) string {
	return string(bytes.ReplaceAll([]byte(w.state()), []byte(w.plan.At.UTC().Format("2006-01-02T15:04:05Z")),
		[]byte("AT")))
}

// TestKillAtEveryWrite: wherever a run is killed, the next one ends in the same state, and
// undo in the state before.
func TestKillAtEveryWrite(t *testing.T) {
	t.Parallel()
	want, writes := whole(t)
	if writes != 50 {
		t.Fatalf("%d writes, want 50", writes)
	}
	for i, place := range places {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			for at := 1; at <= writes; at++ {
				if at%len(places) == i || everyPlace() {
					killed(t, at, place, want)
				}
			}
		})
	}
}

// everyPlace has each write killed in all places, which takes two minutes, and not only in
// one after the other.
func everyPlace() bool { return os.Getenv("EDGENET_CHAOS") != "" }

func killed(t *testing.T, at int, place, want string) {
	t.Helper()
	for _, then := range []string{"resume", "undo"} {
		w := newWorld(t, killDevices)
		before := w.state()
		f := w.open(t)
		k := &killer{Client: w.client(t), log: f, at: at, place: place}
		if _, err := Apply(t.Context(), w.options(t, k, k)); !errors.Is(err, errKilled) {
			t.Fatalf("write %d: %v", at, err)
		}
		_ = f.Close()
		f = w.open(t)
		var err error
		if then == "resume" {
			_, err = Apply(t.Context(), w.options(t, w.client(t), f))
		} else {
			_, err = Undo(t.Context(), w.options(t, w.client(t), f))
		}
		_ = f.Close()
		if err != nil {
			t.Fatalf("%s after write %d was killed %s: %v", then, at, place, err)
		}
		if got := stable(w); then == "resume" && got != want {
			t.Fatalf("resume after write %d was killed %s:\n%s\nwant\n%s", at, place, got, want)
		}
		if got := w.state(); then == "undo" && got != before {
			t.Fatalf("undo after write %d was killed %s:\n%s\nwant\n%s", at, place, got, before)
		}
	}
}

// TestKillUndo: an undo that is killed at any write goes on, and ends where it should.
func TestKillUndo(t *testing.T) {
	t.Parallel()
	for i, place := range places {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			for at := 1; at <= 18; at++ {
				if at%len(places) != i && !everyPlace() {
					continue
				}
				w := newWorld(t, 8)
				before := w.state()
				f := w.open(t)
				if _, err := Apply(t.Context(), w.options(t, w.client(t), f)); err != nil {
					t.Fatal(err)
				}
				_ = f.Close()
				f = w.open(t)
				k := &killer{Client: w.client(t), log: f, at: at, place: place}
				if _, err := Undo(t.Context(), w.options(t, k, k)); !errors.Is(err, errKilled) {
					t.Fatalf("write %d: %v", at, err)
				}
				_ = f.Close()
				f = w.open(t)
				out, err := Undo(t.Context(), w.options(t, w.client(t), f))
				_ = f.Close()
				if err != nil || len(out.Left) > 0 || w.state() != before {
					t.Fatalf("write %d killed %s: %v %+v\n%s\nwant\n%s", at, place, err, out.Left, w.state(), before)
				}
			}
		})
	}
}

// TestJournalLines: a line of the intention comes before every write, and each has the
// contract's keys.
func TestJournalLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	f := w.open(t)
	if _, err := Apply(t.Context(), w.options(t, w.client(t), f)); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	text, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]bool{}
	n := 0
	for line := range bytes.Lines(text) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"at", "n", "kind", "id", "before", "after", "etag", "state"} {
			if _, ok := e[key]; !ok {
				t.Errorf("%s lacks %s", line, key)
			}
		}
		key := fmt.Sprint(e["kind"], e["id"], e["n"])
		if e["state"] == "done" && !open[key] {
			t.Errorf("%s was not intended before", line)
		}
		open[key] = true
		n++
	}
	if n != 2*(2+4) {
		t.Errorf("%d lines", n)
	}
}
