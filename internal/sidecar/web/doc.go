// Package web is the module's side for its neighbours: metrics for the fleet's collector,
// whether it lives and is ready, and how the upstream stands, over plain HTTP on the
// module network. With All it shows the report and the page too.
//
// It is read-only, has no secrets, and refuses requests by a foreign name, more than a few
// connections, and slow readers and writers. It publishes no port: that is the manifest's
// to do, or not. Entry point: [Site].
package web
