// Package interop tries what discovery reads and generate writes with the programs that
// it is for: systemd parses the drop-ins, podman and dockerd answer on their sockets,
// dockerd judges daemon.json. Its tests sit behind the build tag interop, need Debian's
// systemd, podman and docker.io, and root.
package interop
