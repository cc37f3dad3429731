package probe

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/amqpwire"
	"edgenet/internal/hop"
)

// Farewells are the goodbyes that are still under way when the report of a run stands: nothing
// in it depends on them. The zero value is ready.
type Farewells struct{ wg sync.WaitGroup }

// Wait gives the peers time to answer, at most so long. A peer that hears a goodbye and then
// the end of the program closes as well; what it answers to a program that is gone is refused by
// this host's kernel, and a peer nearby could see that before it has read the goodbye.
func (f *Farewells) Wait(most time.Duration) {
	done := make(chan struct{})
	go func() { f.wg.Wait(); close(done) }()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// handOver lets another one wait for the goodbyes of a run, or waits itself where there is none;
// gone is called at their end.
func (f *Farewells) handOver(to *Farewells, gone func()) {
	if to == nil {
		f.wg.Wait()
		gone()
		return
	}
	to.wg.Go(func() { f.wg.Wait(); gone() })
}

// Of an AMQP peer that refuses after its OPEN, CLOSE comes with the OPEN or right behind it. It is
// waited for while other paths still need time, and then for a part of a round trip in these bounds.
const (
	afterwordShare = 16
	afterwordLeast = 10 * time.Millisecond
	afterwordMost  = 50 * time.Millisecond
)

// expect counts a path whose proof is awaited, until the function that it gives is called.
func (s *survey) expect() (proven func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unproven++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.unproven--; s.unproven == 0 {
			close(s.proved)
		}
	})
}

// after has something done when the walk is over, the last first: a goodbye, and what has to be
// closed then.
func (a *attempt) after(do func()) { a.byes = append(a.byes, do) }

// part does what is left when a walk is over, and calls gone then; one that lingers has it done
// beside everything else.
func (a *attempt) part(lingers bool, gone func()) {
	end := func() {
		for i := len(a.byes) - 1; i >= 0; i-- {
			quietly(a.byes[i])
		}
		gone()
	}
	if lingers {
		a.survey.farewells.wg.Go(end)
		return
	}
	end()
}

// quietly keeps a panic in a parser of strangers' bytes from the program: what the path tells is
// told by then.
func quietly(do func()) {
	defer func() { _ = recover() }()
	do()
}

// lastWord is what a peer said to a goodbye.
type lastWord struct {
	frame    amqpwire.Performative
	refused  bool
	panicked any
}

// goodbye sends CLOSE and reads the peer's: one that carries an error is a refusal
// (a peer that cannot say CLOSE first has to OPEN, part 2, section 2.4.1). An answer without one
// says nothing, and costs no time that nobody else needs.
func (g *greeting) goodbye(ctx context.Context) *hop.Fault {
	if _, err := g.s.Write(amqpwire.Close()); err != nil {
		return nil //nolint:nilerr // the greeting was whole
	}
	g.s.patience(ctx)
	said, gone := make(chan lastWord, 1), make(chan struct{})
	go func() {
		defer close(gone)
		said <- g.hear()
		quietly(func() { g.s.part(ctx) })
	}()
	g.a.after(func() {
		g.s.hurry(ctx)
		<-gone
	})
	w := g.afterword(said)
	switch {
	case w.panicked != nil:
		panic(w.panicked) // the path's own guard tells of it
	case w.refused:
		return g.refused(w.frame)
	}
	return nil
}

// hear reads until the peer's CLOSE, or its end.
func (g *greeting) hear() (w lastWord) {
	defer func() { w.panicked = recover() }() // it runs beside the path, whose guard does not see it
	for range 8 {
		f, err := amqpwire.Read(g.s)
		if err != nil {
			return w // a peer that leaves without a word has greeted all the same
		}
		if f.Code == amqpwire.CodeClose {
			_, _, bad := f.Problem()
			return lastWord{frame: f, refused: bad}
		}
	}
	return w
}

// afterword waits for the peer's last word: as long as other paths need, where this is the only
// walk, and a little longer. Before a login nobody else is waited for, and one of several walks
// waits for the whole word.
func (g *greeting) afterword(said <-chan lastWord) lastWord {
	a := g.a
	if !a.single {
		return <-said
	}
	if a.Depth != DepthAuth {
		a.proven()
		select {
		case w := <-said:
			return w
		case <-a.survey.proved:
		}
	}
	timer := time.NewTimer(min(max(a.waited.Trip()/afterwordShare, afterwordLeast), afterwordMost))
	defer timer.Stop()
	select {
	case w := <-said:
		return w
	case <-timer.C:
		return lastWord{}
	}
}

// hurry says a WebSocket's goodbye, where the peer's answer to the one inside it has not come.
func (s *stream) hurry(ctx context.Context) {
	if s.ws != nil {
		s.patience(ctx)
		_ = s.ws.Close(websocket.StatusNormalClosure, "")
	}
}
