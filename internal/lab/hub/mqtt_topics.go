package hub

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"edgenet/internal/lab/mqtt"
)

// The hub's topics.
const (
	topicTwinGet      = "$iothub/twin/GET/"
	topicTwinReport   = "$iothub/twin/PATCH/properties/reported/"
	topicTwinResult   = "$iothub/twin/res/"
	topicTwinDesired  = "$iothub/twin/PATCH/properties/desired/"
	topicMethods      = "$iothub/methods/POST/"
	topicMethodResult = "$iothub/methods/res/"
)

func eventsTopic(id Identity) string {
	if id.Module == "" {
		return "devices/" + id.Device + "/messages/events/"
	}
	return "devices/" + id.Device + "/modules/" + id.Module + "/messages/events/"
}

// allowedFilters are what an identity may subscribe to, up to the # that ends
// them all.
func (c *mqttClient) allowedFilter(filter string) bool {
	device := "devices/" + c.id.Device
	switch filter {
	case topicTwinResult + "#", topicTwinDesired + "#", topicMethods + "#":
		return true
	case device + "/messages/devicebound/#":
		return c.id.Module == ""
	case device + "/modules/" + c.id.Module + "/inputs/#", device + "/modules/" + c.id.Module + "/#":
		return c.id.Module != ""
	}
	return false
}

// subscribe: QoS 2 is granted as 1, an unknown filter closes.
func (c *mqttClient) subscribe(p mqtt.Packet) error {
	id, wanted, err := p.Subscribe()
	if err != nil {
		return err
	}
	granted := make([]byte, len(wanted))
	c.mu.Lock()
	for i, s := range wanted {
		if !c.allowedFilter(s.Filter) || len(c.filters) >= maxSubscriptions {
			c.mu.Unlock()
			return violation("a subscription to an unknown topic: " + s.Filter)
		}
		granted[i] = min(s.QoS, 1)
		c.filters[s.Filter] = granted[i]
	}
	c.mu.Unlock()
	c.saveSession()
	return c.send(mqtt.Suback(id, granted))
}

func (c *mqttClient) unsubscribe(p mqtt.Packet) error {
	id, filters, err := p.Subscribe()
	if err != nil {
		return err
	}
	c.mu.Lock()
	for _, s := range filters {
		delete(c.filters, s.Filter)
	}
	c.mu.Unlock()
	c.saveSession()
	if !c.mail.post(func() { _ = c.send(mqtt.Unsuback(id)) }) { // after what is queued already
		return violation("it does not read")
	}
	return nil
}

// publish handles what a client may publish, and only that.
func (c *mqttClient) publish(p mqtt.Packet) error {
	m, err := p.Publish()
	if err != nil {
		return err
	}
	if m.QoS > 1 {
		return violation("a publication of QoS 2")
	}
	switch {
	case strings.HasPrefix(m.Topic, eventsTopic(c.id)), m.Topic+"/" == eventsTopic(c.id):
		err = c.events(m)
	case strings.HasPrefix(m.Topic, topicTwinGet):
		err = c.twinGet(m)
	case strings.HasPrefix(m.Topic, topicTwinReport):
		err = c.twinReport(m)
	case strings.HasPrefix(m.Topic, topicMethodResult):
		err = c.methodResult(m)
	default:
		return violation("a publication to an unknown topic: " + m.Topic)
	}
	if err == nil && m.QoS == 1 {
		err = c.send(mqtt.Puback(m.ID))
	}
	return err
}

// requestID reads $rid from the query that ends a topic; without one the
// connection ends.
func requestID(topic, prefix string) (path, rid string, err error) {
	path, query, _ := strings.Cut(topic[len(prefix):], "?")
	values, perr := url.ParseQuery(query)
	if perr != nil || values.Get("$rid") == "" {
		return "", "", violation("no $rid in " + topic)
	}
	return strings.Trim(path, "/"), values.Get("$rid"), nil
}

func (c *mqttClient) twinGet(m mqtt.Publish) error {
	_, rid, err := requestID(m.Topic, topicTwinGet)
	if err != nil {
		return err
	}
	body, err := c.head.Backend.Twin(c.id)
	if err != nil {
		return c.result(statusOf(err), rid, 0, c.errorBody(err))
	}
	return c.result(200, rid, 0, body)
}

func (c *mqttClient) twinReport(m mqtt.Publish) error {
	_, rid, err := requestID(m.Topic, topicTwinReport)
	if err != nil {
		return err
	}
	version, err := c.head.Backend.Report(c.id, m.Payload)
	if err != nil {
		return c.result(statusOf(err), rid, 0, c.errorBody(err))
	}
	if c.head.Dialect == EdgeHub {
		version = 0 // it acknowledges before it knows
	}
	return c.result(204, rid, version, nil)
}

// errorBody is empty at an edgeHub.
func (c *mqttClient) errorBody(err error) []byte {
	if c.head.Dialect == EdgeHub {
		return nil
	}
	b, jerr := json.Marshal(map[string]any{"errorCode": statusOf(err) * 1000, "message": err.Error()})
	if jerr != nil {
		return nil
	}
	return b
}

// result answers a twin request, where the client listens for answers.
func (c *mqttClient) result(status int, rid string, version int64, body []byte) error {
	topic := fmt.Sprintf("%s%d/?$rid=%s", topicTwinResult, status, url.QueryEscape(rid))
	if version > 0 {
		topic += "&$version=" + strconv.FormatInt(version, 10)
	}
	if !c.listens(topic) {
		return nil
	}
	return c.send(mqtt.Publish{Topic: topic, Payload: body}.Encode())
}

// events takes telemetry: the topic's end is a bag of properties.
func (c *mqttClient) events(m mqtt.Publish) error {
	bag := ""
	if len(m.Topic) > len(eventsTopic(c.id)) {
		bag = m.Topic[len(eventsTopic(c.id)):]
	}
	values, err := url.ParseQuery(strings.TrimPrefix(strings.TrimSuffix(bag, "/"), "?"))
	if err != nil || len(m.Payload) > maxTelemetryBody {
		return violation("telemetry with a bag that is not url-encoded, or too long")
	}
	out := Message{From: c.id, Properties: map[string]string{}, Body: m.Payload}
	for key := range maps.Keys(values) {
		if key == "$.on" {
			out.Output = values.Get(key)
			continue
		}
		out.Properties[key] = values.Get(key)
	}
	if m.Retain {
		out.Properties["mqtt-retain"] = "true"
	}
	return c.head.Backend.Send(out)
}

// methodResult takes a method's answer; the call's id is the $rid.
func (c *mqttClient) methodResult(m mqtt.Publish) error {
	path, rid, err := requestID(m.Topic, topicMethodResult)
	if err != nil {
		return err
	}
	status, err := strconv.Atoi(path)
	if err != nil {
		return violation("a method's answer without status: " + m.Topic)
	}
	if len(m.Payload) > 0 && !json.Valid(m.Payload) {
		return violation("a method's answer that is not JSON")
	}
	c.mu.Lock()
	waiting := c.calls[rid]
	delete(c.calls, rid)
	c.mu.Unlock()
	if waiting {
		c.head.Backend.Answer(rid, Answer{Status: status, Payload: m.Payload})
	}
	return nil
}

// Desired implements Session.
func (c *mqttClient) Desired(patch []byte, version int64) {
	topic := fmt.Sprintf("%s?$version=%d", topicTwinDesired, version)
	if c.listens(topic) {
		c.notify(topic, patch)
	}
}

// Invoke implements Session. A call is queued in the moment in which the client listens,
// so that none follows an UNSUBACK.
func (c *mqttClient) Invoke(call Call) bool {
	topic := topicMethods + url.PathEscape(call.Method) + "/?$rid=" + call.ID
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.covered(topic) || len(c.calls) >= mailboxSize {
		return false
	}
	c.calls[call.ID] = true
	return c.notify(topic, call.Payload)
}
