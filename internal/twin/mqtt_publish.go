package twin

import (
	"fmt"
	"strings"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// publication sorts what edgeHub publishes, and tells whether it was waited for. A topic
// that cannot be read is noticed and left; only what breaks MQTT itself, or does not fit,
// ends the connection.
func (w *mqttWire) publication(p *packets.PublishPacket) (asked bool, err error) {
	if p.Qos > 1 {
		return false, fmt.Errorf("%w: a publication of QoS %d", errPacket, p.Qos)
	}
	if strings.HasPrefix(p.TopicName, topicTwinResult) {
		asked = w.result(p.TopicName, p.Payload)
	} else if err := w.told(p.TopicName, p.Payload); err != nil {
		return false, err
	}
	if p.Qos == 1 {
		ack := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
		ack.MessageID = p.MessageID
		err = w.put(ack)
	}
	return asked, err
}

// result takes the answer to a twin request.
func (w *mqttWire) result(topic string, payload []byte) bool {
	status, rid, err := parseResult(topic)
	if err != nil {
		w.odd(topic, err)
		return false
	}
	return w.twins.resolveText(rid, answer{status, payload})
}

// told takes what edgeHub says by itself.
func (w *mqttWire) told(topic string, payload []byte) error {
	switch {
	case strings.HasPrefix(topic, topicTwinDesired):
		version, err := parseDesiredTopic(topic)
		if err == nil {
			return w.in.post(event{kind: eventDesired, version: version, body: payload})
		}
		w.odd(topic, err)
	case strings.HasPrefix(topic, topicMethods):
		name, rid, err := parseMethod(topic)
		if err == nil {
			return w.in.post(event{kind: eventMethod, name: name, call: rid, body: payload})
		}
		w.odd(topic, err)
	default:
		w.odd(topic, errTopic)
	}
	return nil
}

func (w *mqttWire) odd(topic string, err error) {
	w.in.notice(fmt.Errorf("%w: %q", err, said(topic, 100)))
}
