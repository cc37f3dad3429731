// Package practice knows what of an image, a port, a variable, a container's rights or a
// login does not belong on a device in production. The rows of ready and the rules of
// manifest lint ask it alike, so that they cannot disagree. It refuses to read files and to
// word answers. SplitImage, Rights and SecretName are the entry points.
package practice
