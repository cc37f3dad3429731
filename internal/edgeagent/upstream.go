package edgeagent

import (
	"strconv"
	"strings"

	"edgenet/report"
)

// The variables that decide the way to the hub. The runtime reads them through .NET's
// configuration, which ignores the case of names.
const (
	VarProtocol = "UpstreamProtocol"
	VarProxy    = "https_proxy"
)

// Reading is what the runtime makes of a value of UpstreamProtocol.
type Reading int

// The readings.
const (
	Unset    Reading = iota // no value
	Exact                   // one of the four names as the runtime writes them
	OddCase                 // accepted in another case or with blanks; iotedge check does not know it
	AsNumber                // 0 to 3, or a list: accepted by .NET's Enum.TryParse, meant by nobody
	Ignored                 // silently taken for unset
	Breaks                  // accepted, and fails later: a number that no protocol has
)

// byNumber is the enumeration's order (Agent.Core/UpstreamProtocol.cs).
var byNumber = []report.Protocol{report.AMQP, report.AMQPWS, report.MQTT, report.MQTTWS}

// ParseUpstream reads a value as edgeAgent and edgeHub do: Enum.TryParse without regard
// to case, and what that refuses counts as unset without a line in the log. The numeric
// forms are .NET's, from its documentation.
func ParseUpstream(value string) (report.Protocol, Reading) {
	trimmed := strings.TrimSpace(value)
	if trimmed == "" {
		return "", Unset
	}
	if n, err := strconv.Atoi(trimmed); err == nil {
		if n < 0 || n >= len(byNumber) {
			return "", Breaks
		}
		return byNumber[n], AsNumber
	}
	bits, parts := 0, strings.Split(trimmed, ",")
	for _, part := range parts {
		i := indexFold(strings.TrimSpace(part))
		if i < 0 {
			return "", Ignored
		}
		bits |= i
	}
	p := byNumber[bits]
	switch {
	case len(parts) > 1:
		return p, AsNumber
	case value == p.RuntimeName():
		return p, Exact
	}
	return p, OddCase
}

func indexFold(name string) int {
	for i, p := range byNumber {
		if strings.EqualFold(name, p.RuntimeName()) {
			return i
		}
	}
	return -1
}
