package hop

import (
	"cmp"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// lookEvery is how often it is looked whether a byte was acknowledged.
const lookEvery = 20 * time.Millisecond

// OneByte says a byte that begins no TLS and no request, and waits for its acknowledgement by the peer's system;
// what comes in place of that is the error. Told is false where this system does not tell.
func OneByte(ctx context.Context, c net.Conn) (acked, told bool, err error) {
	if _, told = Acknowledged(c); !told {
		return false, false, nil
	}
	if _, err = c.Write([]byte{0}); err != nil {
		return false, true, err
	}
	for ctx.Err() == nil {
		if acked, _ = Acknowledged(c); acked {
			return true, true, nil
		}
		_ = c.SetReadDeadline(time.Now().Add(lookEvery)) // fails only on a closed connection, which the read says
		if n, err := c.Read(make([]byte, 1)); n > 0 || err != nil && neterr.Of(err) != neterr.Timeout {
			return n > 0, true, err
		}
	}
	return false, true, ctx.Err()
}

// Acknowledged tells whether the peer's system has acknowledged any byte behind the SYN.
func Acknowledged(c net.Conn) (yes, told bool) {
	raw(c, func(r syscall.RawConn) {
		_, bytes, known := counted(r)
		yes, told = bytes > 1, known
	})
	return yes, told
}

// Tap keeps the first bytes that came, for what turns out to be another protocol.
type Tap struct {
	net.Conn
	First []byte
	Keep  int // so many of them; zero means 64
	// Who cancels a handshake closes its connection beside it.
	came        atomic.Bool // something did
	mu          sync.Mutex
	acked, told bool // of what was sent
}

func (t *Tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if n > 0 {
		t.came.Store(true)
	}
	if room := cmp.Or(t.Keep, 64) - len(t.First); room > 0 && n > 0 {
		t.First = append(t.First, p[:min(n, room)]...)
	}
	return n, err
}

// Close notes before whether anything was acknowledged, where nothing has come: crypto/tls closes what is silent
// for too long.
func (t *Tap) Close() error {
	if !t.came.Load() {
		t.acknowledged()
	}
	return t.Conn.Close()
}

// acknowledged is what was so when it was asked for first: a closed connection tells nothing.
func (t *Tap) acknowledged() (yes, told bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.told {
		t.acked, t.told = Acknowledged(t.Conn)
	}
	return t.acked, t.told
}

// unanswered says what became of a hello that nothing answered, as far as this system tells: what is said in
// a tunnel the proxy's system acknowledges.
func (t *Tap) unanswered(c report.Cause, tunnel bool, d *report.TLSDetail) string {
	if c != report.TLSTimeout || len(t.First) > 0 || tunnel {
		return ""
	}
	acked, told := t.acknowledged()
	if !told {
		return ""
	}
	if d.Acknowledged = &acked; acked {
		return "; what was sent was acknowledged, and no byte came back"
	}
	return "; nothing that was sent was acknowledged"
}
