package probe

import (
	"context"
	"sync"
	"testing"
	"time"
)

// TestCalm: a second try waits for the paths under way, and not for ever.
func TestCalm(t *testing.T) {
	t.Parallel()
	s := newSurvey(t.Context(), time.Now())
	defer s.close()
	s.calm(t.Context()) // nobody was ever under way

	first, second := s.underway(), s.underway()
	first()
	short, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	s.calm(short)
	if short.Err() != nil {
		t.Error("more than half of the time was waited away")
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.calm(t.Context())
	}()
	select {
	case <-over:
		t.Error("one path is under way, and nobody waits for it")
	case <-time.After(20 * time.Millisecond):
	}
	second()
	<-over

	third := s.underway()
	third()
	s.calm(t.Context())
}

// TestAlone: second tries go one after the other, and end with their time.
func TestAlone(t *testing.T) {
	t.Parallel()
	s := newSurvey(t.Context(), time.Now())
	defer s.close()
	var wg sync.WaitGroup
	inside := make(chan struct{}, 1)
	for range 8 {
		wg.Go(func() {
			s.alone(t.Context(), func() bool {
				select {
				case inside <- struct{}{}:
				default:
					t.Error("two at a time")
					return false
				}
				time.Sleep(time.Millisecond) // long enough to be met
				<-inside
				return true
			})
		})
	}
	wg.Wait()
	s.turn <- struct{}{}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if s.alone(ended, func() bool { return true }) {
		t.Error("it went although another has the turn")
	}
}
