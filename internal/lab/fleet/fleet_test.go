package fleet

import (
	"encoding/json"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newFleet(t testing.TB, o Options) *Fleet {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = start
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLook(t *testing.T) {
	f := newFleet(t, Options{Devices: 2000, Seed: 7})
	b, _ := json.MarshalIndent(f.Count(), "", " ")
	t.Logf("%s\n%+v", b, f.Stranded())
	f.Advance(48 * time.Hour)
	b, _ = json.Marshal(f.Count())
	t.Logf("%s", b)
	p, err := f.query("SELECT TOP 3 * FROM devices.modules WHERE moduleId='edgenet'", 0, "")
	t.Logf("%s %v", p.rows, err)
	p, err = f.query("SELECT * FROM devices.modules WHERE moduleId='$edgeAgent' AND deviceId='edge-000002'", 0, "")
	t.Logf("%s %v", p.rows, err)
	p, err = f.query("SELECT properties.reported.edgenet.cause AS c, COUNT() AS n FROM devices.modules WHERE moduleId='edgenet' GROUP BY properties.reported.edgenet.cause", 0, "")
	t.Logf("%s %v", p.rows, err)
}
