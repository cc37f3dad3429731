package fleet

import (
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"time"
)

// Fifty thousand devices, page by page, each module once, in bounded time.
func TestScale(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 50_000, Seed: 3})
	begun := time.Now()
	rows, pages := ask(t, f, "SELECT deviceId, properties.reported.edgenet.status AS s FROM devices.modules WHERE "+
		"moduleId = 'edgenet'", 1000)
	seen, byStatus := map[any]bool{}, map[string]int{}
	for _, r := range rows {
		o, _ := r.(object)
		seen[o.Get("deviceId")] = true
		if s, ok := o.Get("s").(string); ok {
			byStatus[s]++
		}
	}
	c := f.Count()
	if len(seen) != len(rows) || fmt.Sprint(byStatus) != fmt.Sprint(c.ByStatus) || pages < 48 || pages > 60 {
		t.Errorf("%d rows of %d devices in %d pages: %v, the lab counts %v", len(rows), len(seen), pages, byStatus,
			c.ByStatus)
	}
	whole, pages := ask(t, f, "SELECT TOP 10000 * FROM devices.modules", 1000)
	if len(whole) != 10_000 || pages != 10 {
		t.Errorf("TOP: %d rows in %d pages", len(whole), pages)
	}
	if spent := time.Since(begun); spent > 5*time.Minute {
		t.Errorf("%s", spent)
	}
}

// BenchmarkFleet is the largest hub: what a device costs, and how fast its twins are read.
func BenchmarkFleet(b *testing.B) {
	f, perDevice := million(b)
	sweep := "SELECT deviceId, properties.reported.edgenet FROM devices.modules WHERE moduleId = 'edgenet'"
	for _, q := range []struct{ name, text string }{
		{"sweep", sweep}, {"whole", "SELECT * FROM devices.modules WHERE moduleId = 'edgenet'"},
	} {
		b.Run(q.name, func(b *testing.B) {
			rows, bytes := 0, 0
			next := ""
			for b.Loop() {
				p, err := f.query(q.text, maxPage, next)
				if err != nil {
					b.Fatal(err)
				}
				next, bytes = p.next, bytes+len(p.rows)
				rows += strings.Count(string(p.rows), `"deviceId"`)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
			b.ReportMetric(float64(rows)/float64(b.N), "rows/page")
			b.ReportMetric(float64(bytes)/float64(b.N), "bytes/page")
			b.ReportMetric(perDevice, "bytes/device")
		})
	}
	b.Run("group", func(b *testing.B) {
		for b.Loop() {
			f.groups = groupCache{}
			if _, err := f.query("SELECT properties.reported.edgenet.status AS s, COUNT() AS n FROM devices.modules "+
				"WHERE moduleId = 'edgenet' GROUP BY properties.reported.edgenet.status", 100, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("stale", func(b *testing.B) {
		for b.Loop() {
			f.groups = groupCache{}
			if _, err := f.query("SELECT COUNT() AS n FROM devices.modules WHERE moduleId = 'edgenet' AND "+
				"properties.reported.edgenet.checkedAt < '2026-03-01T00:00:00Z'", 100, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("retarget", func(b *testing.B) {
		for b.Loop() {
			f.retargetAll(f.now())
		}
	})
}

func million(b *testing.B) (*Fleet, float64) {
	var before, after goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&before)
	f := newFleet(b, Options{Devices: MaxDevices, Seed: 1, Changes: 10 * 24 * time.Hour})
	goruntime.GC()
	goruntime.ReadMemStats(&after)
	return f, float64(after.HeapAlloc-before.HeapAlloc) / MaxDevices
}
