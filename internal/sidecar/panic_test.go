package sidecar

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/probe"
	"edgenet/report"
)

// TestPanicCostsTheCheck: a mistake of ours in a check, or in a look at a path, is said in the
// log without what it choked on, concludes nothing, and the next check is one as ever.
func TestPanicCostsTheCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bubble(t, func(b *bench) {
			healthy, looks := b.look.check, b.look.watch
			b.look.check = func(ctx context.Context, e machine.StartCheck) (*report.Report, machine.Observation) {
				if b.checks.Load() == 1 {
					b.checks.Add(1)
					panic("slice bounds out of range: http://user:Pl4nted@proxy:1 \x1b[2J")
				}
				return healthy(ctx, e)
			}
			b.look.watch = func(ctx context.Context, p probe.PathName, s desired.Settings) error {
				if b.watches.Load() == 1 {
					b.watches.Add(1)
					panic("nil map")
				}
				return looks(ctx, p, s)
			}
		})
		time.Sleep(24 * time.Hour)
		if err := b.stop(); err != nil {
			t.Fatal(err)
		}
		log := b.log.String()
		if !strings.Contains(log, "a check was lost") || !strings.Contains(log, "slice bounds") ||
			!strings.Contains(log, "nil map") || strings.Contains(log, "Pl4nted") || strings.Contains(log, "\x1b") {
			t.Errorf("%s", log)
		}
		if b.checks.Load() < 4 || b.watches.Load() < 200 || b.state.Status != machine.StatusOK || b.report == nil {
			t.Errorf("%d checks, %d looks, status %s", b.checks.Load(), b.watches.Load(), b.state.Status)
		}
	})
}
