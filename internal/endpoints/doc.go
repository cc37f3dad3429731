// Package endpoints lists what a device has to be allowed to reach: hub or parent,
// provisioning service, registries and where they keep their layers, time, and what is
// optional, exactly for this device, from its settings and its deployment manifest. It
// makes up no name: what is a documented pattern is called one. List is the entry point;
// Test probes the list, Failed takes from a report what is still closed.
package endpoints
