// Package interop runs clients that nobody here wrote against the lab: the
// vendor's Node SDKs, MQTT and AMQP clients of several languages. Its tests need
// npm's registry, node, mosquitto-clients and python3-qpid-proton, and so stand
// behind a build tag:
//
//	go test -tags interop ./internal/lab/interop
//
// EDGENET_INTEROP_NPM names a folder for the npm packages, to install them once;
// without it they go into a temporary one.
package interop
