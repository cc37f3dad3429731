// Package devicelog writes the logs of IoT Edge devices that do not exist: weeks of what edgeAgent, edgeHub, the
// daemons and the container engine print, with the noise that healthy devices make, and one fault of the network, of
// the hub or of the host. What is printed follows the runtime's own source code, edition by edition. It knows nothing
// of how logs are read: no pattern, no rule and no test of a reader is its source.
package devicelog
