// Package interop tries every probe and every classifier against servers that nobody
// here wrote: brokers, proxies, web servers and name servers from Debian and npm, on
// loopback, with a throw-away CA. It has tests only, behind the build tag interop:
//
//	go test -tags interop ./internal/verify/interop/
//
// What a server produced is listed in docs/interop.md, which -update writes. A server
// that is not installed is skipped loudly, and fails where EDGENET_CI=1.
package interop
