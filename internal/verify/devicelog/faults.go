package devicelog

import "slices"

// Faults are all that there are; the first is none.
func Faults() []Fault {
	healthy := Fault{Name: "none", Setup: Setup{Agent: AMQPWS, Hub: AMQPWS, Proxy: proxyAt}}
	return slices.Concat([]Fault{healthy, {Name: "none, with nothing set", Setup: Setup{Manual: true}}},
		proxyFaults(), portFaults(), nameFaults(), tlsFaults(), hubFaults(), holdFaults(), identityFaults(),
		pullFaults(),
		hostFaults(), deviceFaults())
}

const proxyAt = "proxy.plant.example:3128"

var (
	throughProxy = Setup{Agent: AMQPWS, Hub: AMQPWS, Proxy: proxyAt}
	mqttProxy    = Setup{Agent: MQTTWS, Hub: MQTTWS, Proxy: proxyAt}
	directWS     = Setup{Agent: AMQPWS, Hub: AMQPWS}
	directAMQP   = Setup{Agent: AMQP, Hub: AMQP}
	unset        = Setup{Agent: None, Hub: None}
	hubUnset     = Setup{Agent: AMQPWS, Hub: None}
	directMQTT   = Setup{Agent: MQTT, Hub: MQTT}
)

func before5(r Release) bool { return r.NET < 5 }

func legacy(r Release) bool { return r.Legacy }

func never(Release) bool { return false }

func always(Release) bool { return true }
