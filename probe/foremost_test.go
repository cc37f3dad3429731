package probe

import (
	"testing"

	"edgenet/report"
)

// TestForemost: ports are looked at while the paths go on, where the verdict may go by them: also where the
// first of the preference is not in the plan. Later a look costs a round trip that nobody else needs.
func TestForemost(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		plan, want []report.Protocol
	}{
		{[]report.Protocol{report.AMQPWS}, []report.Protocol{report.AMQPWS}},
		{[]report.Protocol{report.MQTTWS, report.AMQPWS, report.HTTPS}, []report.Protocol{report.AMQPWS, report.HTTPS}},
		{report.Protocols(), []report.Protocol{report.AMQP, report.HTTPS}},
		{[]report.Protocol{report.HTTPS}, []report.Protocol{report.HTTPS}},
	} {
		var got []report.Protocol
		for _, p := range (Plan{Host: "hub.example", Routes: Routes(true, nil), Protocols: row.plan}).withDefaults().paths() {
			if p.foremost {
				got = append(got, p.Protocol)
			}
		}
		if len(got) != len(row.want) {
			t.Errorf("%v: %v are looked at, want %v", row.plan, got, row.want)
		}
	}
}
