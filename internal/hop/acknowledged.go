package hop

import (
	"context"
	"net"
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

// Close notes before whether anything was acknowledged, where nothing has come: crypto/tls closes what is silent
// for too long.
func (t *Tap) Close() error {
	if len(t.First) == 0 && !t.told {
		t.acked, t.told = Acknowledged(t.Conn)
	}
	return t.Conn.Close()
}

// unanswered says what became of a hello that nothing answered, as far as this system tells: what is said in
// a tunnel the proxy's system acknowledges.
func (t *Tap) unanswered(c report.Cause, tunnel bool, d *report.TLSDetail) string {
	if c != report.TLSTimeout || len(t.First) > 0 || tunnel {
		return ""
	}
	if !t.told {
		t.acked, t.told = Acknowledged(t.Conn)
	}
	if !t.told {
		return ""
	}
	if d.Acknowledged = &t.acked; t.acked {
		return "; what was sent was acknowledged, and no byte came back"
	}
	return "; nothing that was sent was acknowledged"
}
