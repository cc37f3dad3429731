package amqp

// For the tests of package amqp_test, which may import what imports this one.
var (
	AppendFrame = func(p Performative, payload []byte) []byte { return appendFrame(nil, frameAMQP, 0, p, payload) }
	Recorded    = recorded
)

// ReadPerformative reads a frame and what is in it.
func ReadPerformative(b []byte) (Performative, []byte, error) {
	p, payload, err := parse(b[frameHeaderSize:], parsers)
	if err != nil {
		return nil, nil, err
	}
	return p, payload, nil
}

// List is a performative as it stands on the wire.
func List(p Performative) []any { return p.list() }
