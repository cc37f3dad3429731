// Release builds everything that is handed out of one version, from a checkout and
// without network: archives for Linux, Windows and macOS, deb and rpm packages with man
// pages, completion and unit files, container images of the command line, a list of what
// is inside (CycloneDX), a statement of how it was built (SLSA), manifests for winget and
// Homebrew, and the checksums of all of them.
//
//	go run -C internal/release . --version 1.2.3 --out dist
//
// The same source, Go version and flags give the same bytes. It publishes nothing and
// signs nothing: whoever publishes signs SHA256SUMS with a key of their own.
package main
