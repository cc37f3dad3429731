// Package testkit holds what the tests of several packages need, each thing written once:
// a context with an end (Within), output that is read while it is written (Buffer), an
// address without a listener (NobodyAt), a certificate authority, a proxy setting, and
// evidence of experiments in few words. Tests alone import it.
//
// It opens nothing but a listener of loopback that it closes at once, and it judges
// nothing: what is right stands in the test that asks.
package testkit
