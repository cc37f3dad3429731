// Package jsonedit reads JSON with the place of every value in its text, and changes
// values so that every other byte stays as it was: order, numbers, white space and
// escapes are the author's. It refuses to format, to sort and to guess: what is no JSON
// is a SyntaxError with line and column. Parse is the entry point.
package jsonedit
