// Package gather looks at a device for package ready: files, sockets, services and
// certificates, everything side by side, each fact with where it came from and, where it
// could not be read, with what would be needed.
//
// It judges nothing, changes nothing and sends no credentials.
//
// The entry point is All.
package gather
