// Package suggest says what was probably meant by a word that is none: a flag, a command,
// a format, a code. It compares letters and knows no list of its own.
package suggest
