package probe_test

import (
	"context"
	"slices"
	"testing"

	"edgenet/internal/lab"
	"edgenet/probe"
	"edgenet/report"
)

// TestQuiet: without CONNECT the hub counts no failed login, and MQTT is judged by the
// layer below it.
func TestQuiet(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "open")
	s.plan.Quiet = func(probe.PathName) bool { return true }
	s.plan.Skip = func(p probe.PathName) bool { return p.Route != report.RouteDirect && !p.Protocol.Proxied() }
	r := probe.Check(context.Background(), s.plan, s.env, nil)
	hold(t, r, nil)
	if len(r.Results) != 8 || len(r.Verdict.Working) != 4 {
		t.Errorf("%d results, %+v", len(r.Results), r.Verdict)
	}
	for path, last := range map[string]report.Stage{"MQTT@direct": report.StageTLS,
		"MQTTWS@direct": report.StageWebSocket, "MQTTWS@proxy": report.StageWebSocket,
		"AMQPWS@proxy": report.StageAMQP} {
		if x := result(t, r, path); x.Steps[len(x.Steps)-1].Stage != last || x.Latency == nil {
			t.Errorf("%s ends with %+v", path, x.Steps[len(x.Steps)-1])
		}
	}
	if slices.ContainsFunc(s.Events(), func(e lab.Event) bool {
		return e.Kind == lab.KindRefused &&
			e.Place == "mqtts"
	}) {
		t.Error("the hub counted a refused login")
	}
}
