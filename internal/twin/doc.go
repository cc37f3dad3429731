// Package twin is a module's client of its edgeHub: twin, direct methods and
// telemetry over AMQP, MQTT, and both inside WebSocket. FromEnvironment finds who
// the module is and what proves it, Open logs in by the first transport that
// works, and the Session does the rest until Done.
//
// It refuses to connect to the hub itself: a second connection of an identity
// throws the runtime's own one out. It never writes a secret before the peer's
// certificate was verified, never reconnects by itself once a session is lost (its
// owner decides when), and believes nothing that edgeHub says to be small, timely
// or well formed: what arrives is bounded in size, depth, number and rate.
package twin
