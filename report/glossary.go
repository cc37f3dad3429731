package report

// Word is a word of the field in plain language.
type Word struct{ Word, Means string }

// Glossary are the words that every screen, page and ticket uses without saying them again.
func Glossary() []Word {
	return []Word{
		{"hub", "Azure IoT Hub: the service in the cloud that the device connects to, at NAME.azure-devices.net"},
		{"edgeAgent", "the container that starts and stops the others; it connects to the hub by itself"},
		{"edgeHub", "the container that passes messages between the device and the hub"},
		{"UpstreamProtocol", "the setting of edgeAgent and edgeHub that chooses their protocol: Amqp (TCP 5671), " +
			"Mqtt (TCP 8883), AmqpWs or MqttWs (TCP 443)"},
		{"daemon", "the service aziot-edged on the host; it always needs HTTPS on TCP 443"},
		{"WebSocket", "a connection inside HTTPS on TCP 443; AmqpWs and MqttWs use it, and it passes through proxies"},
		{"proxy", "a computer of the site that makes connections for others; AMQP and MQTT without WebSocket do not " +
			"go through one"},
		{"TLS inspection", "a device of the site decrypts the traffic and shows its own certificate instead of " +
			"the hub's"},
		{"trust bundle", "the file with the root certificates that the containers trust"},
		{"server name (SNI)", "the hub's name in the first packet of a TLS connection, which filters can read"},
	}
}
