// Package amqp is the server side of AMQP 1.0 (OASIS, October 2012), as much of
// it as an IoT hub shows to its devices: SASL, one connection, sessions, links in
// both directions, unsettled and settled transfers in several frames, flow
// control, heartbeats. No Go library has that side.
//
// Entry point: [Serve] on a connection whose TLS is done. What the links are
// connected to is the [Application]'s business.
//
// It refuses: transactions, link recovery (an attach with unsettled deliveries
// starts from nothing), exactly-once settlement, and to be anybody's broker.
// Everything a stranger sends is bounded: frames, nesting, counts, sessions,
// links, messages, and what waits for a peer that does not read.
//
// References such as "2.7.3" in comments are sections of part 2 (transport) of
// the specification, "1.6" of part 1 (types), "3.2" of part 3 (messaging), "5.3"
// of part 5 (security).
package amqp
