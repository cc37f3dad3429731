package hop

import (
	"testing"
	"time"
)

// TestWaysAreCountedOnce: links are listed once for all who ask within a while.
func TestWaysAreCountedOnce(t *testing.T) {
	t.Parallel()
	i := &Interfaces{ways: !severalWays(), counted: time.Now()}
	if i.several() == severalWays() {
		t.Error("counted again at once")
	}
	i.counted = time.Now().Add(-2 * tableAge)
	if i.several() != severalWays() {
		t.Error("never counted again")
	}
}
