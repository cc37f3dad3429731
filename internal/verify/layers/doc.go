// Package layers holds the architecture to its word: its test parses the imports of
// every non-test file of the module and fails on an edge that points up. It has no
// code of its own.
package layers
