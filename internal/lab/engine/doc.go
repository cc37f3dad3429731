// Package engine is a container engine's API without an engine behind it: images are
// pulled at once, containers are told of and none is run. It is what the IoT Edge daemon
// needs of Docker (docker-rs of iotedge 1.6: sixteen endpoints), so that the real daemon
// can be tried where no container may run.
//
// A container's processes are those of this system that say by the variable
// IOTEDGE_MODULEID that they are that module: the daemon asks for them to know who calls
// its workload API.
package engine
