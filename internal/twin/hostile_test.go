package twin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

// hostile are the lab's ways to misbehave in place of edgeHub, with the transport that
// meets them and how far it gets.
var hostile = map[string]struct {
	transport twin.Transport
	stage     twin.Stage
}{
	"amqp-not-amqp":      {twin.AMQP, twin.StageLogin},
	"amqp-version":       {twin.AMQP, twin.StageLogin},
	"amqp-no-mechanisms": {twin.AMQP, twin.StageLogin},
	"amqp-sasl-refused":  {twin.AMQP, twin.StageLogin},
	"amqp-close:open":    {twin.AMQP, twin.StageLogin},
	"amqp-reset":         {twin.AMQP, twin.StageLogin},
	"amqp-silent:open":   {twin.AMQP, twin.StageLogin},
	"amqp-error":         {twin.AMQP, twin.StageLogin},
	"amqp-lying-size":    {twin.AMQP, twin.StageLogin},
	"amqp-lying-count":   {twin.AMQP, twin.StageLogin},
	"amqp-flood":         {twin.AMQP, twin.StageLogin},
	"amqp-drip":          {twin.AMQPWS, twin.StageLogin},
	"mqtt-not-mqtt":      {twin.MQTT, twin.StageLogin},
	"mqtt-close":         {twin.MQTT, twin.StageLogin},
	"mqtt-reset":         {twin.MQTT, twin.StageLogin},
	"mqtt-silent":        {twin.MQTT, twin.StageLogin},
	"mqtt-connack:3":     {twin.MQTT, twin.StageLogin},
	"mqtt-connack:77":    {twin.MQTT, twin.StageLogin},
	"mqtt-lying-length":  {twin.MQTT, twin.StageLogin},
	"mqtt-drip":          {twin.MQTTWS, twin.StageLogin}, // a CONNACK 5, whole after 4 seconds
	"tls-drip":           {twin.MQTT, twin.StageTLS},
	"plain-http":         {twin.AMQP, twin.StageTLS},
	"ws-status:403":      {twin.AMQPWS, twin.StageWebSocket},
	"ws-block-page":      {twin.MQTTWS, twin.StageWebSocket},
	"ws-no-subprotocol":  {twin.MQTTWS, twin.StageWebSocket},
	"ws-silent":          {twin.AMQPWS, twin.StageWebSocket},
	"ws-close-after":     {twin.MQTTWS, twin.StageLogin},
	"ws-garbage":         {twin.AMQPWS, twin.StageLogin},
	"ws-lying-length":    {twin.MQTTWS, twin.StageLogin},
}

// Whatever answers in edgeHub's place ends in an error of the right stage, within the
// budget, and the next transport gets its turn.
func TestHostileAtLogin(t *testing.T) {
	t.Parallel()
	for spec, tt := range hostile {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			f, err := lab.ParseFault(places[tt.transport] + "=" + spec)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.SetFault(f); err != nil {
				t.Fatal(err)
			}
			c := config(t, l)
			c.Timeout = 4 * time.Second
			c.Transports = []twin.Transport{tt.transport}
			begin := time.Now()
			_, err = twin.Open(within(t), c, "")
			var failed *twin.OpenError
			if !errors.As(err, &failed) || len(failed.Each) != 1 || failed.Each[0].Stage != tt.stage ||
				errors.Is(err, twin.ErrRefused) && spec != "mqtt-drip" {
				t.Fatalf("got %v", err)
			}
			if took := time.Since(begin); took > plenty/2 {
				t.Errorf("took %s", took)
			}
			if strings.Contains(spec, "lying") != errors.Is(err, twin.ErrFlood) && strings.HasPrefix(spec, "mqtt") {
				t.Errorf("not told as a flood: %v", err)
			}
		})
	}
}

// A connection that is cut ends the session, and the owner opens the next one.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, transport := range twin.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			if err := l.SetFault(lab.Fault{Place: places[transport], Name: "loss", Arg: "3"}); err != nil {
				t.Fatal(err)
			}
			s := open(t, config(t, l), transport)
			if s.Transport() != transport {
				t.Skipf("the login took longer than the connection lives: %s", s.Transport())
			}
			if err := over(t, s); !errors.Is(err, twin.ErrLost) || errors.Is(err, twin.ErrRefused) {
				t.Errorf("ended with %v", err)
			}
			if err := l.ClearFault(places[transport]); err != nil {
				t.Fatal(err)
			}
			again := open(t, config(t, l), transport)
			if _, err := again.Twin(within(t)); err != nil || again.Transport() != transport {
				t.Errorf("again over %s: %v", again.Transport(), err)
			}
		})
	}
}
