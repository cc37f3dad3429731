// Package device reads what this host says of itself as an IoT Edge device. So far
// that is which identities it holds, so that no check throws the runtime's own
// connection out; it writes nothing, contacts nothing, and without the rights to read a
// file says so.
package device
