// Package bundle is one file for support: what several commands say of a device, as members
// of a zip archive. It writes and reads the archive; what the members say is their
// commands' matter.
package bundle
