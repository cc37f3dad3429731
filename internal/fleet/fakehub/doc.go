// Package fakehub is a small hub for the tests of the fleet commands' own packages: the
// service API as far as they call it, over HTTP, with devices that follow deployments in
// memory. It knows a handful of queries by their shape and evaluates no language; what the
// hub really does is the lab's matter. It is in no binary.
package fakehub
