package hub

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"edgenet/internal/lab/mqtt"
)

// refused is a CONNECT that was answered with a return code other than 0.
type refused struct {
	code byte
	why  error
}

func (r *refused) Error() string { return "mqtt: CONNECT refused: " + r.why.Error() }

// connect reads and judges CONNECT, and answers it.
func (c *mqttClient) connect() (until time.Time, err error) {
	if err := c.deadline(mqttConnectWait); err != nil {
		return until, err
	}
	p, err := mqtt.Read(c.reader, maxMQTTPacket)
	if err != nil {
		return until, err
	}
	if p.Type != mqtt.TypeConnect {
		return until, violation("the first packet is not CONNECT")
	}
	connect, err := p.Connect()
	if err != nil {
		return until, err
	}
	until, err = c.judge(connect)
	var r *refused
	if errors.As(err, &r) {
		c.head.Log("refused", c.id.String(), r.Error())
		_ = c.send(mqtt.Connack(false, r.code)) // it is refused either way
		return until, err
	}
	if err != nil {
		return until, err
	}
	c.idle, c.will = c.keepAlive(connect.KeepAlive), connect.Will
	return until, c.send(mqtt.Connack(c.restoreSession(connect.CleanSession), mqtt.Accepted))
}

// judge holds the CONNECT against the hub's rules: who it is first, then whether
// it is.
func (c *mqttClient) judge(connect mqtt.Connect) (time.Time, error) {
	var never time.Time
	if connect.Protocol != "MQTT" || connect.Level != 4 {
		return never, &refused{mqtt.UnacceptableVersion, errors.New("only MQTT 3.1.1 is spoken")}
	}
	host, id, err := parseUserName(connect.UserName)
	if err != nil {
		return never, &refused{c.malformedUserName(), err}
	}
	c.id = id
	if connect.ClientID != id.String() {
		if c.head.Dialect == EdgeHub {
			return never, &refused{mqtt.ServerUnavailable, errors.New("the client id is not the user name's")}
		}
		return never, &refused{mqtt.IdentifierRejected, errors.New("the client id is not the user name's")}
	}
	if !strings.EqualFold(host, c.head.Backend.Name()) {
		return never, &refused{mqtt.NotAuthorized, errors.New("the user name speaks of another hub")}
	}
	until, err := c.head.Backend.Authenticate(id, Credentials{Token: connect.Password,
		Certificates: c.peer})
	if err != nil {
		return never, &refused{mqtt.NotAuthorized, err}
	}
	if will := connect.Will; will != nil && (will.QoS > 1 || !strings.HasPrefix(will.Topic, eventsTopic(id))) {
		return never, violation("a will that is not telemetry of QoS 0 or 1")
	}
	return until, nil
}

// malformedUserName is edgeHub's answer to any exception, and the hub's to who
// cannot be anybody.
func (c *mqttClient) malformedUserName() byte {
	if c.head.Dialect == EdgeHub {
		return mqtt.ServerUnavailable
	}
	return mqtt.NotAuthorized
}

// keepAlive is one and a half times what the client promised, with each service's
// own cap; edgeHub caps 0 as well.
func (c *mqttClient) keepAlive(seconds uint16) time.Duration {
	wait := time.Duration(seconds) * time.Second * 3 / 2
	limit := hubMaxKeepAlive
	if c.head.Dialect == EdgeHub {
		limit = edgeMaxKeepAlive
	}
	if wait == 0 || wait > limit {
		return limit
	}
	return wait
}

// parseUserName reads {hub}/{device}[/{module}]/?api-version=…; the slash before
// the question mark may be missing, and the question mark too, as in old SDKs.
func parseUserName(name string) (host string, id Identity, err error) {
	path, query, ok := strings.Cut(name, "?")
	if !ok {
		at := strings.LastIndexByte(name, '/')
		if at < 0 {
			return "", id, errors.New("the user name has no api-version")
		}
		path, query = name[:at], name[at+1:]
	}
	values, err := url.ParseQuery(query)
	if err != nil || values.Get("api-version") == "" {
		return "", id, errors.New("the user name has no api-version")
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(parts) < 2 || len(parts) > 3 {
		return "", id, errors.New("the user name is not hub/device or hub/device/module")
	}
	id.Device = parts[1]
	if len(parts) == 3 {
		id.Module = parts[2]
	}
	if !validID(id.Device) || len(parts) == 3 && !validID(id.Module) {
		return "", Identity{}, errors.New("the user name holds no valid id")
	}
	return parts[0], id, nil
}
