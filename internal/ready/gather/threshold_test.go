package gather

import (
	"testing"
	"time"

	"edgenet/internal/ready"
)

// What cert-renewal's policy.rs takes for a threshold, and what it refuses.
func TestThreshold(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]ready.Threshold{
		"80%": {Percent: 80}, "1%": {Percent: 1}, "10day": {Before: 10 * day}, "90min": {Before: 90 * time.Minute},
		"": {}, "80": {}, "100%": {}, "0%": {}, "10d": {}, "10 day": {}, "99999999999999999day": {},
	} {
		if got := threshold(text); got != want {
			t.Errorf("threshold %q: %+v, want %+v", text, got, want)
		}
	}
}
