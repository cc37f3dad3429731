// Package neterr turns the errors of sockets, TLS and SOCKS into typed facts. It is
// the only place that may match an error's text, and each such match says why no
// type serves. It names no cause: what a fact means depends on the stage, and
// belongs to the classifier there.
package neterr
