// Package edgeagent is a model of how the IoT Edge daemon and edgeAgent decide which
// environment the containers get: what `iotedge config apply`, a restart, the removal of
// a container and a deployment lead to. It is pure, knows the two variables that matter
// on the way to the hub alone, and cites the fact that each rule follows from. It does
// not read configuration or manifests. State and its methods are the entry point.
package edgeagent
