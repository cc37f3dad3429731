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

	mu    sync.Mutex
	first []byte
	end   error
}

// maxFirst is how many bytes an ear keeps.
const maxFirst = 48

func (e *ear) Read(p []byte) (int, error) {
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
