package twin

import (
	"fmt"
	"strings"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"edgenet/report"
)

// publication sorts what edgeHub publishes. A topic that cannot be read is noticed and
// left; only what breaks MQTT itself, or does not fit, ends the connection.
func (w *mqttWire) publication(p *packets.PublishPacket) error {
	if p.Qos > 1 {
		return fmt.Errorf("%w: a publication of QoS %d", errPacket, p.Qos)
	}
	if err := w.sort(p.TopicName, p.Payload); err != nil || p.Qos == 0 {
		return err
	}
	ack := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
	ack.MessageID = p.MessageID
	return w.put(ack)
}

func (w *mqttWire) sort(topic string, payload []byte) error {
	switch {
	case strings.HasPrefix(topic, topicTwinResult):
		status, rid, err := parseResult(topic)
		if err != nil {
			return w.odd(topic, err)
		}
		w.twins.resolveText(rid, answer{status, payload})
	case strings.HasPrefix(topic, topicTwinDesired):
		version, err := parseDesiredTopic(topic)
		if err != nil {
			return w.odd(topic, err)
		}
		return w.in.post(event{kind: eventDesired, version: version, body: payload})
	case strings.HasPrefix(topic, topicMethods):
		name, rid, err := parseMethod(topic)
		if err != nil {
			return w.odd(topic, err)
		}
		return w.in.post(event{kind: eventMethod, name: name, call: rid, body: payload})
	default:
		return w.odd(topic, errTopic)
	}
	return nil
}

func (w *mqttWire) odd(topic string, err error) error {
	w.in.notice(fmt.Errorf("%w: %q", err, report.Clean(topic, 100)))
	return nil
}
