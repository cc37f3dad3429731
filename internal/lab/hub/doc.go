// Package hub is the lab's IoT hub: a registry of devices and modules with their
// twins, and the heads that talk to them: AMQP, MQTT and HTTPS. The edgeHub in
// front of it is the same heads with [Dialect] EdgeHub over another [Backend].
//
// It keeps everything in memory, bounded, and forgets it at the end. It is made
// to be talked to by clients of an IoT hub, and for nothing else: no routing, no
// persistence, no scale. What it has not of the service API, [More] may have.
package hub
