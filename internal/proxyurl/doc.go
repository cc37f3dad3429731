// Package proxyurl reads proxy settings: the URL with its secret, what a credentials file
// adds, what the environment names, and how each component of the runtime would read the
// same text (Component, Trouble). It is pure: it opens no file, asks no resolver and
// dials nothing, so that whoever only compares or writes settings links no network
// code. Package proxy does the dialling.
package proxyurl
