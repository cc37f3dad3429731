// Package interop runs the module's client against servers that nobody here wrote:
// mosquitto as edgeHub's MQTT side, with the topics as mosquitto's own clients see them,
// and rhea (npm) as its AMQP side. It has tests only, behind the build tag interop:
//
//	go test -tags interop ./internal/twin/interop
//
// A server that is not installed is skipped loudly, and fails where EDGENET_CI=1.
package interop
