package inputs

import (
	"slices"

	"edgenet/internal/exit"
	"edgenet/internal/sorting"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// Upstream reads a value of UpstreamProtocol that a flag gives.
func Upstream(flag, s string) (report.Protocol, error) {
	proto, err := report.ParseProtocol(s)
	if err != nil || proto == report.HTTPS {
		return "", exit.Usagef(
			"%s %q: expected AMQP, MQTT, AMQPWS or MQTTWS%s",
			flag,
			report.Clean(s, 40),
			suggest.DidYouMean(s, protocolNames()),
		)
	}
	return proto, nil
}

// Protocols reads the list of --protocol, in the order of reports.
func Protocols(list []string) ([]report.Protocol, error) {
	var out []report.Protocol
	for _, s := range list {
		proto, err := report.ParseProtocol(s)
		if err != nil {
			return nil, exit.Usagef("--protocol: %w%s", err, suggest.DidYouMean(s, protocolNames()))
		}
		if !slices.Contains(out, proto) {
			out = append(out, proto)
		}
	}
	sorting.By(out, func(x, y report.Protocol) int {
		return slices.Index(report.Protocols(), x) - slices.Index(report.Protocols(), y)
	})
	return out, nil
}

func protocolNames() []string {
	var names []string
	for _, p := range report.Protocols() {
		names = append(names, string(p))
	}
	return names
}
