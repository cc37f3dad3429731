package render

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"edgenet/internal/verify/sample"
	"edgenet/report"

	"go.uber.org/goleak"
)

// screen is as much of a terminal as Live needs; a line that would wrap or an
// escape that it does not know fails the test.
type screen struct {
	t            *testing.T
	columns, top int
	mu           sync.Mutex
	rows         [][]rune
	x, y         int
	hidden       bool
	writes       int
}

var escape = regexp.MustCompile("^\x1b\\[(\\??[0-9;]*)([A-Za-z])")

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	for in := string(p); in != ""; {
		if m := escape.FindStringSubmatch(in); m != nil {
			s.obey(m[1], m[2])
			in = in[len(m[0]):]
			continue
		}
		r := []rune(in)[0]
		in = in[len(string(r)):]
		s.put(r)
	}
	return len(p), nil
}

func (s *screen) obey(arg, final string) {
	n, _ := strconv.Atoi(arg)
	switch final {
	case "A":
		if s.y -= n; s.y < s.top {
			s.t.Errorf("moved %d above where it began", s.top-s.y)
			s.y = s.top
		}
	case "K":
		s.line()
		s.rows[s.y] = s.rows[s.y][:min(s.x, len(s.rows[s.y]))]
	case "J":
		s.line()
		s.rows = s.rows[:s.y+1]
		s.rows[s.y] = s.rows[s.y][:min(s.x, len(s.rows[s.y]))]
	case "h", "l":
		if arg != "?25" {
			s.t.Errorf("unknown mode %s", arg)
		}
		s.hidden = final == "l"
	case "m":
	default:
		s.t.Errorf("unknown escape %q", arg+final)
	}
}

func (s *screen) put(r rune) {
	switch r {
	case '\r':
		s.x = 0
		return
	case '\n':
		s.y++
		s.x = 0 // the terminal driver adds the carriage return
		return
	}
	if r < ' ' {
		s.t.Errorf("control character %U", r)
	}
	s.line()
	for len(s.rows[s.y]) < s.x {
		s.rows[s.y] = append(s.rows[s.y], ' ')
	}
	s.rows[s.y] = append(s.rows[s.y][:s.x], append([]rune{r}, s.rows[s.y][min(s.x+1, len(s.rows[s.y])):]...)...)
	s.x++
	if displayWidth(string(s.rows[s.y][:s.x])) > s.columns {
		s.t.Errorf("wrapped: %q", string(s.rows[s.y]))
	}
}

func (s *screen) line() {
	for len(s.rows) <= s.y {
		s.rows = append(s.rows, nil)
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, r := range s.rows {
		b.WriteString(strings.TrimRight(string(r), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// planned is the report as it is before anything ran.
func planned(r *report.Report) *report.Report {
	p := *r
	p.Results, p.Findings, p.Verdict = nil, nil, report.Verdict{}
	for _, res := range r.Results {
		p.Results = append(p.Results, report.Result{ID: res.ID, Endpoint: res.Endpoint, Host: res.Host, Port: res.Port,
			Protocol: res.Protocol, Route: res.Route})
	}
	return &p
}

func TestLiveSettlesAndEndsInTheText(t *testing.T) {
	for name, r := range sample.Reports() {
		for _, o := range []TextOptions{{Width: 60}, {Width: 80, Unicode: true, Color: true},
			{Width: 140, Unicode: true}, {Width: 200, Color: true}} {
			synctest.Test(t, func(t *testing.T) {
				s := &screen{t: t, columns: o.Width}
				l := NewLive(s, o)
				l.Start(planned(r))
				time.Sleep(250 * time.Millisecond)
				synctest.Wait()
				if !s.hidden {
					t.Error("the cursor shows")
				}
				if got := s.String(); !strings.Contains(got, "0 of ") || !strings.Contains(got, "200 ms") {
					t.Errorf("%s %+v: nothing runs:\n%s", name, o, got)
				}
				for _, res := range r.Results {
					l.Update(res)
				}
				time.Sleep(150 * time.Millisecond)
				synctest.Wait()
				if got, n := s.String(), strconv.Itoa(len(r.Results)); !strings.Contains(got, n+" of "+n) {
					t.Errorf("%s %+v: not settled:\n%s", name, o, got)
				}
				if err := l.Finish(r); err != nil {
					t.Error(err)
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				o.Color = false
				if got, want := s.String(), text(t, r, o); got != want {
					t.Errorf("%s %+v: the rows are not replaced:\n%s\nwant\n%s", name, o, got, want)
				}
				if s.hidden {
					t.Error("the cursor stays hidden")
				}
			})
		}
	}
}

func TestLiveRowsGolden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		r := sample.ProxyOnly()
		for _, o := range []TextOptions{{Width: 60}, {Width: 80, Unicode: true}, {Width: 140, Unicode: true},
			{Width: 80, Height: 9, Unicode: true}} {
			s := &screen{t: t, columns: o.Width}
			l := NewLive(s, o)
			l.Start(planned(r))
			time.Sleep(1234 * time.Millisecond)
			l.Update(r.Results[1])
			l.Update(r.Results[5])
			l.Update(r.Results[7])
			time.Sleep(frameEvery)
			synctest.Wait()
			b.WriteString("==== " + strconv.Itoa(o.Width) + " columns, height " + strconv.Itoa(o.Height) + "\n" +
				s.String())
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if got := s.String(); got != "\n" || s.hidden {
				t.Errorf("Close leaves %q, cursor hidden %v", got, s.hidden)
			}
		}
		golden(t, "testdata/live.golden", b.String())
	})
}

func TestLiveDrawsAtMostTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := sample.ProxyOnly()
		s := &screen{t: t, columns: 80}
		l := NewLive(s, TextOptions{Width: 80})
		l.Start(planned(r))
		for range 1000 {
			l.Update(r.Results[0])
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.writes > 13 {
			t.Errorf("%d writes in a second", s.writes)
		}
		go l.Close()
	})
}

func TestLiveFromManyGoroutines(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := sample.ProxyOnly()
	s := &screen{t: t, columns: 100}
	l := NewLive(s, TextOptions{Width: 100, Unicode: true})
	l.Start(planned(r))
	l.Start(planned(r))
	var wg sync.WaitGroup
	for _, res := range r.Results {
		wg.Go(func() {
			for range 50 {
				l.Update(res)
			}
			l.Update(report.Result{ID: "not planned"})
		})
	}
	wg.Wait()
	if err := l.Finish(r); err != nil {
		t.Error(err)
	}
	l.Update(r.Results[0]) // late, and harmless
	if got := s.String(); got != text(t, r, TextOptions{Width: 100, Unicode: true}) {
		t.Error(got)
	}
}

func TestLiveWithoutStart(t *testing.T) {
	defer goleak.VerifyNone(t)
	var b bytes.Buffer
	l := NewLive(&b, TextOptions{})
	if err := l.Close(); err != nil || b.Len() > 0 {
		t.Errorf("%v %q", err, b.String())
	}
	l.Start(planned(sample.AllOK()))
	if b.Len() > 0 {
		t.Error("it starts after the end")
	}
}

func TestLiveQuietShowsNoRows(t *testing.T) {
	var b bytes.Buffer
	l := NewLive(&b, TextOptions{Quiet: true})
	l.Start(planned(sample.AllOK()))
	if err := l.Finish(sample.AllOK()); err != nil || b.String() != sample.AllOK().Verdict.Reason+"\n" {
		t.Errorf("%v %q", err, b.String())
	}
}

func TestLiveTellsOfABrokenTerminal(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := NewLive(broken{}, TextOptions{})
	l.Start(planned(sample.AllOK()))
	if err := l.Finish(sample.AllOK()); !errors.Is(err, bytes.ErrTooLarge) {
		t.Error(err)
	}
}
