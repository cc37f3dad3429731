// Package interop loads the fleet's job, rules and dashboard by the tools that they are
// for. Build tag interop.
package interop
