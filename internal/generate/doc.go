// Package generate writes the text for every place where a device's UpstreamProtocol and
// proxy are set, from one protocol and one proxy, with the escaping that each place
// needs, merged with what is there where that is safe; and the steps to apply and verify
// it in an order that never strands the device. It writes no file itself and contacts
// nothing. Plan is the entry point.
package generate
