// Package html writes a report as one page: the file for a ticket and the page that
// the module serves are the same. Everything is in the one file, no script is needed,
// and a strict content-security policy (its own element, and the header's value for a
// server) forbids everything that the page does not hold itself.
//
// It decides nothing: what stands on the page comes from render.Read. It serves
// nothing. Write is the entry point.
package html
