package rollout

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/fleet/fakehub"
)

func apply(t *testing.T, w *world, change func(*Options)) (*Outcome, error) {
	t.Helper()
	f := w.open(t)
	defer func() { _ = f.Close() }()
	o := w.options(t, w.client(t), f)
	if change != nil {
		change(&o)
	}
	return Apply(t.Context(), o)
}

// TestStopsAndUndoesItsWave: the first device that does not come back stops the run; its
// wave is as it was before, the waves before it stay, nobody after it is touched.
func TestStopsAndUndoesItsWave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.hub.Devices["dev-05"].Broken = true // of the second wave
	for _, d := range w.hub.Devices {     // the way back is open
		d.Report["direct"].(map[string]any)["AMQP"] = "ok"
		d.Works["AMQP@direct"] = true
	}
	out, err := apply(t, w, func(o *Options) { o.Window = 300 * time.Millisecond })
	if err != nil || len(out.Failed) != 1 || out.Failed[0].ID != "dev-05" || len(out.Moved) != 3 ||
		len(out.TakenBack) != 7 {
		t.Fatalf("%v %+v", err, out)
	}
	tagged := 0
	for _, d := range w.hub.Devices {
		if d.Tags["edgenet"] != nil {
			tagged++
		}
	}
	if tagged != 3 {
		t.Errorf("%d devices have a tag, want the canaries' 3", tagged)
	}
	again, err := apply(t, w, nil)
	if err != nil || !again.Stopped() || len(again.Moved) > 0 {
		t.Errorf("the next run goes on: %v %+v", err, again)
	}
}

// TestNeverCutsOffByTakingBack: a device that is back is kept where its own report says
// that the way it came from is closed.
func TestNeverCutsOffByTakingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 8)
	w.hub.Devices["dev-02"].Broken = true
	out, err := apply(t, w, func(o *Options) { o.Window, o.Canary, o.Wave = 300*time.Millisecond, 0, 0 })
	if err != nil || len(out.Failed) != 1 || len(out.TakenBack) != 1 || out.TakenBack[0] != "dev-02" ||
		len(out.Kept) != 7 {
		t.Fatalf("%v %+v", err, out)
	}
	for id, d := range w.hub.Devices {
		if (d.Tags["edgenet"] != nil) != (id != "dev-02") || d.Down {
			t.Errorf("%s: %v, down %v", id, d.Tags, d.Down)
		}
	}
}

// TestForeignRetag: a tag that somebody else set in between is left, and said.
func TestForeignRetag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.hub.Devices["dev-01"].Touch(map[string]any{"edgenet": map[string]any{"class": "theirs"}})
	out, err := apply(t, w, nil)
	if err != nil || len(out.Moved) != 3 || len(out.Skipped) != 1 || out.Skipped[0].ID != "dev-01" ||
		!strings.Contains(out.Skipped[0].Why, "somebody else") {
		t.Fatalf("%v %+v", err, out)
	}
	if got := w.hub.Devices["dev-01"].Tags["edgenet"].(map[string]any)["class"]; got != "theirs" {
		t.Errorf("their tag is %v", got)
	}
}

// TestPreconditionReadAgain: a twin that changes between reading and writing is read again;
// what the other wrote stays.
func TestPreconditionReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	var once atomic.Bool
	w.hub.Before = func(r *http.Request) {
		if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/twins/dev-02") && once.CompareAndSwap(false,
			true) {
			w.hub.Lock()
			w.hub.Devices["dev-02"].Touch(map[string]any{"owner": "them"})
			w.hub.Unlock()
		}
	}
	out, err := apply(t, w, nil)
	if err != nil || len(out.Moved) != 4 || w.hub.Devices["dev-02"].Tags["owner"] != "them" || !once.Load() {
		t.Fatalf("%v %+v", err, out)
	}
}

// TestEvidenceIsReadAgain: what changed since the plan is not moved.
func TestEvidenceIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		set  func(d *fakehub.Device)
		says string
	}{
		{"works no longer", func(d *fakehub.Device) { d.Report["direct"].(map[string]any)["AMQPWS"] = "tls.eof" },
			"no longer works"},
		{"flaps", func(d *fakehub.Device) { d.Report["flapping"] = []any{"AMQPWS@direct"} }, "flapping"},
		{"silent", func(d *fakehub.Device) { d.Report["checkedAt"] = "2020-01-01T00:00:00Z" }, "silent"},
		{"changed", func(d *fakehub.Device) { d.Report["changedAt"] = d.Report["checkedAt"] }, "changed"},
		{"clock", func(d *fakehub.Device) { d.Report["clockSuspect"] = true }, "clock"},
	} {
		w := newWorld(t, 2)
		c.set(w.hub.Devices["dev-00"])
		out, err := apply(t, w, nil)
		if err != nil || len(out.Moved) != 1 || len(out.Skipped) != 1 || !strings.Contains(out.Skipped[0].Why, c.says) {
			t.Errorf("%s: %v %+v", c.what, err, out)
		}
		if w.hub.Devices["dev-00"].Tags["edgenet"] != nil {
			t.Errorf("%s: it has a tag", c.what)
		}
	}
}

// TestSilentQuota: a hub that answers success and keeps nothing is found out, and no tag is
// written.
func TestSilentQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.hub.QuotaSilent = true
	before := w.state()
	_, err := apply(t, w, nil)
	if err == nil || !strings.Contains(err.Error(), "limit of deployments") || w.state() != before {
		t.Fatalf("%v", err)
	}
}

// TestFullHub: the 101st deployment is refused before anything is written.
func TestFullHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	for i := range 99 {
		id := "old-" + strings.Repeat("x", i+1)
		w.hub.Configurations[id] = &fakehub.Configuration{ID: id, Condition: "tags.none='x'", Priority: 1,
			Content: []byte(`{"$edgeAgent":{"properties.desired":{}}}`)}
	}
	before := w.state()
	_, err := apply(t, w, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "F12") || w.state() != before {
		t.Fatalf("%v", err)
	}
	if text, _ := os.ReadFile(w.path); len(bytes.TrimSpace(text)) > 0 {
		t.Errorf("the journal has %s", text)
	}
}

// TestInUse: two runs at once would write over each other.
func TestInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	f := w.open(t)
	defer func() { _ = f.Close() }()
	if _, err := OpenFile(w.path); !errors.Is(err, ErrInUse) {
		t.Errorf("a second run: %v", err)
	}
}

// TestUndoLeavesOthers: a deployment that other devices are under stays, and so does a tag
// that somebody changed since.
func TestUndoLeavesOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	if _, err := apply(t, w, nil); err != nil {
		t.Fatal(err)
	}
	moved := w.hub.Devices["dev-00"]
	other := device(98)
	other.Tags["edgenet"] = moved.Tags["edgenet"]
	w.hub.Devices[other.ID] = other
	w.hub.Devices["dev-01"].Touch(map[string]any{"edgenet": map[string]any{"class": "theirs"}})
	f := w.open(t)
	defer func() { _ = f.Close() }()
	out, err := Undo(t.Context(), w.options(t, w.client(t), f))
	if err != nil || len(out.Left) != 2 || len(out.TakenBack) != 3 {
		t.Fatalf("%v %+v", err, out)
	}
	if len(w.hub.Configurations) != 1 {
		t.Errorf("%d deployments are left, want the one that %s is under", len(w.hub.Configurations), other.ID)
	}
}

// TestStopsWhenTold: a cancelled run ends, and leaves a journal that goes on.
func TestStopsWhenTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6)
	w.hub.Devices["dev-03"].Broken = true
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	f := w.open(t)
	defer func() { _ = f.Close() }()
	o := w.options(t, w.client(t), f)
	o.Window = time.Hour
	if _, err := Apply(ctx, o); err == nil {
		t.Fatal("it came to an end")
	}
	if _, stopped := f.Journal().Stopped(); stopped {
		t.Error("it took a wave back whose window is open")
	}
}

// TestWaves: canaries are of every class.
func TestWaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	waves := fleet.Waves(w.plan.Moves, 4, 6)
	classes := map[string]int{}
	for _, m := range waves[0] {
		classes[m.To]++
	}
	if len(waves) != 4 || len(waves[0]) != 4 || len(waves[3]) != 4 || len(classes) != 2 {
		t.Errorf("%d waves, canaries %v", len(waves), classes)
	}
}
