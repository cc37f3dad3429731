package command

import (
	"fmt"
	"io"
	"sync"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/fleet/rollout"
	"edgenet/internal/fleet/show"
	"edgenet/internal/secret"
	"edgenet/report"
	"edgenet/report/render"
)

// progress is a line on a terminal's standard error: what is done, how fast, and how
// long it will take. Elsewhere it is silent, but for long waits.
type progress struct {
	w     io.Writer
	width int // 0: no terminal
	quiet bool

	mu     sync.Mutex
	begun  time.Time
	doing  string
	drawn  time.Time
	on     bool
	warned time.Time
}

func newProgress(con *console.Console, quiet bool) *progress {
	width := con.ErrorWidth()
	if con.Plain() {
		width = 0
	}
	return &progress{w: con.Stderr, width: width, quiet: quiet}
}

// redraw is how often the line changes.
const redraw = 200 * time.Millisecond

// at shows how far something is; of is 0 where nobody knows.
func (p *progress) at(doing string, n, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width == 0 || p.quiet {
		return
	}
	now := time.Now()
	if doing != p.doing {
		p.doing, p.begun, p.drawn = doing, now, time.Time{}
	}
	if now.Sub(p.drawn) < redraw && n != of {
		return
	}
	p.drawn = now
	text := doing + ": " + show.Number(n)
	if of > 0 {
		text += " of " + show.Number(of)
	}
	if took := now.Sub(p.begun); took > time.Second && n > 0 {
		rate := float64(n) / took.Seconds()
		text += fmt.Sprintf(", %s a second", show.Number(int(rate+0.5)))
		if of > n {
			text += ", " + render.Span(time.Duration(float64(of-n)/rate*float64(time.Second)).Round(time.Second)) +
				" left"
		}
	}
	p.draw(text)
}

// say shows a text as it is.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 && !p.quiet && time.Since(p.drawn) >= redraw {
		p.drawn = time.Now()
		p.draw(text)
	}
}

func (p *progress) draw(text string) {
	text = report.Clean(secret.Within(text), 300)
	if r := []rune(text); len(r) > p.width-1 {
		text = string(r[:max(p.width-1, 0)])
	}
	_, _ = fmt.Fprint(p.w, "\r"+text+"\x1b[K")
	p.on = true
}

// waiting tells that the hub wants to be left alone: for long waits also where no terminal
// is, so that a log explains them.
func (p *progress) waiting(what string, d time.Duration) {
	if p.width > 0 {
		p.say(fmt.Sprintf("%s: waiting %s, as it says", what, render.Span(d.Round(time.Second))))
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.quiet && time.Since(p.warned) > time.Minute {
		p.warned = time.Now()
		_, _ = fmt.Fprintf(p.w, "edgenet: %s: waiting %s, as it says\n", secret.Name(what, 120), d.Round(time.Second))
	}
}

// clear takes the line away before something else is printed.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on {
		_, _ = fmt.Fprint(p.w, "\r\x1b[K")
		p.on = false
	}
}

// rollout shows how far a rollout is.
func (p *progress) rollout(x rollout.Progress) {
	text := x.Doing
	if x.Waves > 0 {
		text = fmt.Sprintf("wave %d of %d: %s", x.Wave, x.Waves, text)
	}
	if x.Total > 0 {
		text += fmt.Sprintf(", %s of %s", show.Number(x.Done), show.Number(x.Total))
	}
	if x.Left > 0 {
		text += ", " + render.Span(x.Left.Round(time.Second)) + " left of the window"
	}
	p.say(text)
}
