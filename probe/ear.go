package probe

import (
	"net"
	"strings"
	"sync"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// ear keeps what a connection said first and how it ended: parsers hide both behind
// complaints of their own. It may be asked while others read.
type ear struct {
	net.Conn
	// spoken holds reads back until something was written or the connection closed: a
	// peer that speaks first makes net/http log its words. Nil means no waiting.
	spoken chan struct{}
	once   sync.Once

	mu    sync.Mutex
	first []byte
	end   error
}

// maxFirst is how many bytes an ear keeps.
const maxFirst = 48

// Write lets reads begin.
func (e *ear) Write(p []byte) (int, error) {
	e.speak()
	return e.Conn.Write(p)
}

// Close lets reads end.
func (e *ear) Close() error {
	e.speak()
	return e.Conn.Close()
}

func (e *ear) speak() {
	if e.spoken != nil {
		e.once.Do(func() { close(e.spoken) })
	}
}

func (e *ear) Read(p []byte) (int, error) {
	if e.spoken != nil {
		<-e.spoken
	}
	n, err := e.Conn.Read(p)
	e.mu.Lock()
	defer e.mu.Unlock()
	if room := maxFirst - len(e.first); room > 0 {
		e.first = append(e.first, p[:min(n, room)]...)
	}
	if err != nil {
		e.end = err
	}
	return n, err
}

// heard is what is known where a parser of HTTP failed with err: the first bytes, fit
// for a report, whether they can be HTTP's, and the kind of the connection's end, or of
// err where it did not end.
func (e *ear) heard(err error) (first string, isHTTP bool, kind neterr.Kind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.end != nil && neterr.Of(err) == neterr.Other {
		err = e.end
	}
	const start = "HTTP/"
	n := min(len(e.first), len(start))
	return report.CleanBytes(e.first, maxFirst), strings.HasPrefix(start, string(e.first[:n])), neterr.Of(err)
}
