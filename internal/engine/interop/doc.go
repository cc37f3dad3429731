// Package interop tries the image and the check from a container against container
// engines that nobody here wrote: podman's Docker-compatible socket, podman and runc
// themselves, and qemu for the other architectures. Its tests run with -tags interop and
// need root; every test has network namespaces, an engine and storage of its own.
package interop
