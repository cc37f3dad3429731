package probe

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"edgenet/internal/hop"
)

// TestOneJourneyForTwo: what a path follows to its own port is compared with by others, and its own
// is followed by each.
func TestOneJourneyForTwo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	to := netip.MustParseAddrPort(l.Addr().String())
	s := newSurvey(t.Context(), time.Now())
	defer s.close()
	follow := func(comparison bool) *journey {
		if _, err := s.travel(t.Context(), &hop.Env{}, to, time.Second, comparison); err != nil {
			t.Skip("no SYN can be followed here: ", err)
		}
		return s.journeys[to]
	}
	first := follow(false)
	if follow(true) != first {
		t.Error("followed once more to compare with")
	}
	if follow(false) == first {
		t.Error("the way to a path's own port is another path's")
	}
	s.journeys[to].began = time.Now().Add(-2 * fresh)
	if old := s.journeys[to]; follow(true) == old {
		t.Error("compared with what was long ago")
	}
}
