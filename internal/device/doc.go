// Package device reads what this host says of itself as an IoT Edge device: hub, parent,
// identity, upstream protocol, proxies and trust bundle, from every place that sets one,
// each value with its file, key and line. It writes nothing, contacts nothing but the
// container engine's own socket, and decides nothing: which values disagree and what
// that does is for others to say. What cannot be read without root is listed, and what
// is broken is an error with its line; neither stops the rest. Read is the entry point.
package device
