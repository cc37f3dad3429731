// Package interop tries what deploy/module holds with the programs that it is for. Its
// tests run with -tags interop.
package interop
