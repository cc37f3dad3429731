package probe

import (
	"fmt"
	"io"

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
	cut     // a WebSocket whose connection ended without a closing handshake
	garbled // a WebSocket on which something else than its frames came
	strange
)

// silenceOf reads an error met in place of a protocol's answer.
func silenceOf(err error, s *stream) silence {
	if hop.Ended(s.ctx) { // the WebSocket closes its connection by itself then, which looks like a cut
		return timedOut
	}
	if s.ws != nil && (err == io.EOF || websocket.CloseStatus(
		err) != -1) { //nolint:errorlint // NetConn gives bare io.EOF for a proper close, a wrapped one for a cut
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
	if _, alert := neterr.Alert(err); s.ws != nil && !alert {
		return garbled
	}
	return strange
}

// wsCut: the connection went right after the upgrade, before a byte of the protocol came.
func (a *attempt) wsCut(err error) *hop.Fault {
	return a.refailWS(err, report.WSClosed, fmt.Sprintf("the WebSocket to %s was cut right after the upgrade", a.Host))
}

// wsGarbled: who answered 101 does not speak WebSocket.
func (a *attempt) wsGarbled(err error) *hop.Fault {
	return a.refailWS(err, report.WSNotUpgraded,
		fmt.Sprintf("%s answers 101, and what it sends then are no binary WebSocket messages: %s", a.Host,
			neterr.Text(err)))
}

// refailWS turns the websocket step into a failure that showed at the first read.
func (a *attempt) refailWS(err error, c report.Cause, summary string) *hop.Fault {
	return a.trace.Refail(report.HopTarget, report.StageWebSocket, hop.Fault{Cause: c, Summary: summary},
		func(d report.Detail) {
			if w, ok := d.(*report.WebSocketDetail); ok {
				w.Error, w.At = neterr.Text(err), a.env.UTC()
			}
		})
}
