// Package image makes a container image of one static binary: one layer, no base, no
// shell, no user database, a numeric user. It needs no container engine, downloads
// nothing, and gives the same bytes for the same input.
//
// It refuses a binary that needs a dynamic loader, since the image has none, and one of
// another architecture than the platform says. It pushes nowhere: Layout writes a
// directory that skopeo, crane or podman push, Archive what an engine loads.
//
// The entry point is New.
package image
