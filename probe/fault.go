package probe

import (
	"fmt"
	"io"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// silence is how a protocol's read ended without the protocol's own answer.
type silence int

const (
	timedOut silence = iota
	closed
	cut // a WebSocket whose connection ended without a closing handshake
	strange
)

// silenceOf reads an error met in place of a protocol's answer.
func silenceOf(err error, s *stream) silence {
	if s.ws != nil && (err == io.EOF || websocket.CloseStatus(err) != -1) { //nolint:errorlint // NetConn gives bare io.EOF for a proper close, a wrapped one for a cut
		return closed
	}
	switch neterr.Of(err) {
	case neterr.Timeout, neterr.Canceled:
		return timedOut
	case neterr.EOF, neterr.Reset:
		if s.ws != nil {
			return cut
		}
		return closed
	}
	return strange
}

// wsCut turns the websocket step into a failure: the connection went right after the
// upgrade, before a byte of the protocol came.
func (a *attempt) wsCut(err error) *hop.Fault {
	f := hop.Fault{Cause: report.WSClosed, Summary: fmt.Sprintf("the WebSocket to %s was cut right after the upgrade", a.Host)}
	return a.trace.Refail(report.HopTarget, report.StageWebSocket, f, func(d report.Detail) {
		if w, ok := d.(*report.WebSocketDetail); ok {
			w.Error, w.At = neterr.Text(err), a.env.UTC()
		}
	})
}

// seconds writes a wait.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3g s", d.Seconds()) }
