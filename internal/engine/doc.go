// Package engine asks this host's container engine, by the Docker Engine API on its Unix
// socket, to run one image once: load, create, attach, start, wait, remove. Podman's
// compatible socket does as well.
//
// It pulls nothing, speaks to no engine over a network, and changes nothing but the one
// container and the one image that it made, which Remove takes away again.
//
// The entry points are Find, Open and Client.Start.
package engine
