// Package desired reads the module's desired properties. Nothing in them is fatal: what
// cannot be used is refused by itself, with the reason in words that stand in the twin,
// and its default counts. It resolves and contacts nothing. Entry point: [Parse].
package desired
