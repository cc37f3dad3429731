package probe

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/Azure/go-amqp"

	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/secret"
	"edgenet/report"
)

func loginMove() *authMove {
	a := fuzzAttempt(report.AMQP)
	a.Identity = &Identity{ConnectionString: iothub.ConnectionString{DeviceID: "d",
		SharedAccessKey: secret.New("a2V5")}}
	return a.beginAuth()
}

// TestLoginVerdicts: what the CBS node and a link say of an identity.
func TestLoginVerdicts(t *testing.T) {
	t.Parallel()
	hold := func(name string, f *hop.Fault, want report.Cause) {
		t.Helper()
		if (f == nil) != (want == "") || f != nil && f.Cause != want {
			t.Errorf("%s: %+v, want %q", name, f, want)
		}
	}
	for code, want := range map[int32]report.Cause{200: "", 202: "", 400: report.AuthRejected, 401: report.AuthRejected,
		403: report.AuthRejected, 404: report.AuthUnknownDevice,
		402: report.AMQPError, 500: report.AMQPError, 0: report.AMQPError} {
		x := loginMove()
		hold("CBS", x.cbsVerdict(&amqp.Message{ApplicationProperties: map[string]any{"status-code": code,
			"status-description": "said"}}), want)
		if x.d.Status != int(code) {
			t.Errorf("status %d, want %d", x.d.Status, code)
		}
	}
	for _, row := range []struct {
		err  error
		want report.Cause
	}{
		{&amqp.Error{Condition: amqp.ErrCondUnauthorizedAccess}, report.AuthRejected},
		{&amqp.Error{Condition: amqp.ErrCondNotAllowed, Description: "could not be authenticated"},
			report.AuthRejected},
		{&amqp.Error{Condition: amqp.ErrCondNotAllowed, Description: "another"}, report.AMQPError},
		{&amqp.Error{Condition: amqp.ErrCondNotFound}, report.AuthUnknownDevice},
		{&amqp.LinkError{RemoteErr: &amqp.Error{Condition: amqp.ErrCondResourceLimitExceeded}}, report.AMQPError},
		{io.EOF, report.AMQPClosed},
		{errors.New("strange"), report.Unknown},
	} {
		hold(row.err.Error(), loginMove().amqpFault(row.err), row.want)
	}
}

// TestConnectOnTheWire, byte by byte: MQTT 3.1.1, a clean session, user and password.
func TestConnectOnTheWire(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		l    login
		want string
	}{
		{login{"id", "user", secret.New("pw")}, "\x10\x18\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02id\x00\x04user\x00\x02pw"},
		{login{"id", "user", secret.Value{}}, "\x10\x14\x00\x04MQTT\x04\x82\x00\x3c\x00\x02id\x00\x04user"},
	} {
		var b bytes.Buffer
		if err := mqttConnect(row.l).Write(&b); err != nil || b.String() != row.want {
			t.Errorf("%v: %x\nwant %x", err, b.Bytes(), row.want)
		}
	}
}
