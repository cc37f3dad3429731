// Package outputs is the table of all formats in which reports are written, and writes
// them: on standard output, and into files, of which none costs another. It draws nothing
// itself.
package outputs
