package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/Azure/go-amqp"

	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// authMove is the stage auth under way.
type authMove struct {
	a *attempt
	m *hop.Move
	d *report.AuthDetail
}

func (a *attempt) beginAuth() *authMove {
	d := &report.AuthDetail{Identity: report.Clean(a.Identity.Name(), 140), Method: a.Identity.Method()}
	if e := a.Identity.expiry(); !e.IsZero() {
		e = e.UTC()
		d.Expiry = &e
	}
	return &authMove{a, a.trace.Begin(report.HopTarget, report.StageAuth), d}
}

func (x *authMove) ok() *hop.Fault {
	x.m.OK(x.d)
	return nil
}

func (x *authMove) fail(f hop.Fault) *hop.Fault {
	x.d.At = x.a.env.UTC()
	return x.m.Fail(f, x.d)
}

// noToken: the key at hand is none.
func (x *authMove) noToken(err error) *hop.Fault {
	return x.fail(hop.Fault{Cause: report.AuthRejected, Summary: "no token could be made: " + neterr.Text(err)})
}

// refused is the classifier of a refusal of credentials; unknown says that the service
// told that it does not know the identity.
func (x *authMove) refused(unknown bool, said string) *hop.Fault {
	who := x.d.Identity
	x.d.Message = report.Clean(said, 200)
	switch {
	case unknown:
		return x.fail(hop.Fault{Cause: report.AuthUnknownDevice, Summary: fmt.Sprintf("the hub does not know %s: %s",
			who, x.d.Message)})
	case x.d.Expiry != nil && x.d.Expiry.Before(x.a.env.Clock()):
		return x.fail(hop.Fault{Cause: report.AuthExpired, Summary: fmt.Sprintf("the credentials of %s ended on %s",
			who, x.d.Expiry.Format(time.RFC3339))})
	}
	return x.fail(hop.Fault{Cause: report.AuthRejected,
		Summary: fmt.Sprintf("the hub rejects the credentials of %s: %s", who, x.d.Message)})
}

// authMQTT reads the CONNACK of the identity's own CONNECT.
func (a *attempt) authMQTT(code int) *hop.Fault {
	x := a.beginAuth()
	x.d.Status = code
	if code == 0 {
		return x.ok()
	}
	return x.refused(false, fmt.Sprintf("CONNACK %d (%s)", code, connackMeanings[code]))
}

// authHTTP asks for something harmless that a device may read: its own modules, as its
// daemon does. No such call is known for a module, so its path ends here, unaccused.
func (a *attempt) authHTTP(h *exchanger) *hop.Fault {
	if a.Identity.ModuleID != "" {
		return nil
	}
	x := a.beginAuth()
	token, err := a.Identity.token(a.env.Clock())
	if err != nil {
		return x.noToken(err)
	}
	a.trace.Sent(token)
	path := "/devices/" + iothub.Escape(a.Identity.DeviceID) + "/modules"
	var d report.HTTPDetail
	_, body, err := h.get(path+"?api-version="+apiVersion, token.Reveal(), &d)
	if err != nil {
		return x.fail(a.noAnswer(err, h, &d, x.m.Elapsed()))
	}
	x.d.Status, x.d.Condition = d.Status, d.ErrorCode
	switch {
	case d.Status/100 == 2:
		return x.ok()
	case d.Status == 404 || strings.Contains(d.ErrorCode, "NotFound"):
		return x.refused(true, d.ErrorCode)
	case d.Status == 401 || d.Status == 403:
		return x.refused(false, fmt.Sprintf("%d %s %s", d.Status, d.ErrorCode, errorMessage(body)))
	}
	return x.fail(hop.Fault{Cause: report.HTTPStatus,
		Summary: fmt.Sprintf("the hub answers the authorised request with %d %s", d.Status, d.ErrorCode)})
}

// errorMessage takes the message out of the two shapes of the hub's error bodies.
func errorMessage(body []byte) string {
	var e struct{ Message string }
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	return e.Message
}

// authAMQP logs in on a connection of its own, as go-amqp greets by itself: token by
// CBS (none for X.509), then a link that only an authorised identity gets.
func (a *attempt) authAMQP(ctx context.Context) *hop.Fault {
	x := a.beginAuth()
	second := &attempt{Path: a.Path, env: a.env, trace: a.trace.Aside(), start: time.Now()}
	a.after(func() { _ = second.trace.Steps() }) // waits for what runs beside
	s, fault := second.stream(ctx)
	if fault != nil {
		return x.fail(*fault)
	}
	a.after(func() { s.drop(); _ = s.session.Close() })
	conn, err := amqp.NewConn(ctx, s, &amqp.ConnOptions{SASLType: amqp.SASLTypeAnonymous(), HostName: a.Host,
		ContainerID: madeUpDevice})
	if err != nil {
		return x.amqpFault(err)
	}
	a.after(func() { _ = conn.Close() }) // CLOSE ends the link, too; a WebSocket's goodbye takes a round trip
	sess, err := conn.NewSession(ctx, nil)
	if err != nil {
		return x.amqpFault(err)
	}
	if a.Identity.Certificate == nil {
		if fault := x.putToken(ctx, sess); fault != nil {
			return fault
		}
	}
	if _, err := sess.NewSender(ctx, "/"+devicePath(a.Identity)+"/messages/events", nil); err != nil {
		return x.amqpFault(err)
	}
	return x.ok()
}

func devicePath(i *Identity) string {
	p := "devices/" + iothub.Escape(i.DeviceID)
	if i.ModuleID != "" {
		p += "/modules/" + iothub.Escape(i.ModuleID)
	}
	return p
}

// stream walks to what AMQP is spoken over.
func (a *attempt) stream(ctx context.Context) (*stream, *hop.Fault) {
	conn, fault := a.reach(ctx)
	if fault != nil {
		return nil, fault
	}
	session, fault := hop.Handshake(ctx, a.env, a.trace, report.HopTarget, conn, a.tlsOptions())
	if fault != nil {
		_ = conn.Close()
		return nil, fault
	}
	s, fault := a.layer(ctx, session)
	if fault != nil {
		_ = session.Close()
	}
	return s, fault
}

// putToken gives the token to the CBS node and reads its verdict (AMQP claims-based
// security, working draft).
func (x *authMove) putToken(ctx context.Context, sess *amqp.Session) *hop.Fault {
	id := x.a.Identity
	token, err := id.token(x.a.env.Clock())
	if err != nil {
		return x.noToken(err)
	}
	x.a.trace.Sent(token)
	in, err := sess.NewReceiver(ctx, "$cbs", nil)
	if err != nil {
		return x.amqpFault(err)
	}
	out, err := sess.NewSender(ctx, "$cbs", nil)
	if err != nil {
		return x.amqpFault(err)
	}
	to, replyTo := "$cbs", "cbs"
	err = out.Send(ctx, &amqp.Message{
		Properties: &amqp.MessageProperties{MessageID: "1", To: &to, ReplyTo: &replyTo},
		ApplicationProperties: map[string]any{"operation": "put-token", "type": "servicebus.windows.net:sastoken",
			"name": id.HostName + "/" + devicePath(id)},
		Value: token.Reveal(),
	}, nil)
	if err != nil {
		return x.amqpFault(err)
	}
	reply, err := in.Receive(ctx, nil)
	if err != nil {
		return x.amqpFault(err)
	}
	_ = in.AcceptMessage(ctx, reply) // courtesy: the verdict is read
	return x.cbsVerdict(reply)
}

func (x *authMove) cbsVerdict(reply *amqp.Message) *hop.Fault {
	code, _ := reply.ApplicationProperties["status-code"].(int32)
	words, _ := reply.ApplicationProperties["status-description"].(string)
	x.d.Status = int(code)
	switch {
	case code/100 == 2:
		return nil
	case code == 404:
		return x.refused(true, fmt.Sprintf("CBS %d %s", code, words))
	case code == 401 || code == 403 || code == 400:
		return x.refused(false, fmt.Sprintf("CBS %d %s", code, words))
	}
	return x.fail(hop.Fault{Cause: report.AMQPError, Summary: fmt.Sprintf("the hub answers the token with CBS %d %s",
		code, report.Clean(words, 120))})
}

// amqpFault is the classifier of go-amqp's errors during a login.
func (x *authMove) amqpFault(err error) *hop.Fault {
	var e *amqp.Error
	if errors.As(err, &e) && e != nil {
		x.d.Condition = report.Clean(string(e.Condition), 80)
		switch {
		case e.Condition == amqp.ErrCondUnauthorizedAccess, e.Condition == amqp.ErrCondNotAllowed &&
			strings.Contains(e.Description, "authenticat"):
			return x.refused(false, x.d.Condition+" "+e.Description)
		case e.Condition == amqp.ErrCondNotFound:
			return x.refused(true, x.d.Condition+" "+e.Description)
		}
		return x.fail(hop.Fault{Cause: report.AMQPError, Summary: fmt.Sprintf("the hub refuses with %s %s",
			x.d.Condition, report.Clean(e.Description, 120))})
	}
	host := x.a.Host
	switch neterr.Of(err) {
	case neterr.Timeout, neterr.Canceled:
		return x.fail(hop.Fault{Cause: report.AMQPTimeout,
			Summary: fmt.Sprintf("the login at %s got no answer within %s", host, hop.Seconds(x.m.Elapsed()))})
	case neterr.EOF, neterr.Reset:
		return x.fail(hop.Fault{Cause: report.AMQPClosed,
			Summary: fmt.Sprintf("%s closed the connection during the login", host)})
	}
	return x.fail(hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("the login at %s failed: %s", host,
		neterr.Text(err))})
}
