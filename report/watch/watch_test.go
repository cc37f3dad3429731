package watch

import (
	"testing"
	"time"

	"edgenet/report"
)

var begin = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func at(minutes int, s Status) Point {
	return Point{At: Moment{begin.Add(time.Duration(minutes) * time.Minute), 2 * time.Second}, Status: s}
}

// An outage of ten minutes in a day of rounds a minute, and an hour in which nobody looked.
func TestShareOutagesAndGaps(t *testing.T) {
	t.Parallel()
	var points []Point
	for m := range 24 * 60 {
		s := OK
		switch {
		case m >= 600 && m < 610:
			s = Down
		case m >= 700 && m < 760:
			continue
		case m == 800:
			s = Degraded
		}
		points = append(points, at(m, s))
	}
	points[3], points[900] = points[900], points[3] // the order of the file does not matter
	tl := Of(points)
	s := tl.Share(begin, begin.Add(24*time.Hour))
	if s.Down != 10*time.Minute || s.Outages != 1 || s.Longest != 10*time.Minute || s.Degraded != time.Minute {
		t.Errorf("got %+v", s)
	}
	if s.No < 59*time.Minute || s.No > 62*time.Minute {
		t.Errorf("nobody looked for %s", s.No)
	}
	if a, ok := s.Availability(); !ok || a < 0.992 || a > 0.993 {
		t.Errorf("availability %v, %v", a, ok)
	}
	if o := tl.Outages(); len(o) != 1 || o[0].For() != 10*time.Minute || !o[0].From.Equal(begin.Add(10*time.Hour)) {
		t.Errorf("outages %+v", o)
	}
	cells := tl.Cells(begin, begin.Add(24*time.Hour), 24)
	if cells[10] != Down || cells[9] != OK || cells[13] != Degraded {
		t.Errorf("cells %v", cells)
	}
	if _, ok := (&Timeline{}).Share(begin, begin.Add(time.Hour)).Availability(); ok {
		t.Error("availability of nothing")
	}
}

// The causes of one outage may change; it stays one.
func TestOneOutageOfTwoCauses(t *testing.T) {
	t.Parallel()
	a, b := at(1, Down), at(2, Down)
	a.Cause, b.Cause = "tcp.timeout", "dns.timeout"
	tl := Of([]Point{at(0, OK), a, b, at(3, OK)})
	if o := tl.Outages(); len(o) != 1 || o[0].For() != 2*time.Minute || o[0].Cause != "tcp.timeout" {
		t.Errorf("got %+v", o)
	}
	if s := tl.Share(begin, begin.Add(3*time.Minute)); s.Outages != 1 || s.Longest != 2*time.Minute {
		t.Errorf("got %+v", s)
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	up := report.AMQP
	for want, r := range map[Status]report.Report{
		OK:       {Verdict: report.Verdict{UpstreamProtocol: &up}},
		Degraded: {Verdict: report.Verdict{UpstreamProtocol: &up, ExitCode: 3}},
		Down:     {Verdict: report.Verdict{ExitCode: 1}},
		Unknown:  {Partial: true, Verdict: report.Verdict{ExitCode: 130}},
	} {
		if got := StatusOf(&r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What a timeline keeps is bounded whatever happens.
func TestBounded(t *testing.T) {
	t.Parallel()
	tl := &Timeline{}
	for i := range 3 * maxSpans {
		tl.Add(at(i, []Status{OK, Down}[i%2]))
	}
	if n := len(tl.Spans()); n > maxSpans || tl.Rounds != 3*maxSpans {
		t.Errorf("%d spans of %d rounds", n, tl.Rounds)
	}
}
