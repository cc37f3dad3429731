// Package secret keeps what must never be printed: proxy passwords, shared access keys,
// SAS signatures. Value is the type for a secret that is known to be one: every printed form of
// it is masked, and only Reveal gives the text, so that a reader of the code can list the
// places that use it. Show is the one way to show a text that may hold one. A Scrubber
// finds secrets again in what came back from strangers. The package refuses to do
// anything else: no encryption, no zeroing of memory that the garbage collector has
// already copied.
package secret
