// Package dps is the lab's Device Provisioning Service: it takes registrations over HTTPS,
// over MQTT and over MQTT in a WebSocket, lets the device ask until it is assigned, and
// registers it at the lab's hub.
//
// Paths, topics and bodies are those that the runtime's identity service (api-version
// 2021-06-01) and the vendor's device SDKs (2019-03-31) send and read. A device proves
// itself by a key of its own, by one derived from a group's, or by a certificate of the
// group's CA. TPM is refused, AMQP is somebody else's (Options.AMQP), and every device is sent
// to this one hub.
package dps
