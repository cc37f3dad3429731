package lab

// Names of the faults that concern the listener rather than a connection.
const (
	faultRefuse  = "refuse"
	faultDropSYN = "drop-syn"
)

var tcpFaults = []faultKind{
	{name: faultRefuse, layer: layerTCP, about: "the port is closed: connections are refused"},
	{
		name: faultDropSYN, layer: layerTCP,
		about: "connections are never answered, as behind a firewall that drops (Linux only: the listener's queue " +
			"is full)",
	},
	{
		name: "swallow", layer: layerTCP, about: "connections are accepted, and nothing ever comes back",
		conn: func(_ Fault, c *conn) { swallow(c) },
	},
	{
		name: "tcp-close", layer: layerTCP, about: "connections are accepted and closed at once",
		conn: func(_ Fault, c *conn) { bye(c) },
	},
	{
		name: "tcp-reset", layer: layerTCP, about: "connections are accepted and reset at once",
		conn: func(_ Fault, c *conn) { c.reset() },
	},
}
