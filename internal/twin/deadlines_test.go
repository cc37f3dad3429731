package twin

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// sockets are the two ends of a TCP connection.
func sockets(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if near, err = net.Dial("tcp", l.Addr().String()); err == nil {
		far, err = l.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

func withDeadlines(t *testing.T) (*stream, net.Conn) {
	t.Helper()
	near, far := sockets(t)
	s := &stream{Conn: near, deadlines: deadlines{distant: 50 * time.Millisecond}}
	t.Cleanup(s.deadlines.rest)
	return s, far
}

// reads tells how long a read took that nobody answers.
func reads(t *testing.T, d *stream) time.Duration {
	t.Helper()
	begun := time.Now()
	if _, err := d.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, expected the deadline", err)
	}
	return time.Since(begun)
}

func TestDistantDeadlinesForReading(t *testing.T) {
	t.Parallel()
	d, far := withDeadlines(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	in := func(wait time.Duration) { t.Helper(); must(d.SetReadDeadline(time.Now().Add(wait))) }
	in(200 * time.Millisecond)
	if took := reads(t, d); took < 190*time.Millisecond {
		t.Errorf("a read ended after %s of 200 ms", took)
	}
	reads(t, d) // it has passed, and stays passed
	in(200 * time.Millisecond)
	must(d.SetWriteDeadline(time.Now().Add(time.Hour)))
	time.AfterFunc(100*time.Millisecond, func() { _ = d.SetReadDeadline(time.Now().Add(400 * time.Millisecond)) })
	if took := reads(t, d); took < 390*time.Millisecond {
		t.Errorf("a read whose deadline was put off ended after %s", took)
	}
	in(time.Hour)
	in(10 * time.Millisecond) // a near one in place of a distant one
	if took := reads(t, d); took > plentyOfTime {
		t.Errorf("a read ended after %s of 10 ms", took)
	}
	in(10 * time.Millisecond) // a distant one, and none, in place of near ones
	in(time.Hour)
	time.Sleep(30 * time.Millisecond)
	answered(t, d, far)
	in(100 * time.Millisecond)
	must(d.SetDeadline(time.Time{}))
	time.Sleep(150 * time.Millisecond)
	answered(t, d, far)
	d.deadlines.rest()
	in(100 * time.Millisecond) // without an alarm it is the connection's own
	reads(t, d)
}

const plentyOfTime = 10 * time.Second

// answered reads what comes a little later.
func answered(t *testing.T, d *stream, far net.Conn) {
	t.Helper()
	time.AfterFunc(20*time.Millisecond, func() { _, _ = far.Write([]byte{1}) })
	if _, err := d.Read(make([]byte, 1)); err != nil {
		t.Error("without a deadline:", err)
	}
}

func TestDeadlinesForWriting(t *testing.T) {
	t.Parallel()
	d, _ := withDeadlines(t)
	_ = d.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := d.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(80 * time.Millisecond)
	if _, err := d.Conn.Write([]byte{1}); err != nil {
		t.Error("a deadline outlived what was written:", err)
	}
	if _, err := d.Write([]byte{1}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v after the deadline", err)
	}
	begun := time.Now()
	_ = d.SetDeadline(begun.Add(100 * time.Millisecond))
	var err error
	for err == nil { // nobody reads
		_, err = d.Write(make([]byte, 1<<16))
	}
	if took := time.Since(begun); !errors.Is(err, os.ErrDeadlineExceeded) || took < 90*time.Millisecond {
		t.Errorf("%v after %s, expected the deadline of 100 ms", err, took)
	}
}
