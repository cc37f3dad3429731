// Package interop holds tests of the module against programs that nobody here wrote: a
// real Prometheus scrapes its metrics, and promtool judges them. They are behind the build
// tag interop and need the Debian package prometheus.
package interop
